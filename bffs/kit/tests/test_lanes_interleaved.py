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

PLACE = 3


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
"""Asks for something about the third command of a lane; the number keeps its keys apart from other lanes'."""


async def send(lane: Lane, store: EntityStore, mark: int) -> str:
    return await lane.send(store, PLACE, f"first-{mark}")


async def refused(lane: Lane, store: EntityStore, mark: int) -> str:
    return await lane.send(store, PLACE, f"first-{mark}", refuse=True)


async def skip(lane: Lane, store: EntityStore, mark: int) -> str:
    return await lane.skip(store, PLACE, f"first-{mark}")


async def edit(lane: Lane, store: EntityStore, mark: int) -> str:
    return await lane.send(store, PLACE, f"edited-{mark}", replaces=[f"first-{mark}"])


async def skip_edited(lane: Lane, store: EntityStore, mark: int) -> str:
    return await lane.skip(store, PLACE, f"edited-{mark}", replaces=[f"first-{mark}"])


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


@pytest.mark.parametrize("when", ["in turn", "early", "free"])
@pytest.mark.parametrize(
    ("first", "second"), list(itertools.product(REQUESTS, repeat=2)), ids=lambda request: request.__name__
)
async def test_every_interleaving_is_answered_truly(
    store: EntityStore, first: Request, second: Request, when: str
) -> None:
    for step in range(MOST):
        keys = (f"first-{step}", f"edited-{step}")
        answers = await interleave(store, Lane(f"lane-{step}", free=when == "free"), (first, second), step, when)
        done = [entry.key.partition("-")[0] for entry in await ledger(store) if entry.key in keys]
        assert len(done) <= 1
        for request, answer in answers:
            true = TRUE[request, done[0] if done else "none"]
            assert answer in true | ({"lane-gap"} if when == "early" else set()), f"{request.__name__}, step {step}"


async def interleave(
    store: EntityStore, lane: Lane, requests: tuple[Request, Request], step: int, when: str
) -> list[tuple[Request, str]]:
    """Answer the first, and at its `step` the second; early ones meet the lane's first commands only then."""
    first, second = requests
    answers: list[tuple[Request, str]] = []

    async def before() -> None:
        for seq in range(1, PLACE):
            await lane.send(store, seq, f"before-{seq}-{step}")

    async def meanwhile() -> None:
        if when == "early":
            await before()
        answers.append((second, await second(lane, store, step)))

    if when != "early":
        await before()
    interrupted = EntityStore(Interrupted(store.database, step, meanwhile), service="ledger")
    answers.append((first, await first(lane, interrupted, step)))
    return answers
