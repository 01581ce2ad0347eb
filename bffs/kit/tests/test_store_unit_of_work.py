"""The unit of work: one commit for all, nothing without it, versions, deletion."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from bffs.kit.tests.store_world import ADA, ARTICLE, EDITOR, NOTE, Article, Note, TestClock
from portico.bff.changes import TOMBSTONE_SECONDS
from portico.bff.errors import ConflictError, EventTooLarge, UnitOfWorkClosed
from portico.bff.events import Event
from portico.bff.ids import new_id
from portico.bff.store import EntityStore
from portico.sql import Migration, Statement, UniqueViolation

OWN = Migration("test/0001", "CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL)")
TABLES = ("entities", "idempotency", "outbox", "audit", "search_documents", "tally")


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def store(store_url: str, clock: TestClock) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes", migrations=[OWN], clock=clock)
    yield store
    await store.close()


async def counts(store: EntityStore) -> dict[str, object]:
    return {
        table: (await store.system_database("test").read(f"SELECT count(*) FROM {table}"))[0][0] for table in TABLES
    }


async def put(store: EntityStore, pk: str, text: str) -> int:
    async with store.unit_of_work(ADA) as uow:
        await uow.get(NOTE, pk)
        version = await uow.put(NOTE, pk, Note(text))
        await uow.commit()
    return version


async def test_a_row_comes_back_with_all_the_store_knows(store: EntityStore, clock: TestClock) -> None:
    ttl = clock() // 1000 + 60
    async with store.unit_of_work(ADA) as uow:
        assert await uow.put(NOTE, "n1", Note("hello"), ttl=ttl) == 1
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        stored = await uow.get(NOTE, "n1")
    assert stored is not None
    assert stored.key == ("n1", "note")
    assert stored.entity == Note("hello")
    assert (stored.version, stored.timestamp, stored.ttl) == (1, clock(), ttl)
    assert (stored.last_modified_by, stored.owner, stored.tenant) == ("ada", "ada", "north")
    assert stored.stamp.startswith(f"{clock():015d}-")
    rows = await store.system_database("test").read("SELECT discriminator, deleted, latched, region FROM entities")
    assert rows == [("note", 0, 0, "local")]


async def test_leaving_without_commit_changes_nothing(store: EntityStore) -> None:
    async with store.unit_of_work(EDITOR) as uow:
        await uow.put(ARTICLE, "a1", Article("title"))
        uow.emit(Event("article.written", "a1", Article("title")))
        uow.include(Statement("INSERT INTO tally VALUES ('x', 1)"))
    assert set((await counts(store)).values()) == {0}


async def test_an_exception_changes_nothing_and_is_passed_on(store: EntityStore) -> None:
    async def command() -> None:
        async with store.unit_of_work(ADA) as uow:
            await uow.put(NOTE, "n1", Note("hello"))
            raise RuntimeError("rule")

    with pytest.raises(RuntimeError, match="rule"):
        await command()
    assert set((await counts(store)).values()) == {0}


async def test_one_commit_writes_row_search_audit_event_and_other_statements(store: EntityStore) -> None:
    async with store.unit_of_work(EDITOR) as uow:
        await uow.put(ARTICLE, "a1", Article("title"))
        uow.emit(Event("article.written", "a1", Article("title")))
        uow.include(Statement("INSERT INTO tally VALUES ('x', 1)"))
        await uow.commit()
    expected = {"entities": 1, "idempotency": 0, "outbox": 1, "audit": 1, "search_documents": 1, "tally": 1}
    assert await counts(store) == expected


async def test_a_failure_anywhere_in_the_commit_undoes_all_of_it(store: EntityStore) -> None:
    await store.database.write([Statement("INSERT INTO tally VALUES ('x', 1)")])
    before = await counts(store)
    async with store.unit_of_work(EDITOR) as uow:
        await uow.put(ARTICLE, "a1", Article("title"))
        uow.emit(Event("article.written", "a1", Article("title")))
        uow.include(Statement("INSERT INTO tally VALUES ('x', 2)"))
        with pytest.raises(UniqueViolation):
            await uow.commit()
    assert await counts(store) == before


async def test_a_unit_of_work_ends_with_its_commit(store: EntityStore) -> None:
    async with store.unit_of_work(ADA) as uow:
        await uow.commit()
        with pytest.raises(UnitOfWorkClosed):
            await uow.put(NOTE, "n1", Note("late"))
        with pytest.raises(UnitOfWorkClosed):
            await uow.commit()
        with pytest.raises(UnitOfWorkClosed):
            uow.emit(Event("note.written", "n1", Note("late")))
    with pytest.raises(UnitOfWorkClosed):
        await store.unit_of_work(ADA).put(NOTE, "n1", Note("outside"))


async def test_versions_count_the_changes(store: EntityStore) -> None:
    assert [await put(store, "n1", text) for text in ("a", "b", "c")] == [1, 2, 3]


async def test_a_row_that_was_not_read_must_not_exist(store: EntityStore) -> None:
    await put(store, "n1", "first")
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(ConflictError) as caught:
            await uow.put(NOTE, "n1", Note("blind"))
    assert caught.value.expected == 0
    assert caught.value.current is not None
    assert caught.value.current.entity == Note("first")


@pytest.mark.parametrize(("version", "accepted"), [(1, False), (2, True), (3, False), (0, False)])
async def test_a_given_version_must_be_the_rows(store: EntityStore, version: int, *, accepted: bool) -> None:
    await put(store, "n1", "first")
    await put(store, "n1", "second")
    async with store.unit_of_work(ADA) as uow:
        if accepted:
            assert await uow.put(NOTE, "n1", Note("third"), version=version) == 3
            return
        with pytest.raises(ConflictError) as caught:
            await uow.put(NOTE, "n1", Note("third"), version=version)
    assert caught.value.current is not None
    assert (caught.value.current.entity, caught.value.current.version) == (Note("second"), 2)


async def test_of_two_that_read_the_same_version_the_second_to_commit_is_told(store: EntityStore) -> None:
    await put(store, "n1", "start")
    async with store.unit_of_work(ADA) as slow, store.unit_of_work(ADA) as quick:
        await slow.get(NOTE, "n1")
        await slow.put(NOTE, "n1", Note("slow"))
        slow.emit(Event("note.written", "n1", Note("slow")))
        await quick.query(NOTE)
        await quick.put(NOTE, "n1", Note("quick"))
        await quick.commit()
        with pytest.raises(ConflictError) as caught:
            await slow.commit()
    assert caught.value.expected == 1
    assert caught.value.current is not None
    assert caught.value.current.entity == Note("quick")
    assert (await counts(store))["outbox"] == 0


async def test_of_two_that_add_the_same_row_one_is_told(store: EntityStore) -> None:
    async def add(text: str) -> None:
        async with store.unit_of_work(ADA) as uow:
            await uow.put(NOTE, "n1", Note(text))
            await uow.commit()

    answers = await asyncio.gather(*(add(str(n)) for n in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not None] == [ConflictError] * 4


async def test_a_second_read_does_not_hide_that_the_row_moved_on(store: EntityStore) -> None:
    await put(store, "n1", "start")
    async with store.unit_of_work(ADA) as uow:
        await uow.get(NOTE, "n1")
        await put(store, "n1", "meanwhile")
        await uow.get(NOTE, "n1")
        await uow.put(NOTE, "n1", Note("decided on the first sight"))
        with pytest.raises(ConflictError):
            await uow.commit()


async def test_who_names_the_newer_version_knows_of_it(store: EntityStore) -> None:
    await put(store, "n1", "start")
    async with store.unit_of_work(ADA) as uow:
        await uow.get(NOTE, "n1")
        await put(store, "n1", "meanwhile")
        assert await uow.put(NOTE, "n1", Note("on purpose"), version=2) == 3
        await uow.commit()


async def test_a_unit_of_work_sees_its_own_changes(store: EntityStore) -> None:
    async with store.unit_of_work(ADA) as uow:
        await uow.put(NOTE, "n1", Note("one"))
        assert await uow.put(NOTE, "n1", Note("two"), version=1) == 1
        stored = await uow.get(NOTE, "n1")
        assert stored is not None
        assert (stored.entity, stored.version, stored.owner) == (Note("two"), 1, "ada")
        with pytest.raises(ConflictError):
            await uow.put(NOTE, "n1", Note("three"), version=7)
        await uow.delete(NOTE, "n1")
        assert await uow.get(NOTE, "n1") is None
        await uow.commit()
    assert (await counts(store))["entities"] == 0


async def test_a_deleted_row_is_gone_but_remembered(store: EntityStore, clock: TestClock) -> None:
    await put(store, "n1", "private words")
    async with store.unit_of_work(ADA) as uow:
        await uow.delete(NOTE, "n1", version=1)
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        assert await uow.get(NOTE, "n1") is None
        assert (await uow.query(NOTE)).items == ()
        with pytest.raises(ConflictError):
            await uow.delete(NOTE, "n1")
    rows = await store.system_database("test").read("SELECT deleted, version, data, ttl FROM entities")
    assert rows == [(1, 2, "{}", clock() // 1000 + TOMBSTONE_SECONDS)]


@pytest.mark.parametrize("version", [0, 2, 3])
async def test_a_deletion_at_another_version_is_refused(store: EntityStore, version: int) -> None:
    await put(store, "n1", "text")
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(ConflictError):
            await uow.delete(NOTE, "n1", version=version)


async def test_a_row_made_again_goes_on_counting_so_that_old_versions_never_match(store: EntityStore) -> None:
    await put(store, "n1", "first life")
    async with store.unit_of_work(ADA) as uow:
        await uow.delete(NOTE, "n1")
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(ConflictError):
            await uow.put(NOTE, "n1", Note("stale"), version=1)
        with pytest.raises(ConflictError):
            await uow.put(NOTE, "n1", Note("stale"), version=2)
        assert await uow.put(NOTE, "n1", Note("second life"), version=0) == 3
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        stored = await uow.get(NOTE, "n1")
    assert stored is not None
    assert (stored.entity, stored.version, stored.ttl) == (Note("second life"), 3, None)


async def test_a_row_past_its_ttl_is_gone_before_the_sweep_and_may_be_made_again(
    store: EntityStore, clock: TestClock
) -> None:
    async with store.unit_of_work(ADA) as uow:
        await uow.put(NOTE, "n1", Note("short"), ttl=clock() // 1000 + 10)
        await uow.commit()
    clock.advance(seconds=9)
    async with store.unit_of_work(ADA) as uow:
        assert await uow.get(NOTE, "n1") is not None
    clock.advance(seconds=1)
    async with store.unit_of_work(ADA) as uow:
        assert await uow.get(NOTE, "n1") is None
        assert await uow.put(NOTE, "n1", Note("again")) == 2
        await uow.commit()


async def test_time_never_runs_backwards_for_a_row(store: EntityStore, clock: TestClock) -> None:
    stamps = []
    for seconds in (0, -100, 0, 0):
        clock.advance(seconds=seconds)
        await put(store, "n1", "text")
        async with store.unit_of_work(ADA) as uow:
            stored = await uow.get(NOTE, "n1")
        assert stored is not None
        stamps.append((stored.timestamp, stored.stamp))
    assert stamps == sorted(set(stamps))
    assert [stamp for _, stamp in stamps] == sorted(stamp for _, stamp in stamps)


async def test_what_was_put_and_emitted_is_taken_as_it_was_then(store: EntityStore) -> None:
    class Draft(msgspec.Struct):
        text: str

    draft = Draft("as it was")
    async with store.unit_of_work(ADA) as uow:
        uow.emit(Event("note.written", "n1", draft))
        draft.text = "changed later"
        await uow.commit()
    ((envelope,),) = await store.database.read("SELECT envelope FROM outbox")
    assert msgspec.json.decode(str(envelope))["data"] == {"text": "as it was"}


async def test_the_audit_says_who_did_what_and_cannot_be_changed(store: EntityStore, clock: TestClock) -> None:
    await put(store, "n1", "text")
    async with store.unit_of_work(ADA) as uow:
        await uow.delete(NOTE, "n1")
        await uow.commit()
    rows = await store.database.read("SELECT at, actor, client_id, action, outcome, pk, version FROM audit")
    assert rows == [
        (clock(), "ada", "portico-host", "put", "allowed", "n1", 1),
        (clock(), "ada", "portico-host", "delete", "allowed", "n1", 2),
    ]
    for statement in ("DELETE FROM audit", "UPDATE audit SET actor = 'bob'"):
        with pytest.raises(Exception, match="append-only"):
            await store.database.write([Statement(statement)])


async def test_types_may_share_a_key_under_their_own_sort_keys(store: EntityStore) -> None:
    async with store.system_unit_of_work("test") as uow:
        await uow.put(NOTE, "x", Note("note"), owner="ada")
        await uow.put(ARTICLE, "x", Article("article"))
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        note, article = await uow.get(NOTE, "x"), await uow.get(ARTICLE, "x")
        assert await uow.get(NOTE, "x", "article") is None
    assert note is not None
    assert article is not None
    assert (note.entity, article.entity) == (Note("note"), Article("article"))


async def test_a_key_taken_by_another_type_is_a_conflict(store: EntityStore) -> None:
    async with store.system_unit_of_work("test") as uow:
        await uow.put(ARTICLE, "x", Article("article"), sk="same", owner="ada")
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        await uow.put(NOTE, "x", Note("note"), sk="same")
        with pytest.raises(ConflictError):
            await uow.commit()
    assert await store.system_database("test").read("SELECT discriminator FROM entities") == [("article",)]


async def test_an_event_too_large_for_the_hub_cannot_be_committed(store: EntityStore) -> None:
    async with store.unit_of_work(ADA) as uow:
        await uow.put(NOTE, "n1", Note("text"))
        uow.emit(Event("note.written", "n1", Note("x" * 1_000_000)))
        with pytest.raises(EventTooLarge):
            await uow.commit()
    assert set((await counts(store)).values()) == {0}


async def test_concurrent_changes_of_one_row_lose_none(store: EntityStore) -> None:
    await put(store, "n1", "")

    async def append(letter: str) -> None:
        while True:
            async with store.unit_of_work(ADA) as uow:
                stored = await uow.get(NOTE, "n1")
                assert stored is not None
                await asyncio.sleep(0)
                try:
                    await uow.put(NOTE, "n1", Note(stored.entity.text + letter))
                    await uow.commit()
                except ConflictError:
                    continue
                return

    await asyncio.gather(*(append(letter) for letter in "abcdefghij"))
    async with store.unit_of_work(ADA) as uow:
        stored = await uow.get(NOTE, "n1")
    assert stored is not None
    assert sorted(stored.entity.text) == list("abcdefghij")
    assert stored.version == 11


async def test_sweeping_removes_only_what_has_had_its_time(store: EntityStore, clock: TestClock) -> None:
    async with store.unit_of_work(EDITOR) as uow:
        for n in range(600):
            await uow.put(ARTICLE, new_id(), Article(f"short {n}"), ttl=clock() // 1000 + 5)
        await uow.put(ARTICLE, "stays", Article("stays"))
        await uow.put(ARTICLE, "later", Article("later"), ttl=clock() // 1000 + 6)
        await uow.commit()
    assert await store.sweep() == 0
    clock.advance(seconds=5)
    assert await store.sweep() == 600
    assert await store.system_database("test").read("SELECT pk FROM entities ORDER BY pk") == [("later",), ("stays",)]
    assert await store.system_database("test").read("SELECT pk FROM search_documents ORDER BY pk") == [
        ("later",),
        ("stays",),
    ]
