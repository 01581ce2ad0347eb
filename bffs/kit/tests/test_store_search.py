"""Search: what is found, in which order, and that no text can break it."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bffs.kit.tests.store_world import ADA, ARTICLE, BOB, EDITOR, Article, Note
from portico.bff.engine import SqliteEngine
from portico.bff.entity import EntityType, SearchText
from portico.bff.errors import InvalidQuery
from portico.bff.search import fold, trigrams, words_of
from portico.bff.store import EntityStore

MEMO = EntityType("memo", Note, search=lambda note: SearchText(note.text))

ARTICLES = {
    "pad-thai": Article("Pad Thai", "rice noodles, tamarind, peanuts", "thai"),
    "pizza": Article("Pizza Margherita", "tomato, mozzarella, basil", "italian"),
    "calzone": Article("Calzone", "a folded pizza with ham", "italian"),
    "creme": Article("Cr\u00e8me br\u00fbl\u00e9e", "vanilla, caf\u00e9 au lait", "french"),
    "obrien": Article("O'Brien's potatoes", "peppers & onions (100% vegan)", "irish"),
    "sushi": Article("\u7279\u4e0a\u5bff\u53f8", "\u304c\u308a \u30ab\u30ec\u30fc", "japanese"),
    "borsch": Article("\u0411\u043e\u0440\u0449 \u0438 \u0445\u043b\u0435\u0431", "", "other"),
    "strasse": Article("Stra\u00dfenbrot \U0001f355", "ice", "german"),
}


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="articles")
    async with store.unit_of_work(EDITOR) as uow:
        for pk, article in ARTICLES.items():
            await uow.put(ARTICLE, pk, article)
        await uow.commit()
    yield store
    await store.close()


async def found(store: EntityStore, text: str) -> list[str]:
    async with store.unit_of_work(None) as uow:
        return [item.key.pk for item in (await uow.search(ARTICLE, text)).items]


async def indexed(store: EntityStore, word: str) -> object:
    """How many rows the index itself has under a word."""
    if isinstance(store.engine, SqliteEngine):
        rows = await store.database.read("SELECT count(*) FROM search_text WHERE search_text MATCH $1", (word,))
    else:
        grams = msgspec.json.encode(sorted(trigrams(word))).decode()
        sql = "SELECT count(*) FROM search_open WHERE grams @> ARRAY(SELECT json_array_elements_text($1::json))"
        rows = await store.database.read(sql, (grams,))
    return rows[0][0]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("pad thai", {"pad-thai"}),
        ("THAI", {"pad-thai"}),
        ("amarin", {"pad-thai"}),  # within a word
        ("noodles pad", {"pad-thai"}),  # every word, in title or body, in any order
        ("noodles mozzarella", set()),
        ("creme brulee", {"creme"}),
        ("CR\u00c8ME", {"creme"}),
        ("cre\u0300me", {"creme"}),  # decomposed
        ("cafe", {"creme"}),
        ("o'brien", {"obrien"}),
        ("O\u2019Brien", {"obrien"}),
        ("obrien", {"obrien"}),
        ("pepper & onion", {"obrien"}),
        ("100%", {"obrien"}),
        ("strasse", {"strasse"}),
        ("stra\u00dfe", {"strasse"}),
        ("\u0431\u043e\u0440\u0449", {"borsch"}),
        ("\u5bff\u53f8", {"sushi"}),  # two characters are a word here
        ("\u7279\u4e0a\u5bff", {"sushi"}),
        ("\u304c", {"sushi"}),
        ("\u304b", set()),  # the mark makes it another letter
        ("\U0001f355", {"strasse"}),
        ("p", {"pad-thai", "pizza", "calzone", "obrien"}),  # starts a word: Pad, Pizza, pizza, potatoes
        ("pa", {"pad-thai"}),
        ("pi", {"pizza", "calzone"}),
        ("zz", set()),  # not the start of a word
        ("pi ham", {"calzone"}),
        ("ic", {"strasse"}),
        ("", set()),
        ("  ", set()),
        ("&%$!\"'()*", set()),
    ],
)
async def test_rows_that_hold_every_word_are_found(store: EntityStore, text: str, keys: set[str]) -> None:
    assert set(await found(store, text)) == keys


async def test_a_title_ranks_before_a_body(store: EntityStore) -> None:
    assert await found(store, "pizza") == ["pizza", "calzone"]
    assert await found(store, "pi") == ["pizza", "calzone"]


async def test_a_changed_row_is_found_by_its_new_text_alone(store: EntityStore) -> None:
    async with store.unit_of_work(EDITOR) as uow:
        await uow.put(ARTICLE, "pizza", Article("Focaccia", "rosemary"), version=1)
        await uow.put(ARTICLE, "calzone", ARTICLES["calzone"], version=1)
        await uow.commit()
    assert await found(store, "focaccia") == ["pizza"]
    assert await found(store, "margherita") == []
    assert await found(store, "pizza") == ["calzone"]


async def test_a_change_of_the_body_alone_is_found(store: EntityStore) -> None:
    async with store.unit_of_work(EDITOR) as uow:
        await uow.put(ARTICLE, "pizza", Article("Pizza Margherita", "now with rucola"), version=1)
        await uow.commit()
    assert await found(store, "rucola") == ["pizza"]
    assert await found(store, "mozzarella") == []


async def test_a_deleted_row_is_not_found_nor_kept_in_the_index(store: EntityStore) -> None:
    async with store.unit_of_work(EDITOR) as uow:
        await uow.delete(ARTICLE, "pizza")
        await uow.commit()
    assert await found(store, "pizza") == ["calzone"]
    assert await indexed(store, "margherita") == 0


async def test_what_was_not_committed_is_not_found(store: EntityStore) -> None:
    async with store.unit_of_work(EDITOR) as uow:
        await uow.put(ARTICLE, "new", Article("Focaccia"))
    assert await found(store, "focaccia") == []


async def test_the_index_holds_exactly_what_the_rows_say(store: EntityStore) -> None:
    for version, title in enumerate(["one two", "two three", "three"], start=1):
        async with store.unit_of_work(EDITOR) as uow:
            await uow.put(ARTICLE, "pizza", Article(title), version=version)
            await uow.commit()
    assert [await indexed(store, "two"), await indexed(store, "three")] == [0, 1]


async def test_search_keeps_to_what_the_person_reaches(store: EntityStore) -> None:
    for claims, key in ((ADA, "a"), (BOB, "b")):
        async with store.unit_of_work(claims) as uow:
            await uow.put(MEMO, key, Note("secret pizza recipe"))
            await uow.commit()
    for text in ("pizza", "pi"):
        async with store.unit_of_work(ADA) as uow:
            assert [item.key.pk for item in (await uow.search(MEMO, text)).items] == ["a"]
        async with store.unit_of_work(None) as uow:
            assert (await uow.search(MEMO, text)).items == ()
    assert await found(store, "recipe") == []


async def test_search_filters_by_fields(store: EntityStore) -> None:
    async with store.unit_of_work(None) as uow:
        page = await uow.search(ARTICLE, "pizza", where={"articleSection": "italian"})
        none = await uow.search(ARTICLE, "pizza", where={"articleSection": "thai"})
    assert len(page.items) == 2
    assert none.items == ()


@pytest.mark.parametrize("text", ["common", "co"])
@pytest.mark.parametrize("limit", [1, 4, 10, 11])
async def test_pages_of_results_show_each_once(store: EntityStore, text: str, limit: int) -> None:
    async with store.unit_of_work(EDITOR) as uow:
        for n in range(10):
            await uow.put(ARTICLE, f"c{n}", Article(f"common {n}", "common words " * n))
        await uow.commit()
    seen: list[str] = []
    after: str | None = None
    async with store.unit_of_work(None) as uow:
        while True:
            page = await uow.search(ARTICLE, text, limit=limit, after=after)
            seen += [item.key.pk for item in page.items]
            after = page.next_cursor
            if after is None:
                break
    assert sorted(seen) == [f"c{n}" for n in range(10)]


@pytest.mark.parametrize("cursor", ["WyJhIiwiYiJd", "Wy0xXQ", "WzEwMDAxXQ", "x"])
async def test_a_cursor_of_another_kind_is_refused(store: EntityStore, cursor: str) -> None:
    async with store.unit_of_work(None) as uow:
        with pytest.raises(InvalidQuery):
            await uow.search(ARTICLE, "pizza", after=cursor)


@given(text=st.text(max_size=300))
@example(text='"')
@example(text="' OR 1=1 --")
@example(text="NEAR(a b) AND * OR NOT title:pizza ^pi-z {x}")
@example(text="pizza\x00margherita")
@example(text="\ud800")
@example(text="x" * 5000)
@example(text="a b c d e f g h i j k l m n")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_typed_is_only_words(store: EntityStore, text: str) -> None:
    assert set(await found(store, text)) <= set(ARTICLES)


@given(title=st.text(max_size=40))
@example(title="\u0130\u1e9e\ufb03")
@example(title="\u1100\u1161")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_row_is_found_by_its_own_title(store: EntityStore, title: str) -> None:
    async with store.unit_of_work(EDITOR) as uow:
        await uow.get(ARTICLE, "any")
        await uow.put(ARTICLE, "any", Article(title))
        await uow.commit()
    assert ("any" in await found(store, title)) is bool(words_of(title))


@given(st.text())
@settings(deadline=None)
def test_folding_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("SM\u00d8RREBR\u00d8D", "smorrebrod"),
        ("Go\u0142\u0105bki", "golabki"),
        ("\u0110\u00f4ng", "dong"),
        ("kap\u0131", "kapi"),
        ("\u0152uf", "oeuf"),
        ("\u062d\u0645\u0651\u0635", "\u062d\u0645\u0635"),  # Arabic without its vowel mark
    ],
)
def test_letters_are_folded_to_what_people_type(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_at_most_eight_different_words_are_sought() -> None:
    assert words_of("a b a c d e f g h i j") == tuple("abcdefgh")
