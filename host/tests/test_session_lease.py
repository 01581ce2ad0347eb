"""The lease on a session: held by one, renewed while it is, taken over from the dead alone."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE

import pytest

from portico.host.session.lease import DEAD_AFTER_S, RENEWED_EVERY_S, Leases
from portico.sql import Database, Row, Statement, StoreUnavailable

DEAD = Statement("INSERT INTO session_lease (session_id, owner, beat) VALUES ('s', 'another', 0)")


class Time:
    """Moves when somebody sleeps, and does what a test wants done meanwhile."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await self.meanwhile()

    async def meanwhile(self) -> None:
        await asyncio.sleep(0)


async def rows(database: Database) -> list[Row]:
    return await database.read("SELECT session_id, beat FROM session_lease ORDER BY session_id")


async def test_a_lease_is_there_while_it_is_held_and_gone_after(session_database: Database) -> None:
    leases = Leases(session_database)
    async with leases.of("s"), leases.of("t"):
        assert await rows(session_database) == [("s", 0), ("t", 0)]
    assert await rows(session_database) == []
    with pytest.raises(ValueError, match="broken"):
        async with leases.of("s"):
            raise ValueError("broken")
    assert await rows(session_database) == []


async def test_in_one_process_as_in_many_one_at_a_time_has_it(session_database: Database) -> None:
    holding, most = 0, 0

    async def hold(leases: Leases) -> None:
        nonlocal holding, most
        async with leases.of("s"):
            holding += 1
            most = max(most, holding)
            await session_database.read("SELECT 1")
            holding -= 1

    processes = [Leases(session_database) for _ in range(3)]
    await asyncio.gather(*(hold(leases) for leases in processes * 5))
    assert most == 1
    assert await rows(session_database) == []


async def test_a_killed_holders_lease_is_taken_when_it_has_stood_still(session_database: Database) -> None:
    await session_database.write([DEAD])
    time = Time()
    async with Leases(session_database, clock=time, sleep=time.sleep).of("s"):
        assert DEAD_AFTER_S <= time.now < DEAD_AFTER_S + RENEWED_EVERY_S
    assert await rows(session_database) == []


HOLDER = """
import asyncio, sys
from portico.host.session.lease import Leases
from portico.sql import open_database

async def hold():
    async with Leases(await open_database(sys.argv[1])).of("s"):
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(hold())
"""


async def test_the_lease_of_a_process_that_was_killed_ends_by_itself(
    session_database: Database, sessions_url: str
) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, sessions_url, stdout=PIPE)
    assert process.stdout
    assert await process.stdout.readline() == b"held\n"
    assert await rows(session_database) != []
    process.kill()
    await process.wait()
    time = Time()
    async with Leases(session_database, clock=time, sleep=time.sleep).of("s"):
        assert time.now >= DEAD_AFTER_S
    assert await rows(session_database) == []


async def test_a_renewed_lease_is_never_taken_however_long_it_is_held(session_database: Database) -> None:
    await session_database.write([DEAD])
    renew = Statement("UPDATE session_lease SET beat = beat + 1 WHERE owner = 'another'")
    end = Statement("DELETE FROM session_lease WHERE owner = 'another'")

    class Holder(Time):
        renewed = 0

        async def meanwhile(self) -> None:
            if self.now < 50 and self.now >= RENEWED_EVERY_S * (self.renewed + 1):
                self.renewed += 1
                await session_database.write([renew])
            elif self.now >= 50:
                await session_database.write([end])

    time = Holder()
    async with Leases(session_database, clock=time, sleep=time.sleep).of("s"):
        assert time.now >= 50
        assert time.renewed >= 20


async def test_of_two_who_wait_for_a_dead_holder_one_takes_its_place(session_database: Database) -> None:
    await session_database.write([DEAD])
    holding = [0, 0]  # now, at most

    async def hold() -> None:
        time = Time()
        async with Leases(session_database, clock=time, sleep=time.sleep).of("s"):
            holding[0] += 1
            holding[1] = max(holding)
            await session_database.read("SELECT 1")
            holding[0] -= 1

    await asyncio.gather(hold(), hold())
    assert holding == [0, 1]


async def test_the_holder_renews_and_a_store_that_fails_meanwhile_is_asked_again(
    session_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks, over = [0], asyncio.Event()
    write = session_database.write

    class Ticking(Time):
        async def meanwhile(self) -> None:
            ticks[0] += 1
            if ticks[0] > 5:
                over.set()
                await asyncio.Event().wait()

    async def once_broken(statements: list[Statement]) -> object:
        if ticks[0] == 2:
            raise StoreUnavailable("busy")
        return await write(statements)

    monkeypatch.setattr(session_database, "write", once_broken)
    time = Ticking()
    async with Leases(session_database, clock=time, sleep=time.sleep).of("s"):
        await over.wait()
        assert await rows(session_database) == [("s", 4)]
        assert time.now == 6 * RENEWED_EVERY_S
    assert await rows(session_database) == []


async def test_who_has_lost_a_lease_does_not_release_the_one_of_who_took_it(session_database: Database) -> None:
    async with Leases(session_database).of("s"):
        await session_database.write([Statement("UPDATE session_lease SET owner = 'another', beat = 7")])
    assert await rows(session_database) == [("s", 7)]
