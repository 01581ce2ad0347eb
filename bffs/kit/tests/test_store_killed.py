"""A service is killed at every step, its store now and then: the ledger says that each command took effect once."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from bffs.kit.tests.command_ledger import judged, keys, send
from portico.bff.store import EntityStore
from portico.sql import StoreUnavailable
from tools.postgres import postgres

ROOT = Path(__file__).parents[3]
LANES, LENGTH = 2, 3


async def lives(url: str, every: int, length: int = LENGTH) -> Process:
    arguments = (url, str(LANES), str(length), str(every))
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bffs.kit.tests.lives", *arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE
    )


def ledger(length: int = LENGTH) -> set[str]:
    return {key for n in range(LANES) for key in keys(f"lane{n}", length)}


async def judge(url: str, said: bytes, length: int = LENGTH) -> int:
    *answered, last = said.decode().split("\n")[:-1]
    store = await EntityStore.open(url, service="notes")
    assert await judged(store, frozenset(answered)) == ledger(length)
    await store.close()
    assert set(answered) == ledger(length)
    return int(last.removeprefix("lives "))


async def test_a_service_killed_at_any_step_does_every_command_once(store_url: str) -> None:
    process = await lives(store_url, every=3 if store_url.startswith("sqlite") else 2)
    said, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert await judge(store_url, said) > 10


async def test_a_lost_answer_is_asked_for_again_and_not_done_again(store_url: str) -> None:
    """The whole run a second time, on the store that the first left: every command is answered, none is done."""
    for _ in range(2):
        process = await lives(store_url, every=50)
        said, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        await judge(store_url, said)


async def test_a_server_killed_again_and_again_keeps_what_it_acknowledged() -> None:
    """PostgreSQL dies after every few answers; the service goes on with the same keys when it is back."""
    acknowledged: list[str] = []
    with postgres() as server:
        server.run("createuser", "--no-superuser", "service")
        server.run("createdb", "--template=template0", "--owner=service", "services")
        store = await EntityStore.open(f"postgresql://service@/services?host={server.folder}", service="notes")
        restarting = asyncio.Lock()  # `pg_ctl` waits in vain for a server to end that another one has started again

        async def one_lane(lane: str) -> None:
            todo = keys(lane, 8)
            while todo:
                try:
                    await send(store, todo[0])
                except StoreUnavailable:
                    continue
                acknowledged.append(todo.pop(0))
                if len(acknowledged) % 5 == 0:
                    async with restarting:
                        await asyncio.to_thread(server.control, "-m", "immediate", "restart")

        async with asyncio.TaskGroup() as group:
            for n in range(LANES):
                group.create_task(one_lane(f"lane{n}"))
        assert await judged(store, frozenset(acknowledged)) == ledger(8)
        await store.close()


@pytest.mark.soak
@pytest.mark.parametrize("every", [1, 2, 5])
async def test_longer_lives_killed_at_every_single_step(every: int, store_url: str) -> None:
    process = await lives(store_url, every=every, length=12)
    said, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    await judge(store_url, said, 12)
