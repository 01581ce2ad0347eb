"""What a service keeps: entity types, who reaches their rows, and rows as they come back."""

from __future__ import annotations

import dataclasses
import enum
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import msgspec

from portico.bff.errors import DeclarationError

T = TypeVar("T", bound=msgspec.Struct)

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_GENERATION = re.compile(r"[a-z0-9-]{1,32}")
_CLAIM = re.compile(r"[A-Za-z0-9_.:/-]{1,100}")


class Reach(enum.Enum):
    """Whose rows a person reaches. The store adds it to every statement; there is no way around it but the system's."""

    OWNER = "owner"
    """Only rows whose ``owner`` is the person's ``sub``. The default."""
    TENANT = "tenant"
    """Rows of the person's tenant; a person without one reaches none."""
    EVERYONE = "everyone"
    """Everyone reads, also without signing in; only roles in ``EntityType.writers`` (and the system) write."""


@dataclass(frozen=True)
class ClaimReach:
    """Rows of those whose claim ``claim`` holds the row's ``claim_value``; who lacks the claim reaches none.

    ``EntityType("stock", Stock, reach=ClaimReach("shops"))`` keeps rows of shops for people whose token says
    ``"shops": ["north", "south"]`` (or one text). Raises ``DeclarationError`` for what is no name of a claim.
    """

    claim: str

    def __post_init__(self) -> None:
        """Refuse what no token says."""
        if not _CLAIM.fullmatch(self.claim):
            raise DeclarationError(f"{self.claim!r} is no claim (letters, digits, _ - . : /; at most 100)")

    @property
    def value(self) -> str:
        """What the store writes beside a row of this reach."""
        return f"claim:{self.claim}"


AnyReach = Reach | ClaimReach


class SearchText(msgspec.Struct, frozen=True):
    """What of an entity is found by full-text search; a match in ``title`` ranks before one in ``body``."""

    title: str
    body: str = ""


@dataclass(frozen=True)
class EntityType(Generic[T]):
    """Declares one kind of entity; make it once, as a module constant beside its struct.

    ``discriminator`` names the kind in the store (lower case, digits, ``-``). ``search`` tells what is searchable; with
    it the search index changes in the same transaction as the row. ``shown`` makes of an entity what whoever reaches it
    may see when a conflict tells them of it; without, that is all of it. Raises ``DeclarationError`` when it makes no
    sense.
    """

    discriminator: str
    struct: type[T]
    reach: AnyReach = Reach.OWNER
    writers: frozenset[str] = frozenset()
    search: Callable[[T], SearchText] | None = None
    shown: Callable[[T], msgspec.Struct] | None = None
    generation: str = ""
    """Of rows that are built anew beside the live ones: see ``EntityStore.swap``. Empty: the live ones."""

    def __post_init__(self) -> None:
        """Refuse what could never work."""
        if not _NAME.fullmatch(self.discriminator.removesuffix(f"~{self.generation}")):
            raise DeclarationError(f"{self.discriminator!r} is no discriminator (a-z, 0-9, -; at most 63)")
        if self.writers and self.reach is Reach.OWNER:
            raise DeclarationError(f"{self.discriminator}: owners write their own rows; writers would have no effect")

    def beside(self, generation: str) -> EntityType[T]:
        """The same kind, of rows that nobody sees yet. Raises ``DeclarationError``."""
        if not _GENERATION.fullmatch(generation):
            raise DeclarationError(f"{generation!r} is no generation (a-z, 0-9, -; at most 32)")
        return dataclasses.replace(self, discriminator=f"{self.discriminator}~{generation}", generation=generation)

    def sort_key(self, sk: str | None) -> str:
        """Where a row of this kind is under its partition key; by default one has its kind's name."""
        if sk is None:
            return self.discriminator
        ending = f"~{self.generation}" if self.generation else ""
        return sk if sk.endswith(ending) else sk + ending

    @functools.cached_property
    def fields(self) -> frozenset[str]:
        """The names of the struct's fields in JSON; the ones a query may filter by."""
        return frozenset(field.encode_name for field in msgspec.structs.fields(self.struct))

    @functools.cached_property
    def _decoder(self) -> msgspec.json.Decoder[T]:
        return msgspec.json.Decoder(self.struct)

    def decode(self, data: str) -> T:
        """Read an entity from its JSON. Fields it no longer knows are ignored; raises ``msgspec.ValidationError``."""
        return self._decoder.decode(data)

    def view(self, entity: T) -> msgspec.Struct:
        """What may be shown of an entity: ``shown`` of it, or all."""
        return entity if self.shown is None else self.shown(entity)


class Key(NamedTuple):
    """Where a row is: partition key and sort key. Different types share a ``pk`` under different ``sk``."""

    pk: str
    sk: str


class Whose(NamedTuple):
    """To whom a row belongs; which of it counts, the type's reach says."""

    owner: str | None = None
    tenant: str | None = None
    claim_value: str | None = None

    def under(self, reach: AnyReach) -> str | None:
        """The part of it that the reach looks at."""
        if isinstance(reach, ClaimReach):
            return self.claim_value
        if reach is Reach.OWNER:
            return self.owner
        return self.tenant if reach is Reach.TENANT else None


class Stored(msgspec.Struct, Generic[T], frozen=True):
    """An entity with what the store knows of it. ``claim_value`` is what a ``ClaimReach`` looks for.

    ``version`` counts its changes from 1 (an ``ETag``); ``timestamp`` is the last change in milliseconds since the
    epoch; ``stamp`` orders changes exactly, as text; ``ttl`` is when it ends, in seconds since the epoch.
    """

    key: Key
    entity: T
    version: int
    timestamp: int
    stamp: str
    last_modified_by: str
    owner: str | None = None
    tenant: str | None = None
    ttl: int | None = None
    claim_value: str | None = None

    @property
    def whose(self) -> Whose:
        """To whom the row belongs."""
        return Whose(self.owner, self.tenant, self.claim_value)


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some rows, and the cursor that continues after them (None: there are no more)."""

    items: tuple[Stored[T], ...]
    next_cursor: str | None = None
