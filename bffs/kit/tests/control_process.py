"""Runs the pairs' control in forked processes that are killed at one write each; prints what each left behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bffs.kit.tests.control_world import KEY, MIGRATIONS, PATIENCE_MS, World, half, outbox
from bffs.kit.tests.store_world import TestClock
from portico.bff.agenda import LEASE_MS
from portico.bff.schema import STORE_MIGRATIONS
from portico.bff.store import EntityStore
from portico.sql import Database, Row, Statement, Value, open_database

EVENTS = [half("left", "l"), half("cover", "c"), half("right", "r"), half("left", "alone", key=f"{KEY[:-1]}2")]


class Deadly(Database):
    """Ends its process just before its ``at``-th write, or just after it."""

    def __init__(self, inner: Database, at: int, *, after: bool) -> None:
        self.writes = 0
        self._inner, self._at, self._after = inner, at, after

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.writes += 1
        self._die(after=False)
        done = await self._inner.write(statements)
        self._die(after=True)
        return done

    async def read(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        return await self._inner.read(sql, parameters)

    async def close(self) -> None:
        await self._inner.close()

    def _die(self, *, after: bool) -> None:
        if self.writes == self._at and after == self._after:
            os.kill(os.getpid(), signal.SIGKILL)


async def run(file: Path, at: int, *, after: bool) -> dict[str, Any]:
    """Deliver everything that is left, as a hub does after a restart, and let the timer run out."""
    database = Deadly(await open_database(f"sqlite:///{file}", migrations=(*STORE_MIGRATIONS, *MIGRATIONS)), at,
                      after=after)  # fmt: skip
    clock = TestClock(1000)
    world = World(EntityStore(database, service="pairs", clock=clock))
    for event in EVENTS:
        await world.take(event)
    for pause in (10 * PATIENCE_MS, LEASE_MS):  # what a process that was killed had begun is left alone for a while
        clock.milliseconds += pause
        await world.agenda.run_due(world.parts)
    told = await outbox(world.store)
    await world.store.close()
    return {"told": told, "writes": database.writes}


def forked(file: Path, at: int, *, after: bool) -> tuple[bool, dict[str, Any]]:
    """Whether it was killed, and what it said."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, json.dumps(asyncio.run(run(file, at, after=after))).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        text = said.read()
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status), json.loads(text) if text else {}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, whole = forked(Path(folder) / "whole.db", 0, after=False)
        print(json.dumps(whole))  # noqa: T201
        for at in range(1, whole["writes"] + 1):
            for after in (False, True):
                file = Path(folder) / f"{at}-{after}.db"
                killed, _ = forked(file, at, after=after)
                _, found = forked(file, 0, after=False)
                print(json.dumps({"killed": killed, "told": found["told"]}))  # noqa: T201


if __name__ == "__main__":
    main()
