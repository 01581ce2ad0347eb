"""Two requests about one command, the second in between every two steps of the first: each is told the truth."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from bffs.kit.tests.lane_world import Lane, ledger, open_ledger
from portico.bff.store import EntityStore
from portico.sql import Database, Row, Statement, Value

MOST = 12
"""More steps than any request takes."""


class Interrupted(Database):
    """A database at whose n-th call (from 0) something else happens first."""

    def __init__(self, database: Database, at: int, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._left = at
        self._meanwhile = meanwhile

    async def read(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        await self._step()
        return await self._database.read(sql, params)

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        await self._step()
        return await self._database.write(statements)

    async def close(self) -> None:
        await self._database.close()

    async def _step(self) -> None:
        self._left -= 1
        if self._left == -1:
            await self._meanwhile()


Request = Callable[[Lane, EntityStore, int], Awaitable[str]]
"""Asks for something about the only command of a lane; the number keeps its keys apart from other lanes'."""


async def send(lane: Lane, store: EntityStore, mark: int) -> str:
    return await lane.send(store, 1, f"first-{mark}")


async def refused(lane: Lane, store: EntityStore, mark: int) -> str:
    return await lane.send(store, 1, f"first-{mark}", refuse=True)


async def skip(lane: Lane, store: EntityStore, mark: int) -> str:
    return await lane.skip(store, 1, f"first-{mark}")


async def edit(lane: Lane, store: EntityStore, mark: int) -> str:
    return await lane.send(store, 1, f"edited-{mark}", replaces=[f"first-{mark}"])


async def skip_edited(lane: Lane, store: EntityStore, mark: int) -> str:
    return await lane.skip(store, 1, f"edited-{mark}", replaces=[f"first-{mark}"])


REQUESTS: list[Request] = [send, refused, skip, edit, skip_edited]

DONE = {"applied", "replayed"}
GONE = {"command-skipped"}

TRUE: dict[tuple[Request, str], set[str]] = {
    (send, "first"): DONE,
    (send, "edited"): GONE,
    (send, "none"): GONE,
    (refused, "first"): DONE | {"refused"},
    (refused, "edited"): GONE | {"refused"},
    (refused, "none"): GONE | {"refused"},
    (skip, "first"): {"command-applied"},
    (skip, "edited"): GONE,
    (skip, "none"): GONE,
    (edit, "first"): {"command-applied"},
    (edit, "edited"): DONE,
    (edit, "none"): GONE | {"lane-seq-used"},
    (skip_edited, "first"): {"command-applied"},
    (skip_edited, "edited"): {"command-applied"},
    (skip_edited, "none"): GONE | {"lane-seq-used"},
}
"""The answers that are true, by what took effect. Only a place that was given up under another key is called used."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EntityStore]:
    store = await open_ledger(tmp_path)
    yield store
    await store.close()


@pytest.mark.parametrize("free", [False, True], ids=["lane", "free"])
@pytest.mark.parametrize(
    ("first", "second"), list(itertools.product(REQUESTS, repeat=2)), ids=lambda request: request.__name__
)
async def test_every_interleaving_is_answered_truly(
    store: EntityStore, first: Request, second: Request, free: bool
) -> None:
    for step in range(MOST):
        lane = Lane(f"lane-{step}", free=free)
        answers: list[tuple[Request, str]] = []

        async def meanwhile(lane: Lane = lane, step: int = step, answers: list[tuple[Request, str]] = answers) -> None:
            answers.append((second, await second(lane, store, step)))

        interrupted = EntityStore(Interrupted(store.database, step, meanwhile), service="ledger")
        answers.append((first, await first(lane, interrupted, step)))
        done = [entry.key.partition("-")[0] for entry in await ledger(store) if entry.is_of(lane)]
        assert len(done) <= 1
        for request, answer in answers:
            assert answer in TRUE[request, done[0] if done else "none"], f"{request.__name__}, step {step}"
