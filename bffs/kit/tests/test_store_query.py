"""Listing: order, pages, filters, and cursors from outside."""

import base64
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bffs.kit.tests.store_world import ADA, ARTICLE, BOB, EDITOR, NOTE, Article, Note
from portico.bff.cursor import from_cursor, to_cursor
from portico.bff.entity import EntityType
from portico.bff.errors import InvalidQuery
from portico.bff.ids import new_id
from portico.bff.store import EntityStore
from portico.sql import Value


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


async def fill(store: EntityStore, count: int) -> list[str]:
    keys = [new_id() for _ in range(count)]
    async with store.unit_of_work(ADA) as uow:
        for n, key in enumerate(keys):
            await uow.put(NOTE, key, Note(f"note {n}", colour=("red", "blue", None)[n % 3]))
        await uow.commit()
    return keys


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 3, 5, 7, 10, 11])
async def test_pages_show_every_row_once_in_order(store: EntityStore, limit: int, *, descending: bool) -> None:
    keys = await fill(store, 10)
    async with store.unit_of_work(BOB) as uow:
        await uow.put(NOTE, new_id(), Note("bob's"))
        await uow.commit()
    seen: list[str] = []
    after: str | None = None
    async with store.unit_of_work(ADA) as uow:
        while True:
            page = await uow.query(NOTE, limit=limit, after=after, descending=descending)
            assert len(page.items) <= limit
            seen += [item.key.pk for item in page.items]
            after = page.next_cursor
            if after is None:
                break
            assert len(page.items) == limit
    assert seen == (keys[::-1] if descending else keys)


async def test_fields_filter_for_equality_and_absence(store: EntityStore) -> None:
    keys = await fill(store, 9)
    async with store.unit_of_work(ADA) as uow:
        red = await uow.query(NOTE, where={"colour": "red"})
        none = await uow.query(NOTE, where={"colour": None})
        both = await uow.query(NOTE, where={"colour": "red", "text": "note 3"})
        nothing = await uow.query(NOTE, where={"text": "' OR 1=1 --"})
    assert [item.key.pk for item in red.items] == keys[0::3]
    assert [item.key.pk for item in none.items] == keys[2::3]
    assert [item.key.pk for item in both.items] == [keys[3]]
    assert nothing.items == ()


async def test_filters_use_the_names_of_the_json(store: EntityStore) -> None:
    async with store.unit_of_work(EDITOR) as uow:
        await uow.put(ARTICLE, "a", Article("a", section="news"))
        await uow.put(ARTICLE, "b", Article("b", section="sport"))
        await uow.commit()
    async with store.unit_of_work(None) as uow:
        page = await uow.query(ARTICLE, where={"articleSection": "news"})
        assert [item.key.pk for item in page.items] == ["a"]
        with pytest.raises(InvalidQuery):
            await uow.query(ARTICLE, where={"section": "news"})


@pytest.mark.parametrize("field", ["owner", "colour' OR '1'='1", "nothing", ""])
async def test_an_unknown_field_is_refused(store: EntityStore, field: str) -> None:
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(InvalidQuery):
            await uow.query(NOTE, where={field: "x"})


async def test_rows_under_one_key_are_listed_by_their_sort_key(store: EntityStore) -> None:
    async with store.unit_of_work(ADA) as uow:
        for sk in ("line#2", "line#1", "total", "lineage", "line#\U0001f600"):
            await uow.put(NOTE, "order", Note(sk), sk=sk)
        await uow.put(NOTE, "other", Note("line#9"), sk="line#9")
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        lines = await uow.query(NOTE, pk="order", sk_prefix="line#")
        rows = await uow.query(NOTE, pk="order")
    assert [item.key.sk for item in lines.items] == ["line#1", "line#2", "line#\U0001f600"]
    assert [item.key.sk for item in rows.items] == ["line#1", "line#2", "line#\U0001f600", "lineage", "total"]


async def test_many_keys_are_read_at_once_in_one_read(store: EntityStore) -> None:
    keys = await fill(store, 5)
    async with store.unit_of_work(ADA) as uow:
        found = await uow.get_many(NOTE, [keys[3], "missing", keys[0], keys[0]])
        assert await uow.get_many(NOTE, []) == {}
        with pytest.raises(InvalidQuery):
            await uow.get_many(NOTE, [str(n) for n in range(501)])
    assert {pk: stored.entity.text for pk, stored in found.items()} == {keys[0]: "note 0", keys[3]: "note 3"}


