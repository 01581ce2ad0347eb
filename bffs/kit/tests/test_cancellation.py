"""Telling apart who was cancelled, and ending though the hub's answer comes in the same moment."""

import asyncio
from collections.abc import Sequence

import pytest

from bffs.kit.tests.store_world import NOTE, LateAnswer
from portico.bff import Listener, ReceivedEvent, UnitOfWork
from portico.bff.deliveries import Consumer, Places, Position, Reader
from portico.bff.events import PARTITIONS
from portico.bff.hub import LakeState
from portico.bff.rebuilder import rebuilding
from portico.bff.serving import running_store
from portico.bff.testing.hub import InMemoryHub
from portico.cancellation import ends_this_task, heed_cancellation


async def test_a_cancelled_answer_is_not_the_end_of_who_waits_for_it() -> None:
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    assert not ends_this_task()
    heed_cancellation()


async def test_a_swallowed_cancellation_is_heeded_later() -> None:
    began, seen = asyncio.Event(), list[bool]()

    async def swallow() -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append(ends_this_task())
        heed_cancellation()
        seen.append(False)

    task = asyncio.create_task(swallow())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == [True]


class LateHub(InMemoryHub):
    """A hub that answers one kind of question late."""

    def __init__(self, late: str) -> None:
        super().__init__()
        self._late = late
        self.answer = LateAnswer()

    async def lake(self) -> LakeState | None:
        await self._wait("lake")
        return await super().lake()

    async def tell_places(self, reader: str, places: Sequence[tuple[Consumer, Position]]) -> None:
        await super().tell_places(reader, places)
        await self._wait("tell_places")

    async def _wait(self, question: str) -> None:
        if question == self._late:
            await self.answer.wait()


@pytest.mark.parametrize("late", ["lake", "tell_places"])
async def test_a_service_ends_though_the_hub_answers_just_then(store_url: str, late: str) -> None:
    hub, listener = LateHub(late), Listener()

    @listener.on("note.changed", id="note")
    async def note(event: ReceivedEvent, uow: UnitOfWork) -> None:
        pass

    async with asyncio.timeout(15), running_store(store_url, service="notes", hub=hub, listener=listener):
        await hub.answer.awaited.wait()
        hub.answer.come()


class LateBehindTheSwap(InMemoryHub):
    """A hub that lets a rebuild read its past at once, and what came after its swap late."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = LateAnswer()
        self._at_once = PARTITIONS

    async def read(self, consumer: Consumer, after: Places) -> Reader:
        if self._at_once == 0:
            await self.answer.wait()
        self._at_once = max(0, self._at_once - 1)
        return await super().read(consumer, after)


async def test_a_rebuild_ends_though_the_hub_answers_just_then(store_url: str) -> None:
    hub, listener = LateBehindTheSwap(), Listener()

    @listener.on("note.changed", id="note")
    async def note(event: ReceivedEvent, uow: UnitOfWork) -> None:
        pass

    listener.projection("notes", rules=["note"], kinds=[NOTE])
    async with (
        asyncio.timeout(15),
        running_store(store_url, service="notes") as store,
        rebuilding(listener, store, hub, None) as rebuilder,
    ):
        await rebuilder.log.begin("notes", "hub", "grace")
        rebuilder.wake()
        await hub.answer.awaited.wait()
        hub.answer.come()
