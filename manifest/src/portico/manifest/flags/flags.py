"""Flags of one manifest: changed by their teams, each change a revision, and evaluated from memory."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from portico.manifest.errors import Finding
from portico.manifest.flags.errors import FlagConflict, InvalidFlag, NotYourFlag, UnknownFlag
from portico.manifest.flags.flag import Flag, FlagRevision
from portico.manifest.flags.parsing import parse_flag
from portico.manifest.flags.store import FlagStore
from portico.manifest.tokens import EVERY_TEAM, DeployToken


@dataclass(frozen=True, slots=True)
class FlagSet:
    """Every flag as it was after so many ``changes``, by key."""

    changes: int = -1
    flags: Mapping[str, Flag] = field(default_factory=lambda: MappingProxyType({}))


class Flags:
    """Reads and changes of flags; any number of processes may share the store."""

    def __init__(self, store: FlagStore, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._known = FlagSet()
        self._loading = asyncio.Lock()

    async def current(self) -> FlagSet:
        """Return every flag as it is now: one tiny read when none changed, whoever may have changed it."""
        changes = await self._store.changes()
        if self._known.changes >= changes:
            return self._known
        async with self._loading:
            if self._known.changes < changes:
                flags = {flag.key: flag for flag in await self._store.flags()}
                self._known = FlagSet(changes, MappingProxyType(flags))
            return self._known

    async def unknown(self, keys: Iterable[str]) -> Sequence[str]:
        """Return those of the keys that no flag has."""
        wanted = tuple(keys)
        known = (await self.current()).flags if wanted else {}
        return [key for key in wanted if key not in known]

    async def get(self, key: str) -> FlagRevision:
        """Return a flag as it is now; raises ``UnknownFlag``."""
        latest = await self._store.latest(key)
        if latest is None or latest.flag is None:
            raise UnknownFlag(f"there is no flag {key!r}" + (", it was deleted" if latest else ""))
        return latest

    async def page(self, *, team: str | None = None, after: str = "", limit: int = 50) -> Sequence[FlagRevision]:
        """Return flags by key, of keys above ``after``."""
        return await self._store.page(team=team, after=after, limit=limit)

    async def history(self, key: str, *, before: int | None = None, limit: int = 50) -> Sequence[FlagRevision]:
        """Return revisions of a flag, newest first, below number ``before``; raises ``UnknownFlag``.

        A flag that was deleted still has its history.
        """
        found = await self._store.history(key, before=before, limit=limit)
        if not found and await self._store.latest(key) is None:
            raise UnknownFlag(f"there never was a flag {key!r}")
        return found

    async def put(
        self, key: str, document: Any, *, base: frozenset[int] | None, by: DeployToken, why: str = ""
    ) -> tuple[FlagRevision, bool]:
        """Make or change a flag; returns the revision that holds it, and whether the flag is new.

        ``base`` are the revisions that the change was decided on, ``None`` when there should be no such flag. A change
        that changes nothing makes no revision. Raises ``InvalidFlag``, ``NotYourFlag``, ``FlagConflict``,
        ``UnknownFlag``.
        """
        latest = await self._store.latest(key)
        team = _team(document, latest, by)
        _require(by, key, team)
        flag = parse_flag(key, team, document)
        _check_base(key, latest, base)
        if latest is not None and latest.flag == flag:
            return latest, False
        number = latest.number + 1 if latest else 1
        made = FlagRevision(key, team, number, by.label, self._clock(), why, flag)
        await self._store.append(made)
        return made, latest is None or latest.flag is None

    async def delete(self, key: str, *, base: frozenset[int], by: DeployToken, why: str = "") -> FlagRevision:
        """Delete a flag; its history stays. Raises as ``put`` does."""
        latest = await self.get(key)
        _require(by, key, latest.team)
        _check_base(key, latest, base)
        made = FlagRevision(key, latest.team, latest.number + 1, by.label, self._clock(), why, None)
        await self._store.append(made)
        return made


def _team(document: Any, latest: FlagRevision | None, by: DeployToken) -> str:
    """Return whose flag it is, for good; raises ``InvalidFlag``."""
    given = document.get("team") if isinstance(document, dict) else None
    if latest is not None:
        if given not in {None, latest.team}:
            raise InvalidFlag([Finding("/team", f"the flag is team {latest.team}'s, and stays it")])
        return latest.team
    if given is None and by.team == EVERY_TEAM:
        raise InvalidFlag([Finding("/team", "this token is every team's: say whose flag it is")])
    return given if isinstance(given, str) else by.team


def _require(by: DeployToken, key: str, team: str) -> None:
    if not by.allows(team):
        raise NotYourFlag(f"this token is for {' and '.join(map(str, by.scopes))}; flag {key} is team {team}'s")


def _check_base(key: str, latest: FlagRevision | None, base: frozenset[int] | None) -> None:
    exists = latest is not None and latest.flag is not None
    if base is None:
        if latest is not None and exists:
            raise FlagConflict(key, latest.number)
    elif latest is None or not exists:
        raise UnknownFlag(f"there is no flag {key!r} to change; to make it, send If-None-Match: *")
    elif latest.number not in base:
        raise FlagConflict(key, latest.number)
