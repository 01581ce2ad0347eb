"""What is due is done, once where it can be told, by whoever is there, and after whatever failed."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bffs.kit.tests.store_world import NOTE, Note, TestClock
from portico.bff import DeclarationError, EntityStore, Parts
from portico.bff.agenda import LEASE_MS, MIGRATIONS, Agenda


class Diary:
    """An agenda whose only task writes down what it was called with, and fails as often as it is told."""

    def __init__(self) -> None:
        self.agenda = Agenda(jitter=lambda: 1.0)
        self.done: list[str] = []
        self.failures = 0
        self.agenda.task("note")(self.run)

    async def run(self, parts: Parts, key: str) -> None:
        self.done.append(key)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not now")


@pytest.fixture
def clock() -> TestClock:
    return TestClock(1000)


@pytest.fixture
async def store(store_url: str, clock: TestClock) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="test", migrations=MIGRATIONS, clock=clock)
    yield store
    await store.close()


@pytest.fixture
def parts(store: EntityStore) -> Parts:
    parts = Parts()
    parts.add(store)
    return parts


async def plan(store: EntityStore, agenda: Agenda, key: str, at: int, *, or_sooner: bool = False) -> None:
    async with store.system_unit_of_work("test") as uow:
        agenda.plan(uow, "note", key, at=at, or_sooner=or_sooner)
        await uow.commit()


async def test_it_is_done_when_it_is_due_and_once(store: EntityStore, parts: Parts, clock: TestClock) -> None:
    diary = Diary()
    await plan(store, diary.agenda, "a", 2000)
    assert await diary.agenda.run_due(parts) == 0
    clock.milliseconds = 2000
    assert await diary.agenda.run_due(parts) == 1
    clock.advance(days=1)
    assert await diary.agenda.run_due(parts) == 0
    assert diary.done == ["a"]


async def test_a_plan_takes_the_place_of_an_older_one_and_can_be_cancelled(
    store: EntityStore, parts: Parts, clock: TestClock
) -> None:
    diary = Diary()
    for at in (1000, 5000):
        await plan(store, diary.agenda, "a", at)
    assert await diary.agenda.run_due(parts) == 0
    async with store.system_unit_of_work("test") as uow:
        diary.agenda.cancel(uow, "note", "a")
        await uow.commit()
    clock.advance(days=1)
    assert await diary.agenda.run_due(parts) == 0


@pytest.mark.parametrize(("first", "second"), [(3000, 5000), (5000, 3000)])
async def test_of_two_plans_the_sooner_one_stays_where_that_is_wanted(
    store: EntityStore, parts: Parts, clock: TestClock, first: int, second: int
) -> None:
    diary = Diary()
    await plan(store, diary.agenda, "a", first)
    await plan(store, diary.agenda, "a", second, or_sooner=True)
    clock.milliseconds = 2999
    assert await diary.agenda.run_due(parts) == 0
    clock.milliseconds = 3000
    assert await diary.agenda.run_due(parts) == 1
    clock.advance(days=1)
    assert await diary.agenda.run_due(parts) == 0


async def test_a_plan_is_part_of_its_commit(store: EntityStore, parts: Parts) -> None:
    diary = Diary()
    async with store.system_unit_of_work("test") as uow:
        await uow.put(NOTE, "n", Note("x"), owner="ada")
        diary.agenda.plan(uow, "note", "n", at=0)
    assert await diary.agenda.run_due(parts) == 0


async def test_what_fails_is_tried_again_after_a_growing_pause(
    store: EntityStore, parts: Parts, clock: TestClock
) -> None:
    diary = Diary()
    diary.failures = 2
    await plan(store, diary.agenda, "a", 0)
    assert await diary.agenda.run_due(parts) == 1
    clock.advance(seconds=0.499)
    assert await diary.agenda.run_due(parts) == 0
    clock.advance(seconds=0.001)
    assert await diary.agenda.run_due(parts) == 1
    clock.advance(seconds=1)
    assert await diary.agenda.run_due(parts) == 1
    clock.advance(days=1)
    assert await diary.agenda.run_due(parts) == 0


async def test_what_a_dead_process_began_is_done_by_another(store: EntityStore, parts: Parts, clock: TestClock) -> None:
    diary, dead = Diary(), Agenda()

    class Killed(BaseException):
        """Nothing in the process sees it: as SIGKILL."""

    @dead.task("note")
    async def die(parts: Parts, key: str) -> None:
        raise Killed

    await plan(store, diary.agenda, "a", 0)
    with pytest.raises(Killed):
        await dead.run_due(parts)
    assert await diary.agenda.run_due(parts) == 0
    clock.milliseconds += LEASE_MS
    assert await diary.agenda.run_due(parts) == 1
    assert diary.done == ["a"]


async def test_what_takes_long_is_left_to_who_does_it(store: EntityStore, parts: Parts, clock: TestClock) -> None:
    agenda, other = Agenda(lease_ms=30), Diary()
    begun, end = asyncio.Event(), asyncio.Event()

    @agenda.task("note")
    async def take_long(parts: Parts, key: str) -> None:
        begun.set()
        await end.wait()

    await plan(store, agenda, "a", 0)
    doing = asyncio.create_task(agenda.run_due(parts))
    await begun.wait()
    for _ in range(3):
        clock.milliseconds += 29
        while (await store.database.read("SELECT due FROM agenda"))[0][0] != clock() + 30:  # noqa: ASYNC110 (a row has no event)
            await asyncio.sleep(0)
        assert await other.agenda.run_due(parts) == 0
    end.set()
    assert await doing == 1
    clock.advance(days=1)
    assert await other.agenda.run_due(parts) == 0


async def test_what_is_planned_while_it_is_done_is_not_lost(store: EntityStore, parts: Parts, clock: TestClock) -> None:
    agenda, done = Agenda(), 0

    @agenda.task("note")
    async def again(parts: Parts, key: str) -> None:
        nonlocal done
        done += 1
        if done == 1:
            await plan(parts.get(EntityStore), agenda, key, clock() + 1000)

    await plan(store, agenda, "a", 0)
    assert await agenda.run_due(parts) == 1
    clock.advance(seconds=1)
    assert await agenda.run_due(parts) == 1
    clock.advance(days=1)
    assert await agenda.run_due(parts) == 0


def test_a_kind_has_one_task() -> None:
    diary = Diary()
    with pytest.raises(DeclarationError, match="two tasks 'note'"):
        diary.agenda.task("note")


async def test_what_is_slow_holds_up_nothing_that_becomes_due_meanwhile(store: EntityStore, parts: Parts) -> None:
    agenda, begun, release, done = Agenda(poll=0.01), asyncio.Event(), asyncio.Event(), asyncio.Event()

    @agenda.task("slow")
    async def slow(parts: Parts, key: str) -> None:
        begun.set()
        await release.wait()

    @agenda.task("note")
    async def quick(parts: Parts, key: str) -> None:
        done.set()

    async with store.system_unit_of_work("test") as uow:
        agenda.plan(uow, "slow", "a", at=0)
        await uow.commit()
    running = asyncio.create_task(agenda.run_due(parts))
    await begun.wait()
    await plan(store, agenda, "b", 0)
    async with asyncio.timeout(20):
        await done.wait()
    assert not running.done()
    release.set()
    assert await running == 2