@pytest.mark.parametrize("number", [1 << 63, -(1 << 63) - 1, 1 << 100])
async def test_a_number_that_no_database_keeps_is_refused(store: EntityStore, number: int) -> None:
    async with store.unit_of_work(ADA) as uow:
        for read in (uow.query(NOTE, where={"colour": number}), uow.search(NOTE, "x", where={"colour": number})):
            with pytest.raises(InvalidQuery, match="large"):
                await read
        assert (await uow.query(NOTE, where={"colour": (1 << 63) - 1})).items == ()


@pytest.mark.parametrize("limit", [0, -1, 201])
async def test_a_limit_out_of_range_is_refused(store: EntityStore, limit: int) -> None:
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(InvalidQuery, match="limit"):
            await uow.query(NOTE, limit=limit)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!",
        "\u00e9",
        base64.urlsafe_b64encode(b'["a"]').decode(),
        base64.b64encode(b'{"a":1}').decode(),
        "\x00",
    ],
)
async def test_a_cursor_that_is_not_ours_is_refused(store: EntityStore, cursor: str) -> None:
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(InvalidQuery, match="cursor"):
            await uow.query(NOTE, after=cursor)


@pytest.mark.parametrize("number", [1 << 63, -(1 << 63) - 1, 10**30])
def test_a_cursor_with_a_number_that_no_row_has_is_refused(number: int) -> None:
    with pytest.raises(InvalidQuery):
        from_cursor(to_cursor((number, "x")), tuple[int, str])


@given(st.tuples(st.text(), st.text()))
def test_a_cursor_is_read_as_it_was_written(place: tuple[str, str]) -> None:
    assert from_cursor(to_cursor(place), tuple[str, str]) == place


@given(st.text())
def test_no_text_breaks_the_reading_of_a_cursor(text: str) -> None:
    with contextlib.suppress(InvalidQuery):
        from_cursor(text, tuple[str, str])


async def test_listing_by_owner_uses_an_index_and_needs_no_sort(tmp_path: Path) -> None:
    store = await EntityStore.open(f"sqlite:///{tmp_path}/store.db", service="notes")
    plan = await store.database.read(
        "EXPLAIN QUERY PLAN SELECT e.pk FROM entities AS e WHERE e.discriminator = $1 AND e.deleted = 0"
        " AND (e.ttl IS NULL OR e.ttl > $2) AND owner = $3 ORDER BY e.pk DESC, e.sk DESC LIMIT $4",
        ("note", 0, "ada", 10),
    )
    await store.close()
    assert [row[3] for row in plan] == ["SEARCH e USING INDEX entities_by_owner (owner=? AND discriminator=?)"]


class Thing(msgspec.Struct, frozen=True):
    """Something with a field of every kind."""

    text: str = ""
    whole: int = 0
    part: float = 0.0
    truth: bool = False
    maybe: int | None = None


THING = EntityType("thing", Thing)
THINGS = {
    "text": Thing(text='it\'s "quoted" \\u0000 $1'),
    "number": Thing(text="1"),
    "odd": Thing(text="a\0b", whole=7),
    "whole": Thing(whole=1, maybe=0),
    "large": Thing(whole=2**53 + 1),
    "negative": Thing(whole=-3),
    "part": Thing(part=0.1),
    "round": Thing(part=1.0),
    "tiny": Thing(part=1e-9),
    "true": Thing(truth=True, maybe=1),
}


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"text": 'it\'s "quoted" \\u0000 $1'}, {"text"}),
        ({"text": "1"}, {"number"}),
        ({"whole": 7}, {"odd"}),
        ({"whole": 1}, {"whole"}),
        ({"whole": 1.0}, {"whole"}),
        ({"whole": 2**53 + 1}, {"large"}),
        ({"whole": 2**53}, set()),
        ({"whole": -3}, {"negative"}),
        ({"part": 0.1}, {"part"}),
        ({"part": 1}, {"round"}),
        ({"part": 1.0}, {"round"}),
        ({"part": 1e-9}, {"tiny"}),
        ({"truth": True}, {"true"}),
        ({"truth": False, "part": 0.1}, {"part"}),
        ({"maybe": 0}, {"whole"}),
        ({"maybe": None, "part": 0.1}, {"part"}),
        ({"truth": True, "maybe": None}, set()),
    ],
)
async def test_a_filter_means_the_same_on_every_engine(
    store: EntityStore, where: dict[str, Value], found: set[str]
) -> None:
    async with store.unit_of_work(ADA) as uow:
        for pk, thing in THINGS.items():
            await uow.put(THING, pk, thing)
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        assert {item.key.pk for item in (await uow.query(THING, where=where)).items} == found
        assert len((await uow.query(THING, where={"text": ""})).items) == 7  # one row's NUL fails nobody's query
