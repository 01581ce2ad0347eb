"""Everything the kit raises on purpose. One base, a stable `code` each; mapped to a Problem once, at the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from portico.bff.entity import EntityType, Stored
    from portico.bff.idempotency_record import Outcome


class BffError(Exception):
    """Base of the kit's errors. `code` is stable: programs may depend on it, the words may change."""

    code: ClassVar[str] = "bff-error"


class SettingsError(BffError):
    """The settings a BFF was given do not suffice; the message lists every key that is missing or wrong."""

    code = "invalid-settings"


class DeclarationError(BffError):
    """A route, field or part is declared wrongly; the application does not start."""

    code = "invalid-declaration"


class TokenRefused(BffError):
    """The access token is not one this BFF takes. The message is fit for the client (ASCII, no secrets)."""

    code = "invalid-token"


class KeysUnavailable(BffError):
    """The issuer's keys cannot be had just now, so no token can be judged. Worth another try soon."""

    code = "keys-unavailable"


class AccessRefused(BffError):
    """These claims may not write this kind of entity at all. The refusal is in the audit."""

    code = "access-refused"


class ConflictError(BffError):
    """The row is not at the version the change was made for; nothing was changed.

    `expected` is that version (0: no row). `current` is the row as it is now, a `Stored`; None when there is none or it
    is not theirs to see. Answer 412 with the `kind`'s view of it.
    """

    code = "conflict"

    def __init__(self, kind: EntityType[Any], pk: str, expected: int, current: Stored[Any] | None) -> None:
        now = f"version {current.version}" if current else "absent"
        super().__init__(f"{kind.discriminator} {pk!r} is {now}, not version {expected}")
        self.kind = kind
        self.pk = pk
        self.expected = expected
        self.current = current


class UnitOfWorkClosed(BffError):
    """A unit of work was used after its commit or outside its `async with`: a mistake in the program."""

    code = "unit-of-work-closed"


class InvalidQuery(BffError):
    """A cursor, limit or filter that the store did not make or does not know. The message is fit for the client."""

    code = "invalid-query"


class EventTooLarge(BffError):
    """An event's envelope is larger than the hub takes; the unit of work cannot be committed."""

    code = "event-too-large"

    def __init__(self, type_: str, size: int, limit: int) -> None:
        super().__init__(f"{type_} takes {size} bytes; the limit is {limit}")


class EnvelopeRefused(BffError):
    """What came from the hub is no event."""

    code = "envelope-refused"


class FaultRemains(BffError):
    """A fault's event could not be taken this time either. Answer 409."""

    code = "fault-remains"

    def __init__(self, id_: str, why: str) -> None:
        super().__init__(why)
        self.id = id_


class HubUnavailable(BffError):
    """The hub did not confirm that it stored a message; it may have. Publish again, with the same id."""

    code = "hub-unavailable"


class IdempotencyError(BffError):
    """Base of why a command is not run, whatever it is: its key, its place in a lane, what became of it before."""

    code = "idempotency"


class IdempotencyKeyInvalid(IdempotencyError):
    """The key is empty, too long (200), not printable ASCII, or a UUIDv7 dated over a day ahead. Answer 400."""

    code = "idempotency-key-invalid"


class IdempotencyKeyReused(IdempotencyError):
    """The same person used the key before, for another request. Answer 422."""

    code = "idempotency-key-reused"


class IdempotencyKeyExpired(IdempotencyError):
    """The key, or an unknown one that it replaces, is older than records are kept (30 days). Answer 410.

    So whether it was applied is not known.
    """

    code = "idempotency-key-expired"


class LaneInvalid(IdempotencyError):
    """The headers that give a command its place in a lane are not complete or not well-formed. Answer 400."""

    code = "lane-invalid"


class LaneGap(IdempotencyError):
    """The lane's earlier commands have not taken effect; `expected` is the place that is next. Answer 409."""

    code = "lane-gap"

    def __init__(self, expected: int) -> None:
        super().__init__(f"The commands of this lane from {expected} on come first.")
        self.expected = expected


class LaneSeqUsed(IdempotencyError):
    """Another command has taken effect at this place of the lane; `expected` is the place that is next. Answer 409."""

    code = "lane-seq-used"

    def __init__(self, expected: int) -> None:
        super().__init__(f"Another command had this place in the lane; the next one is {expected}.")
        self.expected = expected


class TooManyLanes(IdempotencyError):
    """The command would begin a lane, and the person has as many in this service as they may. Answer 429."""

    code = "too-many-lanes"

    def __init__(self) -> None:
        super().__init__("There are too many lanes. Those that exist go on; each ends 30 days after its last use.")


class CommandSkipped(IdempotencyError):
    """The person gave the command up, or replaced it, before it arrived; it will never be run. Answer 410."""

    code = "command-skipped"


class CommandApplied(IdempotencyError):
    """The command that was to be given up or replaced has taken effect; `outcome` tells of it. Answer 409."""

    code = "command-applied"

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("The command has taken effect already.")
        self.outcome = outcome


class IfMatchInvalid(IdempotencyError):
    """`If-Match` is not one version as a strong entity tag, such as `"3"`. Answer 400."""

    code = "if-match-invalid"
