"""What is to be done at a time: kept in the store, so that it is done though the process that planned it is gone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Final, NamedTuple, TypeVar, cast

from portico.bff.errors import DeclarationError
from portico.bff.ids import new_id
from portico.bff.metrics import Meters
from portico.bff.parts import Parts
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork
from portico.sql import Migration, Statement

_log = logging.getLogger("portico.bff.agenda")

Task = Callable[[Parts, str], Awaitable[None]]
"""Does what is due under a key. It may be run again after it was done, so it looks first whether it was."""

H = TypeVar("H", bound=Task)

MIGRATIONS: Final = (
    Migration(
        "agenda/0001-agenda",
        """
        CREATE TABLE agenda (
          kind TEXT NOT NULL,
          key TEXT NOT NULL,
          due INTEGER NOT NULL,       -- milliseconds since the epoch
          tries INTEGER NOT NULL,     -- how often it was begun since it was planned
          revision TEXT NOT NULL,     -- another one with every plan and every try
          PRIMARY KEY (kind, key)
        ) STRICT;
        CREATE INDEX agenda_by_due ON agenda (due);
        """,
    ),
)
"""The table, for ``create_bff(..., migrations=...)``."""

LEASE_MS: Final = 10_000
"""So long an entry that was begun is left alone, from the last word of its process: if that dies, it is begun again."""

_TOLD_AGAIN_S = 0.5
_LONGEST_S: Final = 30.0

_AT_ONCE: Final = 16

_PLAN: Final = (
    "INSERT INTO agenda (kind, key, due, tries, revision) VALUES ($1, $2, $3, 0, $4)"
    " ON CONFLICT (kind, key) DO UPDATE SET due = excluded.due, tries = 0, revision = excluded.revision"
)
_UNLESS_SOONER: Final = " WHERE agenda.tries > 0 OR agenda.due > excluded.due"


class Entry(NamedTuple):
    """One entry that was begun, for the ``tries``-th time."""

    kind: str
    key: str
    tries: int
    revision: str


class Agenda:
    """Plans and runs what is due; made once per application, and one of its ``parts``::

        @agenda.task("reminder")
        async def remind(parts: Parts, key: str) -> None: ...

        agenda.plan(uow, "reminder", note.id, at=due)

    A task that raises is tried again, with pauses that double from half a second to ``slowest`` (seconds), jittered;
    it is never given up by itself. Several processes may share one store.
    """

    def __init__(
        self,
        *,
        poll: float = 0.25,
        slowest: float = 60.0,
        jitter: Callable[[], float] = random.random,
        lease_ms: int = LEASE_MS,
    ) -> None:
        self._poll = poll
        self._slowest = slowest
        self._jitter = jitter
        self._lease_ms = lease_ms
        self._tasks: dict[str, Task] = {}

    def task(self, kind: str) -> Callable[[H], H]:
        """Declare what is done with entries of a kind. Raises ``DeclarationError`` for a kind that is taken."""
        if kind in self._tasks:
            raise DeclarationError(f"the agenda has two tasks {kind!r}")

        def declare(task: H) -> H:
            self._tasks[kind] = task
            return task

        return declare

    def plan(self, uow: UnitOfWork, kind: str, key: str, *, at: int, or_sooner: bool = False) -> None:
        """With this commit, plan an entry for ``at`` (milliseconds since the epoch) in place of an older one.

        With ``or_sooner``, one that was planned for an earlier time and not begun yet stays as it is.
        """
        if kind not in self._tasks:
            raise DeclarationError(f"the agenda has no task {kind!r}")
        uow.include(Statement(_PLAN + _UNLESS_SOONER if or_sooner else _PLAN, (kind, key, at, new_id())))

    def cancel(self, uow: UnitOfWork, kind: str, key: str) -> None:
        """With this commit, plan it no more."""
        uow.include(Statement("DELETE FROM agenda WHERE kind = $1 AND key = $2", (kind, key)))

    async def run_due(self, parts: Parts) -> int:
        """Do all that is due by the store's clock; return how many entries were begun.

        Up to sixteen are done at once, and what becomes due meanwhile takes the place of what is done: a slow one
        holds up no other.
        """
        begun, running = 0, set[asyncio.Task[None]]()
        try:
            while True:
                entries = await _begin(parts.get(EntityStore), self._lease_ms, _AT_ONCE - len(running))
                running |= {asyncio.create_task(self._run(parts, entry)) for entry in entries}
                begun += len(entries)
                if not running:
                    return begun
                done, running = await asyncio.wait(running, timeout=self._poll, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def __call__(self, parts: Parts) -> AsyncIterator[Agenda]:
        """A part of the application: runs for as long as the application does."""
        if Meters in parts:
            parts.get(Meters).watch(partial(_measure, parts))
        running = asyncio.create_task(self._forever(parts), name="portico-agenda")
        try:
            yield self
        finally:
            # Told in the middle of something that must be finished first, it may go on as if nothing had been said.
            while not running.done():
                running.cancel()
                await asyncio.wait({running}, timeout=_TOLD_AGAIN_S)

    async def _forever(self, parts: Parts) -> None:
        while True:
            try:
                await self.run_due(parts)
            except Exception as error:  # noqa: BLE001 (whatever it was, what is due later is due all the same)
                _log.warning("the agenda waits: %s", error)
            await asyncio.sleep(self._poll)

    async def _run(self, parts: Parts, entry: Entry) -> None:
        store = parts.get(EntityStore)
        try:
            async with asyncio.timeout(_LONGEST_S), self._held(store, entry):
                await self._tasks[entry.kind](parts, entry.key)
        except Exception as error:  # noqa: BLE001 (a task may raise anything; it is tried again)
            _log.warning("%s %s, try %d: %s: %s", entry.kind, entry.key, entry.tries, type(error).__name__, error)
            await _postpone(store, entry, store.now() + self._pause_ms(entry.tries))
        else:
            await _end(store, entry)

    @contextlib.asynccontextmanager
    async def _held(self, store: EntityStore, entry: Entry) -> AsyncIterator[None]:
        """Say again and again that the entry is being done, so that nobody else begins it."""
        saying = asyncio.create_task(self._say(store, entry), name=f"portico-agenda-{entry.kind}")
        try:
            yield
        finally:
            saying.cancel()
            await asyncio.wait({saying})

    async def _say(self, store: EntityStore, entry: Entry) -> None:
        while True:
            await asyncio.sleep(self._lease_ms / 3000)
            try:
                await _postpone(store, entry, store.now() + self._lease_ms)
            except Exception as error:  # noqa: BLE001 (the next word may be heard in time)
                _log.warning("%s %s is being done, which cannot be said: %s", entry.kind, entry.key, error)

    def _pause_ms(self, tries: int) -> int:
        seconds = min(self._slowest, 0.25 * 2 ** min(tries, 20))
        return int(seconds * (0.5 + self._jitter() / 2) * 1000)


async def _begin(store: EntityStore, lease_ms: int, most: int) -> list[Entry]:
    """Take what is due for oneself. The outer condition is for those who waited for another to take the same."""
    if most == 0:
        return []
    now, revision = store.now(), new_id()
    due = "SELECT kind, key FROM agenda WHERE due <= $2 ORDER BY due LIMIT $4"
    [rows] = await store.database.write([
        Statement(
            "UPDATE agenda SET due = $1, tries = tries + 1, revision = $3"  # noqa: S608 (constants)
            f" WHERE (kind, key) IN ({due}) AND due <= $2 RETURNING kind, key, tries",
            (now + lease_ms, now, revision, most),
        )
    ])  # fmt: skip
    return [Entry(*cast("tuple[str, str, int]", row), revision) for row in rows]


async def _measure(parts: Parts) -> None:
    """What is planned, by kind. What is being done is due when its lease ends."""
    store = parts.get(EntityStore)
    rows = await store.database.read("SELECT kind, count(*), min(due) FROM agenda GROUP BY kind")
    now = store.now()
    told = {str(kind): (int(str(count)), (now - int(str(due))) / 1000) for kind, count, due in rows}
    parts.get(Meters).agenda(told)


async def _end(store: EntityStore, entry: Entry) -> None:
    """Strike it out, unless it was planned anew meanwhile."""
    where = (entry.kind, entry.key, entry.revision)
    await store.database.write([
        Statement("DELETE FROM agenda WHERE kind = $1 AND key = $2 AND revision = $3", where)
    ])  # fmt: skip


async def _postpone(store: EntityStore, entry: Entry, due: int) -> None:
    values = (due, entry.kind, entry.key, entry.revision)
    await store.database.write([
        Statement("UPDATE agenda SET due = $1 WHERE kind = $2 AND key = $3 AND revision = $4", values)
    ])  # fmt: skip
