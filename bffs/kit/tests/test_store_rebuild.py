"""Rows that are built anew beside the live ones, and take their place all at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from bffs.kit.tests.store_world import ADA, ARTICLE, NOTE, Article, Note, TestClock
from portico.bff import ReceivedEvent
from portico.bff.cause import Cause
from portico.bff.errors import DeclarationError
from portico.bff.events import Event
from portico.bff.feeds import Notice
from portico.bff.rebuild import discard, swap
from portico.bff.store import EntityStore
from portico.bff.testing.events import received
from portico.sql import Statement

KINDS = (NOTE, ARTICLE)


class Thing(msgspec.Struct, frozen=True):
    name: str


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes", clock=TestClock(50_000))
    yield store
    await store.close()


def changed(subject: str, name: str, timestamp: int = 1000) -> ReceivedEvent:
    return received(Event("thing.changed", subject, Thing(name)), timestamp=timestamp)


async def live(store: EntityStore, *events: ReceivedEvent) -> None:
    for event in events:
        async with store.caused_unit_of_work(Cause(event, "r1")) as uow:
            await uow.fold(NOTE, event.subject, Note(event.entity(Thing).name), owner="ada")
            await uow.fold(ARTICLE, event.subject, Article(event.entity(Thing).name), sk="own")
            await uow.commit()


async def anew(store: EntityStore, *events: ReceivedEvent, generation: str = "g2") -> None:
    causes = [Cause(event, f"r1-{generation}") for event in events]
    async with store.rebuilding_unit_of_work(generation, KINDS, *causes) as uow:
        for cause in causes:
            uow.turn_to(cause)
            name = f"new {cause.event.entity(Thing).name}"
            await uow.fold(NOTE, cause.event.subject, Note(name), owner="ada")
            await uow.fold(ARTICLE, cause.event.subject, Article(name), sk="own")
            uow.emit(Event("note.followed", cause.event.subject, Thing(name)))
            uow.notify("ada", Notice("title", "body", "/"))
            uow.tell(person="ada", type="notes.changed", data={})
        await uow.commit()


async def seen(store: EntityStore) -> dict[str, str]:
    async with store.unit_of_work(ADA) as uow:
        page = await uow.query(NOTE)
    return {stored.key.pk: stored.entity.text for stored in page.items}


async def found(store: EntityStore, words: str) -> list[tuple[str, str]]:
    async with store.unit_of_work(ADA) as uow:
        return [stored.key for stored in (await uow.search(ARTICLE, words)).items]


async def test_what_is_built_anew_is_not_seen_until_it_takes_the_place_of_the_live_rows(store: EntityStore) -> None:
    first, second = changed("a", "one"), changed("b", "two")
    await live(store, first, second)
    await anew(store, first)
    assert await seen(store) == {"a": "one", "b": "two"}
    assert await found(store, "one") == [("a", "own")]
    assert await found(store, "new") == []
    await swap(store, "g2", KINDS)
    assert await seen(store) == {"a": "new one"}
    assert await found(store, "new") == [("a", "own")]
    assert await found(store, "two") == []


async def test_rows_under_sort_keys_of_their_own_come_back_under_them(store: EntityStore) -> None:
    await anew(store, changed("a", "one"))
    await swap(store, "g2", KINDS)
    async with store.unit_of_work(ADA) as uow:
        article = await uow.get(ARTICLE, "a", "own")
        note = await uow.get(NOTE, "a")
    assert article is not None
    assert (article.key, article.entity) == (("a", "own"), Article("new one"))
    assert note is not None
    assert note.key == ("a", "note")


async def test_swapping_twice_changes_nothing_more(store: EntityStore) -> None:
    await anew(store, changed("a", "one"))
    await swap(store, "g2", KINDS)
    await swap(store, "g2", KINDS)
    assert await seen(store) == {"a": "new one"}


async def test_live_rows_go_on_changing_after_the_swap_and_older_events_stay_out(store: EntityStore) -> None:
    await anew(store, changed("a", "one", 2000))
    await swap(store, "g2", KINDS)
    await live(store, changed("a", "older", 1000))
    assert await seen(store) == {"a": "new one"}
    await live(store, changed("a", "newer", 3000))
    assert await seen(store) == {"a": "newer"}


async def test_a_rebuild_goes_on_where_it_stopped_and_reads_its_own_rows(store: EntityStore) -> None:
    await live(store, changed("a", "live", 9000))
    await anew(store, changed("a", "two", 2000))
    await anew(store, changed("a", "one", 1000))
    await swap(store, "g2", KINDS)
    assert await seen(store) == {"a": "new two"}


async def test_nobody_is_told_again(store: EntityStore) -> None:
    await anew(store, changed("a", "one"))
    assert await store.database.read("SELECT count(*) FROM outbox") == [(0,)]


async def test_the_audit_says_how_many_rows_were_built_and_when_they_took_their_place(store: EntityStore) -> None:
    await anew(store, changed("a", "one"), changed("b", "two"))
    await swap(store, "g2", KINDS)
    rows = await store.database.read("SELECT actor, action, discriminator, pk, reason FROM audit ORDER BY seq")
    assert rows == [
        ("system:rule r1-g2", "rebuild", "projection", "g2", "4 rows"),
        ("system:rebuild", "rebuild", "projection", "g2", "swapped"),
    ]


async def test_a_generation_that_is_given_up_leaves_nothing(store: EntityStore) -> None:
    await live(store, changed("a", "one"))
    await anew(store, changed("b", "two"))
    await discard(store, "g2", KINDS)
    await swap(store, "g2", KINDS)
    assert await seen(store) == {"a": "one"}
    for table in ("entities", "search_documents"):
        rows = await store.system_database("test").read(f"SELECT discriminator FROM {table}")
        assert not [row for row in rows if "~" in str(row[0])]


async def test_a_rule_writes_nothing_but_what_is_built_anew(store: EntityStore) -> None:
    async with store.rebuilding_unit_of_work("g2", [NOTE], Cause(changed("a", "one"), "r1-g2")) as uow:
        with pytest.raises(DeclarationError, match="article"):
            await uow.put(ARTICLE, "a", Article("title"))
        with pytest.raises(DeclarationError, match="tables of its own"):
            uow.include(Statement("DELETE FROM inbox"))


@pytest.mark.parametrize("name", ["", "G2", "a~b", "x" * 33])
def test_an_unfit_generation_is_refused(name: str) -> None:
    with pytest.raises(DeclarationError):
        NOTE.beside(name)
