"""Everything the kit raises on purpose. One base, a stable `code` each; mapped to a Problem once, at the edge."""

from __future__ import annotations

from typing import ClassVar


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


class KeySetRefused(BffError):
    """The issuer's key set breaks the key policy as a whole (duplicate `kid`, symmetric or private keys)."""

    code = "key-set-refused"
