"""Commands that arrive many times: one effect, one answer."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bffs.kit.tests.store_world import ADA, BOB, NOTE, Note, TestClock
from portico.bff.errors import IdempotencyKeyExpired, IdempotencyKeyInvalid, IdempotencyKeyReused
from portico.bff.events import Event
from portico.bff.idempotency import idempotent, request_hash
from portico.bff.idempotency_record import StoredResponse
from portico.bff.ids import new_id
from portico.bff.outcomes import outcome
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork
from portico.sql import StoreUnavailable

HASH = request_hash("POST", "/notes", b"{}")


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def store(store_url: str, clock: TestClock) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes", clock=clock)
    yield store
    await store.close()


def writing(pk: str, calls: list[str] | None = None) -> Callable[[UnitOfWork], Awaitable[StoredResponse]]:
    """A command that adds a note and tells of it."""

    async def run(uow: UnitOfWork) -> StoredResponse:
        if calls is not None:
            calls.append(pk)
        version = await uow.put(NOTE, pk, Note("text"))
        uow.emit(Event("note.written", pk, Note("text")))
        headers = (("location", f"/notes/{pk}"), ("etag", f'"{version}"'))
        return StoredResponse(201, b'{"id": "%s"}' % pk.encode(), headers)

    return run


async def effects(store: EntityStore) -> tuple[object, ...]:
    ((entities, events, audits),) = await store.system_database("test").read(
        "SELECT (SELECT count(*) FROM entities), (SELECT count(*) FROM outbox), (SELECT count(*) FROM audit)"
    )
    return entities, events, audits


async def test_a_repetition_gets_the_first_answer_without_running(store: EntityStore) -> None:
    calls: list[str] = []
    first = await idempotent(store, ADA, "k1", HASH, writing("a", calls))
    second = await idempotent(store, ADA, "k1", HASH, writing("b", calls))
    assert calls == ["a"]
    assert not first.replayed
    assert second == msgspec.structs.replace(first, replayed=True)
    assert second.headers == (("location", "/notes/a"), ("etag", '"1"'))
    assert await effects(store) == (1, 1, 1)


async def test_without_a_key_every_call_runs(store: EntityStore) -> None:
    for pk in ("a", "b"):
        response = await idempotent(store, ADA, None, HASH, writing(pk))
        assert not response.replayed
    assert await effects(store) == (2, 2, 2)
    assert await store.database.read("SELECT * FROM idempotency") == []


async def test_another_body_under_the_same_key_is_refused(store: EntityStore) -> None:
    await idempotent(store, ADA, "k1", HASH, writing("a"))
    with pytest.raises(IdempotencyKeyReused):
        await idempotent(store, ADA, "k1", request_hash("POST", "/notes", b"{ }"), writing("b"))
    assert await effects(store) == (1, 1, 1)


async def test_keys_belong_to_the_person(store: EntityStore) -> None:
    await idempotent(store, ADA, "k1", HASH, writing("a"))
    response = await idempotent(store, BOB, "k1", request_hash("POST", "/x", b""), writing("b"))
    assert (response.status, response.replayed) == (201, False)
    assert await effects(store) == (2, 2, 2)


async def test_concurrent_repetitions_end_in_one_effect_and_one_answer(store: EntityStore) -> None:
    async def slow(uow: UnitOfWork) -> StoredResponse:
        await asyncio.sleep(0)
        return await writing(str(uuid.uuid4()))(uow)

    answers = await asyncio.gather(*(idempotent(store, ADA, "k1", HASH, slow) for _ in range(20)))
    assert len({answer.body for answer in answers}) == 1
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 19
    assert await effects(store) == (1, 1, 1)


async def test_a_twin_that_fails_because_the_first_succeeded_gets_its_answer(store: EntityStore) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def late(uow: UnitOfWork) -> StoredResponse:
        begun.set()
        await go_on.wait()
        return await writing("same")(uow)  # the row is there by now: a conflict

    twin = asyncio.ensure_future(idempotent(store, ADA, "k1", HASH, late))
    await begun.wait()
    await idempotent(store, ADA, "k1", HASH, writing("same"))
    go_on.set()
    answer = await twin
    assert (answer.status, answer.replayed) == (201, True)


async def test_a_concurrent_other_body_is_refused_and_has_no_effect(store: EntityStore) -> None:
    hashes = [request_hash("POST", "/notes", str(n % 2).encode()) for n in range(6)]
    answers = await asyncio.gather(
        *(idempotent(store, ADA, "k1", digest, writing(str(n))) for n, digest in enumerate(hashes)),
        return_exceptions=True,
    )
    refused = [isinstance(answer, IdempotencyKeyReused) for answer in answers]
    assert refused in ([False, True] * 3, [True, False] * 3)
    assert await effects(store) == (1, 1, 1)


async def test_processes_with_one_file_agree(store: EntityStore, store_url: str) -> None:
    # A second store on the same file has its own writer and reader, as another process would.
    other = await EntityStore.open(store_url, service="notes")
    answers = await asyncio.gather(
        *(idempotent(each, ADA, f"k{n}", HASH, writing(f"{n}")) for n in range(20) for each in (store, other))
    )
    await other.close()
    assert [answers[n].body for n in range(0, 40, 2)] == [answers[n].body for n in range(1, 40, 2)]
    assert sum(answer.replayed for answer in answers) == 20
    assert await effects(store) == (20, 20, 20)


async def test_an_answer_of_failure_leaves_nothing_and_the_key_may_try_again(store: EntityStore) -> None:
    async def failing(uow: UnitOfWork) -> StoredResponse:
        await writing("a")(uow)
        return StoredResponse(422, b"no")

    assert (await idempotent(store, ADA, "k1", HASH, failing)).status == 422
    assert await effects(store) == (0, 0, 0)
    assert (await idempotent(store, ADA, "k1", HASH, writing("a"))).status == 201


async def test_an_exception_leaves_nothing_and_the_key_may_try_again(store: EntityStore) -> None:
    async def failing(uow: UnitOfWork) -> StoredResponse:
        await writing("a")(uow)
        raise LookupError("rule")

    with pytest.raises(LookupError):
        await idempotent(store, ADA, "k1", HASH, failing)
    assert await effects(store) == (0, 0, 0)
    assert not (await idempotent(store, ADA, "k1", HASH, writing("a"))).replayed


@pytest.mark.parametrize("key", ["", "x" * 201, "caf\u00e9", "a\nb", "\x7f"])
async def test_an_unfit_key_is_refused(store: EntityStore, key: str) -> None:
    with pytest.raises(IdempotencyKeyInvalid):
        await idempotent(store, ADA, key, HASH, writing("a"))


async def test_the_longest_key_is_taken(store: EntityStore) -> None:
    assert (await idempotent(store, ADA, "k" * 200, HASH, writing("a"))).status == 201


async def test_answers_are_kept_for_thirty_days(store: EntityStore, clock: TestClock) -> None:
    await idempotent(store, ADA, "k1", HASH, writing("a"))
    clock.advance(days=30)
    assert await store.sweep() == 0
    assert (await idempotent(store, ADA, "k1", HASH, writing("b"))).replayed
    clock.advance(seconds=0.001)
    assert await store.sweep() == 1
    assert await outcome(store, ADA, "k1") is None


async def test_a_key_older_than_the_answers_kept_is_refused(store: EntityStore, clock: TestClock) -> None:
    key = new_id()
    clock.milliseconds = (uuid.UUID(key).int >> 80) + 30 * 86_400_000
    await idempotent(store, ADA, key, HASH, writing("a"))
    clock.advance(days=31)
    assert (await idempotent(store, ADA, key, HASH, writing("b"))).replayed
    await store.sweep()
    with pytest.raises(IdempotencyKeyExpired):
        await idempotent(store, ADA, key, HASH, writing("b"))
    assert await effects(store) == (1, 1, 1)


async def test_a_key_without_a_time_whose_answer_is_gone_does_not_publish_its_events_twice(
    store: EntityStore, clock: TestClock
) -> None:
    await idempotent(store, ADA, "k1", HASH, writing("a"))
    clock.advance(days=31)
    await store.sweep()

    async def again(uow: UnitOfWork) -> StoredResponse:
        uow.emit(Event("note.written", "a", Note("text")))
        return StoredResponse(200)

    with pytest.raises(IdempotencyKeyExpired):
        await idempotent(store, ADA, "k1", HASH, again)
    assert await effects(store) == (1, 1, 1)


async def test_the_outcome_of_a_command_can_be_asked_for_by_its_person_alone(store: EntityStore) -> None:
    assert await outcome(store, ADA, "k1") is None
    await idempotent(store, ADA, "k1", HASH, writing("a"))
    answer = await outcome(store, ADA, "k1")
    assert answer is not None
    assert answer.status == 201
    assert await outcome(store, BOB, "k1") is None


async def test_a_store_that_is_away_is_told_as_such(store: EntityStore) -> None:
    async def closing(uow: UnitOfWork) -> StoredResponse:
        await store.close()
        return StoredResponse(200)

    with pytest.raises(StoreUnavailable):
        await idempotent(store, ADA, "k1", HASH, closing)


async def test_the_same_command_makes_the_same_event_ids_in_any_region(tmp_path: Path) -> None:
    ids = []
    for region, key in (("north", "k1"), ("south", "k1"), ("north", "k2")):
        store = await EntityStore.open(f"sqlite:///{tmp_path}/{region}{key}.db", service="notes", region=region)
        await idempotent(store, ADA, key, HASH, writing("a"))
        ids += [row[0] for row in await store.database.read("SELECT id FROM outbox")]
        await store.close()
    assert ids[0] == ids[1]
    assert ids[2] != ids[0]


@given(st.tuples(st.text(), st.text(), st.binary()), st.tuples(st.text(), st.text(), st.binary()))
@settings(deadline=None)
def test_different_requests_have_different_hashes(a: tuple[str, str, bytes], b: tuple[str, str, bytes]) -> None:
    same = (a[0].upper(), *a[1:]) == (b[0].upper(), *b[1:])
    assert (request_hash(*a) == request_hash(*b)) is same


def test_where_one_part_ends_and_the_next_begins_is_part_of_the_hash() -> None:
    assert request_hash("POST", "/ab", b"c") != request_hash("POST", "/a", b"bc")


async def test_the_events_of_a_command_belong_to_its_trace(store: EntityStore) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for key in (None, "k1"):
        await idempotent(store, ADA, key, HASH, writing(f"a-{key}"), traceparent=trace)
    rows = await store.system_database("test").read("SELECT envelope FROM outbox")
    assert [msgspec.json.decode(str(row[0]))["traceparent"] for row in rows] == [trace, trace]
