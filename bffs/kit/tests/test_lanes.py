"""Lanes: commands of one device about one thing take effect in their order, or not at all."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bffs.kit.tests.lane_world import LEDGER, Lane, ledger
from bffs.kit.tests.store_world import ADA, TestClock
from portico.bff.errors import CommandApplied, IdempotencyKeyInvalid, LaneGap, LaneSeqUsed
from portico.bff.idempotency import idempotent
from portico.bff.idempotency_record import StoredResponse
from portico.bff.ids import new_id
from portico.bff.lanes import MOST_LANES, Admission
from portico.bff.outcomes import outcome, skip
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork
from portico.sql import Statement


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def store(store_url: str, clock: TestClock) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="ledger", migrations=[LEDGER], clock=clock)
    yield store
    await store.close()


@pytest.fixture
def lane() -> Lane:
    return Lane("thing:1")


async def keys(store: EntityStore) -> list[str]:
    return [entry.key for entry in await ledger(store)]


async def test_commands_of_a_lane_run_one_after_the_other(store: EntityStore, lane: Lane) -> None:
    assert [await lane.send(store, seq, f"k{seq}") for seq in (1, 2, 3)] == ["applied"] * 3
    assert await keys(store) == ["k1", "k2", "k3"]


async def test_one_that_comes_too_early_is_told_which_is_next_and_leaves_nothing(
    store: EntityStore, lane: Lane
) -> None:
    await lane.send(store, 1, "k1")
    with pytest.raises(LaneGap) as gap:
        await skip(store, ADA, "k3", lane.admission(3))
    assert gap.value.expected == 2
    assert await lane.send(store, 3, "k3") == "lane-gap"
    assert await lane.send(store, 2, "k2") == "applied"
    assert await lane.send(store, 3, "k3") == "applied"


async def test_a_place_that_another_command_had_is_told(store: EntityStore, lane: Lane) -> None:
    await lane.send(store, 1, "k1")
    with pytest.raises(LaneSeqUsed) as used:
        await skip(store, ADA, "other", lane.admission(1))
    assert used.value.expected == 2
    assert await lane.send(store, 1, "other") == "lane-seq-used"
    assert await keys(store) == ["k1"]


async def test_a_repetition_is_answered_whatever_place_it_names(store: EntityStore, lane: Lane) -> None:
    for seq in (1, 2, 3):
        await lane.send(store, seq, f"k{seq}")
    assert [await lane.send(store, seq, "k1") for seq in (1, 2, 9)] == ["replayed"] * 3
    assert await keys(store) == ["k1", "k2", "k3"]


async def test_a_refused_command_keeps_its_place_for_itself_or_another(store: EntityStore, lane: Lane) -> None:
    assert await lane.send(store, 1, "k1", refuse=True) == "refused"
    assert await lane.expected(store) == 1
    assert await lane.send(store, 2, "k2") == "lane-gap"
    assert await lane.send(store, 1, "k1b", replaces=["k1"]) == "applied"
    assert await lane.send(store, 2, "k2", refuse=True) == "refused"
    assert await lane.send(store, 2, "k2") == "applied"


async def test_an_answer_of_failure_keeps_the_place_too(store: EntityStore, lane: Lane) -> None:
    async def failing(_uow: UnitOfWork) -> StoredResponse:
        return StoredResponse(422)

    assert (await idempotent(store, ADA, "k1", b"", failing, admission=Admission(lane.turn(1)))).status == 422
    assert await lane.expected(store) == 1


async def test_lanes_devices_and_persons_do_not_wait_for_each_other(store: EntityStore) -> None:
    same = "one-device"
    lanes = [Lane("a", client=same), Lane("b", client=same), Lane("a"), Lane("a", sub="bob", client=same)]
    await lanes[0].send(store, 1, "first")
    for n, other in enumerate(lanes[1:]):
        assert await other.send(store, 2, f"{n}") == "lane-gap"
        assert await other.send(store, 1, f"{n}") == "applied"
    assert await lanes[0].send(store, 2, "second") == "applied"


async def test_of_many_that_race_for_a_place_one_has_it(store: EntityStore, lane: Lane, store_url: str) -> None:
    other = await EntityStore.open(store_url, service="ledger", migrations=[LEDGER])
    for seq in (1, 2, 3):
        answers = await asyncio.gather(
            *(lane.send(each, seq, f"{seq}-{n}") for n in range(10) for each in (store, other)), return_exceptions=True
        )
        assert answers.count("applied") == 1
        assert set(answers) == {"applied", "replayed", "lane-seq-used"}
    await other.close()
    assert [entry.seq for entry in await ledger(store)] == [1, 2, 3]


async def test_a_loser_of_the_race_is_told_so_even_if_it_failed_of_something_else(
    store: EntityStore, lane: Lane
) -> None:
    async def run(uow: UnitOfWork) -> StoredResponse:
        assert await lane.send(store, 1, "quicker") == "applied"
        uow.include(Statement("INSERT INTO ledger (sub) VALUES (NULL)"))
        return StoredResponse(200)

    with pytest.raises(LaneSeqUsed):
        await idempotent(store, ADA, "slower", b"", run, admission=Admission(lane.turn(1)))


async def test_a_lane_that_was_set_back_meanwhile_is_told_as_such(store: EntityStore, lane: Lane) -> None:
    for seq in (1, 2):
        await lane.send(store, seq, f"k{seq}")

    async def run(uow: UnitOfWork) -> StoredResponse:
        await store.database.write([Statement("UPDATE lanes SET last = 1")])
        uow.include(Statement("INSERT INTO ledger (sub, client, lane, seq, key) VALUES ('', '', '', 3, 'k3')"))
        return StoredResponse(200)

    with pytest.raises(LaneGap) as gap:
        await idempotent(store, ADA, "k3", b"", run, admission=Admission(lane.turn(3)))
    assert gap.value.expected == 2
    assert await keys(store) == ["k1", "k2"]


async def test_a_twin_that_is_refused_because_the_first_succeeded_gets_its_answer(
    store: EntityStore, lane: Lane
) -> None:
    async def first(_uow: UnitOfWork) -> StoredResponse:
        return StoredResponse(200)

    async def late(_uow: UnitOfWork) -> StoredResponse:
        await idempotent(store, ADA, "k1", b"", first, admission=Admission(lane.turn(1)))
        return StoredResponse(409)

    answer = await idempotent(store, ADA, "k1", b"", late, admission=Admission(lane.turn(1)))
    assert (answer.status, answer.replayed) == (200, True)


async def test_what_is_replaced_never_takes_effect_and_what_replaces_it_has_its_place(
    store: EntityStore, lane: Lane
) -> None:
    assert await lane.send(store, 1, "edited", replaces=["first", "second"]) == "applied"
    for late in ("first", "second"):
        assert await lane.send(store, 1, late) == "command-skipped"
    assert await keys(store) == ["edited"]
    assert await lane.send(store, 1, "edited", replaces=["first", "second"]) == "replayed"


async def test_what_took_effect_is_not_replaced(store: EntityStore, lane: Lane) -> None:
    await lane.send(store, 1, "first")
    assert await lane.send(store, 1, "edited", replaces=["first"]) == "command-applied"
    assert await lane.send(store, 2, "edited", replaces=["other", "first"]) == "command-applied"
    assert await outcome(store, ADA, "other") is None
    assert await keys(store) == ["first"]


async def test_a_refused_replacement_replaces_nothing(store: EntityStore, lane: Lane) -> None:
    assert await lane.send(store, 1, "edited", replaces=["first"], refuse=True) == "refused"
    assert await lane.send(store, 1, "first") == "applied"


async def test_a_command_and_its_replacement_at_once_have_one_effect(
    store: EntityStore, lane: Lane, store_url: str
) -> None:
    other = await EntityStore.open(store_url, service="ledger", migrations=[LEDGER])
    for seq in range(1, 11):
        first = lane.send(store, seq, f"first-{seq}")
        edited = lane.send(other, seq, f"edited-{seq}", replaces=[f"first-{seq}"])
        answers = await asyncio.gather(*((first, edited) if seq % 2 else (edited, first)))
        assert sorted(answers) in (["applied", "command-skipped"], ["applied", "command-applied"])
    await other.close()
    assert [entry.seq for entry in await ledger(store)] == list(range(1, 11))


async def test_giving_up_lets_the_lane_go_on(store: EntityStore, lane: Lane) -> None:
    await lane.send(store, 1, "k1", refuse=True)
    for _ in range(2):
        assert await lane.skip(store, 1, "k1") == "command-skipped"
    assert await lane.send(store, 1, "k1") == "command-skipped"
    assert await lane.send(store, 2, "k2") == "applied"
    assert await lane.skip(store, 1, "k1") == "command-skipped"
    assert await keys(store) == ["k2"]


async def test_giving_up_what_took_effect_is_refused_with_its_outcome(store: EntityStore, lane: Lane) -> None:
    await lane.send(store, 1, "k1")
    with pytest.raises(CommandApplied) as applied:
        await skip(store, ADA, "k1", lane.admission(1))
    assert applied.value.outcome == await outcome(store, ADA, "k1")
    assert (applied.value.outcome.state, applied.value.outcome.status) == ("applied", 200)
    assert applied.value.outcome.at == "2027-01-15T08:00:00.000Z"


async def test_giving_up_without_a_lane_and_then_with_it_moves_the_lane_once(store: EntityStore, lane: Lane) -> None:
    await skip(store, ADA, "k1")
    assert await lane.expected(store) == 1
    assert [await lane.skip(store, 1, "k1") for _ in range(2)] == ["command-skipped"] * 2
    assert await lane.expected(store) == 2
    assert await lane.skip(store, 4, "k1") == "lane-gap"


async def test_a_command_and_its_giving_up_at_once_are_one_or_the_other(
    store: EntityStore, lane: Lane, store_url: str
) -> None:
    other = await EntityStore.open(store_url, service="ledger", migrations=[LEDGER])
    for seq in range(1, 11):
        sent, given_up = lane.send(store, seq, f"k{seq}"), lane.skip(other, seq, f"k{seq}")
        answers = await asyncio.gather(*((sent, given_up) if seq % 2 else (given_up, sent)))
        assert sorted(answers) in (["applied", "command-applied"], ["command-skipped"] * 2)
        assert await lane.expected(store) == seq + 1
    await other.close()


async def test_the_outcome_says_what_is_known(store: EntityStore, lane: Lane) -> None:
    await lane.send(store, 1, "k1", refuse=True)
    assert await outcome(store, ADA, "k1") is None
    await skip(store, ADA, "k1")
    skipped = await outcome(store, ADA, "k1")
    assert skipped is not None
    assert (skipped.key, skipped.state, skipped.status) == ("k1", "skipped", None)


async def test_giving_up_an_edited_command_gives_up_what_it_replaces(store: EntityStore) -> None:
    free = Lane("", free=True)
    assert await free.skip(store, 1, "edited", replaces=["first"]) == "command-skipped"
    assert [await free.send(store, 1, key) for key in ("edited", "first")] == ["command-skipped"] * 2
    await free.send(store, 1, "other")
    assert await free.skip(store, 1, "new", replaces=["other"]) == "command-applied"
    assert await free.skip(store, 1, "edited", replaces=["other"]) == "command-applied"
    assert await outcome(store, ADA, "new") is None


async def test_giving_up_needs_a_key_that_could_be_one(store: EntityStore) -> None:
    with pytest.raises(IdempotencyKeyInvalid):
        await skip(store, ADA, "")


async def test_a_person_has_so_many_lanes_and_those_go_on(store: EntityStore, lane: Lane) -> None:
    assert await lane.send(store, 1, "k1") == "applied"
    many = (
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
        " INSERT INTO lanes (sub, client, lane, last, used_at) SELECT 'ada', 'old', i, 1, $2 FROM n"
    )
    await store.database.write([Statement(many, (MOST_LANES - 1, store.now()))])
    assert await Lane("last").send(store, 1, "k-last") == "applied"
    other = Lane("one too many")
    assert await other.send(store, 1, "k-other") == "too-many-lanes"
    assert await other.skip(store, 1, "k-other") == "too-many-lanes"
    assert await other.send(store, 2, "k-other") == "lane-gap"
    assert await outcome(store, ADA, "k-other") is None
    assert await lane.send(store, 1, "k1") == "replayed"
    assert await lane.send(store, 2, "k2") == "applied"
    assert await Lane("", free=True).send(store, 1, "free") == "applied"
    assert await Lane("one too many", sub="bob").send(store, 1, "k-bob") == "applied"
    await store.database.write([Statement("DELETE FROM lanes WHERE client = 'old' AND lane = '2'")])
    assert await other.send(store, 1, "k-other") == "applied"


async def test_a_place_needs_a_key(store: EntityStore, lane: Lane) -> None:
    async def run(_uow: UnitOfWork) -> StoredResponse:
        raise AssertionError

    with pytest.raises(IdempotencyKeyInvalid):
        await idempotent(store, ADA, None, b"", run, admission=Admission(lane.turn(1)))


async def test_a_key_too_old_to_be_sent_can_be_given_up(store: EntityStore, lane: Lane, clock: TestClock) -> None:
    key = new_id()
    clock.milliseconds = int(key.replace("-", "")[:12], 16) + 31 * 86_400_000
    assert await lane.send(store, 1, key) == "idempotency-key-expired"
    assert await lane.skip(store, 1, key) == "command-skipped"
    assert await lane.expected(store) == 2


async def test_what_may_have_been_done_too_long_ago_to_know_is_not_replaced(
    store: EntityStore, lane: Lane, clock: TestClock
) -> None:
    old, fresh = key_of_day(clock, -31), key_of_day(clock, -29)
    assert await lane.send(store, 1, "edited", replaces=[fresh, old]) == "idempotency-key-expired"
    assert [await keys(store), await outcome(store, ADA, fresh)] == [[], None]
    assert await lane.send(store, 1, "edited", replaces=[fresh]) == "applied"


async def test_what_is_old_and_known_is_replaced_or_not_as_ever(
    store: EntityStore, lane: Lane, clock: TestClock
) -> None:
    done, skipped = key_of_day(clock, 0), key_of_day(clock, 0)
    clock.advance(days=0.5)
    await lane.send(store, 1, done)
    await lane.skip(store, 2, skipped)
    clock.advance(days=29.8)
    assert await lane.send(store, 3, "edited", replaces=[done]) == "command-applied"
    assert await lane.send(store, 3, "edited", replaces=[skipped]) == "applied"


async def test_a_key_of_a_clock_that_is_ahead_is_refused_in_words(
    store: EntityStore, lane: Lane, clock: TestClock
) -> None:
    async def run(_uow: UnitOfWork) -> StoredResponse:
        raise AssertionError

    with pytest.raises(IdempotencyKeyInvalid, match="more than a day in the future"):
        await idempotent(store, ADA, key_of_day(clock, 1.01), b"", run)
    assert await lane.send(store, 1, key_of_day(clock, 0.99)) == "applied"


def key_of_day(clock: TestClock, day: float) -> str:
    """A UUIDv7 that was made so many days from now."""
    born = clock.milliseconds + int(day * 86_400_000)
    return f"{born >> 16:08x}-{born & 0xFFFF:04x}" + new_id()[13:]


async def test_lanes_are_kept_for_thirty_days_after_their_last_use(
    store: EntityStore, lane: Lane, clock: TestClock
) -> None:
    await lane.send(store, 1, "k1")
    clock.advance(days=20)
    await lane.send(store, 2, "k2")
    clock.advance(days=20)
    assert await store.sweep() == 1  # the first answer
    assert await lane.expected(store) == 3
    clock.advance(days=10)
    assert await store.sweep() == 0
    clock.advance(seconds=0.001)
    assert await store.sweep() == 2  # the second answer, and the lane
    assert await lane.send(store, 3, "k3") == "lane-gap"
    assert await lane.send(store, 1, "anew") == "applied"
