"""Commands that leave a trace in every table of a store, and the judge of what is found after a catastrophe."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from bffs.kit.tests.store_world import ARTICLE, EDITOR, Article
from portico.bff.events import Event
from portico.bff.idempotency import idempotent, request_hash
from portico.bff.idempotency_record import StoredResponse
from portico.bff.lanes import Admission, Turn
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork

TRACES = {
    "entities": "SELECT pk FROM entities WHERE sk = 'article'",
    "idempotency": "SELECT key FROM idempotency",
    "outbox": "SELECT subject FROM outbox WHERE target IS NULL",
    "audit": "SELECT pk FROM audit",
    "search_documents": "SELECT pk FROM search_documents",
}


def keys(lane: str, length: int) -> list[str]:
    return [f"{lane}-{n:03}" for n in range(1, length + 1)]


async def send(store: EntityStore, key: str) -> StoredResponse:
    """Add one article, with its text, event, answer, audit entry and place in its lane."""
    lane, _, seq = key.rpartition("-")

    async def run(uow: UnitOfWork) -> StoredResponse:
        article = Article(f"title of {key}", "words " * 40)
        await uow.put(ARTICLE, key, article)
        uow.emit(Event("article.written", key, article))
        return StoredResponse(201, msgspec.json.encode(article))

    turn = Admission(Turn("device", lane, int(seq)))
    return await idempotent(store, EDITOR, key, request_hash("POST", "/articles", key.encode()), run, admission=turn)


async def send_all(store: EntityStore, lanes: Sequence[str], length: int, acknowledge: Callable[[str], None]) -> None:
    """Send every command of the lanes, the lanes side by side; tell of each answer when it is there."""

    async def one_lane(lane: str) -> None:
        for key in keys(lane, length):
            await send(store, key)
            acknowledge(key)

    async with asyncio.TaskGroup() as group:
        for lane in lanes:
            group.create_task(one_lane(lane))


async def judged(store: EntityStore, acknowledged: frozenset[str]) -> set[str]:
    """The commands that took effect: every acknowledged one, none of them half, none twice."""
    database = store.system_database("judge")
    found = {table: [str(row[0]) for row in await database.read(sql)] for table, sql in TRACES.items()}
    effects = set(found["entities"])
    for table, traces in found.items():
        assert len(traces) == len(set(traces)), f"{table}: twice"
        assert set(traces) == effects, f"{table} and entities differ by {set(traces) ^ effects}"
    assert acknowledged <= effects, f"lost: {acknowledged - effects}"
    lanes = await database.read("SELECT lane, last FROM lanes")
    for lane, last in msgspec.convert(lanes, list[tuple[str, int]]):
        of_lane = sorted(key for key in effects if key.rpartition("-")[0] == lane)
        assert of_lane == keys(lane, last), f"{lane} has a gap"
    return effects
