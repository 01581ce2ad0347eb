"""Row-level security in PostgreSQL: what a statement without its predicate, or a write unchecked, still meets."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bffs.kit.tests.store_world import ADA, ARTICLE, BOB, NOTE, PLAN, Article, Note, Plan, person
from portico.bff.access import Access
from portico.bff.claims import Claims
from portico.bff.entity import ClaimReach, EntityType, Reach, SearchText
from portico.bff.errors import ConflictError, DeclarationError, SettingsError
from portico.bff.store import EntityStore
from portico.sql import Database, SqlError, Statement, StatementError
from tools.postgres import PostgresServer

MEMO = EntityType("memo", Note, search=lambda note: SearchText(note.text))
STOCK = EntityType("stock", Note, reach=ClaimReach("shops"))
DEE = person("dee", shops=("north", 'it\'s "south"'))
OPEN = {"article"}
REACHED: list[tuple[Claims | None, set[str]]] = [
    (ADA, {"ada-note", "ada-memo", "north-plan", *OPEN}),
    (BOB, {"bob-note", "north-plan", *OPEN}),
    (person("cyd", tenant="south"), OPEN),
    (DEE, {"north-stock", "south-stock", *OPEN}),
    (person("", tenant=""), OPEN),
    (None, OPEN),
]


@pytest.fixture
async def store(service_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(service_url, service="notes")
    async with store.system_unit_of_work("seed") as uow:
        await uow.put(NOTE, "ada-note", Note("ada's"), owner="ada")
        await uow.put(MEMO, "ada-memo", Note("hidden pepper"), owner="ada")
        await uow.put(NOTE, "bob-note", Note("bob's"), owner="bob")
        await uow.put(PLAN, "north-plan", Plan("north's"), tenant="north")
        await uow.put(STOCK, "north-stock", Note("flour"), claim_value="north")
        await uow.put(STOCK, "south-stock", Note("rice"), claim_value='it\'s "south"')
        await uow.put(STOCK, "east-stock", Note("salt"), claim_value="east")
        await uow.put(ARTICLE, "article", Article("for all", "pepper"))
        await uow.commit()
    yield store
    await store.close()


def seen_by(store: EntityStore, claims: Claims | None) -> Database:
    return store.engine.seen_by(store.database, Access.of(claims))


async def keys(database: Database, table: str = "entities") -> set[object]:
    """What a query shows that asks for everything."""
    return {row[0] for row in await database.read(f"SELECT pk FROM {table}")}


async def wrecked(store: EntityStore, claims: Claims | None, sql: str) -> None:
    """Have somebody run a statement as no code of ours writes it; it may change nothing."""
    before = await store.system_database("test").read("SELECT * FROM entities ORDER BY pk")
    with contextlib.suppress(StatementError):  # the server says no, or finds nothing to change
        await seen_by(store, claims).write([Statement(sql)])
    assert await store.system_database("test").read("SELECT * FROM entities ORDER BY pk") == before


@pytest.mark.parametrize(("claims", "reached"), REACHED)
async def test_a_query_without_its_predicate_shows_what_the_claims_reach(
    store: EntityStore, claims: Claims | None, reached: set[str]
) -> None:
    assert await keys(seen_by(store, claims)) == reached
    assert await keys(store.database) == OPEN


@pytest.mark.parametrize(("claims", "reached"), REACHED)
async def test_a_store_that_forgets_every_predicate_reads_the_same(
    store: EntityStore, claims: Claims | None, reached: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Access, "predicate", lambda *_: "TRUE")
    found: list[set[str]] = []
    kinds: tuple[EntityType[Any], ...] = (NOTE, MEMO, PLAN, STOCK, ARTICLE)
    every = [str(key) for key in await keys(store.system_database("test"))]
    async with store.unit_of_work(claims) as uow:
        found.append({item.key.pk for kind in kinds for item in (await uow.query(kind)).items})
        found.append({pk for kind in kinds for pk in await uow.get_many(kind, every)})
        found.append({pk for kind in kinds for pk in every if await uow.get(kind, pk)})
        hits = {item.key.pk for kind in kinds for item in (await uow.search(kind, "pepper")).items}
    assert found == [reached] * 3
    assert hits == reached & {"ada-memo", "article"}


async def test_the_text_that_is_searched_is_behind_the_wall_as_well(store: EntityStore) -> None:
    assert await keys(seen_by(store, ADA), "search_documents") == {"ada-memo", "article"}
    assert await keys(seen_by(store, BOB), "search_documents") == {"article"}
    for claims in (ADA, BOB, None):
        assert await keys(seen_by(store, claims), "search_closed") == set()
    assert await keys(store.system_database("test"), "search_documents") == {"ada-memo", "article"}


async def test_a_store_that_forgets_every_check_changes_nothing_of_anothers(
    store: EntityStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Access, "predicate", lambda *_: "TRUE")
    monkeypatch.setattr(Access, "reaches", lambda *_: True)
    monkeypatch.setattr(Access, "may_write", lambda *_: True)
    article: EntityType[Any] = EntityType("article", Note, reach=Reach.EVERYONE, writers=frozenset({"editor"}))
    targets: list[tuple[Claims | None, EntityType[Any], str]] = [
        (BOB, NOTE, "ada-note"), (DEE, STOCK, "east-stock"), (None, article, "article"),
    ]  # fmt: skip
    for claims, kind, pk in targets:
        async with store.unit_of_work(claims) as uow:
            await uow.put(kind, pk, Note("mine now"), version=1)
            with pytest.raises((ConflictError, SqlError)):
                await uow.commit()
    rows = await store.system_database("test").read("SELECT count(*) FROM entities WHERE data LIKE '%mine now%'")
    assert rows == [(0,)]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entities SET data = '{}' WHERE pk = 'ada-note'",
        "UPDATE entities SET owner = 'bob' WHERE reach = 'owner' AND owner <> 'bob'",
        "UPDATE entities SET owner = 'ada' WHERE owner = 'bob'",
        "UPDATE entities SET reach = 'everyone', last_modified_by = 'bob' WHERE owner = 'ada'",
        "UPDATE entities SET last_modified_by = 'ada' WHERE owner = 'bob'",
        "UPDATE entities SET tenant = 'south', last_modified_by = 'bob' WHERE reach = 'tenant'",
        "DELETE FROM entities",
        "INSERT INTO entities (pk, sk, discriminator, data, timestamp, stamp, version, last_modified_by, region, reach,"
        " owner) VALUES ('new', 'note', 'note', '{}', 1, '', 1, 'bob', 'here', 'owner', 'ada')",
        "INSERT INTO entities (pk, sk, discriminator, data, timestamp, stamp, version, last_modified_by, region, reach,"
        " owner) VALUES ('new', 'note', 'note', '{}', 1, '', 1, 'ada', 'here', 'owner', 'bob')",
    ],
)
async def test_no_statement_reaches_anothers_row_or_lies_about_who_changed_one(store: EntityStore, sql: str) -> None:
    await wrecked(store, BOB, sql)


async def test_who_has_not_signed_in_changes_nothing_at_all(store: EntityStore) -> None:
    await wrecked(store, None, "UPDATE entities SET data = '{}'")
    await wrecked(store, None, "UPDATE entities SET data = '{}', last_modified_by = ''")


async def test_people_at_once_are_never_taken_for_each_other(store: EntityStore) -> None:
    async def look(claims: Claims | None, reached: set[str]) -> None:
        for _ in range(8):
            assert await keys(seen_by(store, claims)) == reached
            assert await keys(store.database) == OPEN

    await asyncio.gather(*(look(claims, reached) for claims, reached in REACHED * 4))


async def test_commits_of_several_people_at_once_are_each_under_their_own_claims(store: EntityStore) -> None:
    async def write(claims: Claims, n: int) -> None:
        async with store.unit_of_work(claims) as uow:
            await uow.put(NOTE, f"n{n}", Note(str(n)))
            await uow.commit()

    await asyncio.gather(*(write((ADA, BOB)[n % 2], n) for n in range(60)))
    rows = await store.system_database("test").read(
        "SELECT pk, owner FROM entities WHERE pk LIKE 'n__' OR pk LIKE 'n_'"
    )
    assert set(rows) == {(f"n{n}", ("ada", "bob")[n % 2]) for n in range(60)}


async def test_a_claim_that_is_not_text_for_the_server_reaches_nothing(store: EntityStore) -> None:
    with pytest.raises(SqlError):
        await keys(seen_by(store, person("a\0da")))
    with pytest.raises(SqlError):
        await keys(seen_by(store, person("dee", shops=("no\0rth",))))


@pytest.mark.parametrize("right", ["SUPERUSER", "BYPASSRLS"])
async def test_a_role_that_the_wall_does_not_bind_does_not_start(postgres_server: PostgresServer, right: str) -> None:
    url = postgres_server.create()
    name = right.lower()
    postgres_server.run("psql", "-q", "-d", "postgres", "-c", f"CREATE ROLE {name} LOGIN {right}")
    postgres_server.run("psql", "-q", "-d", "postgres", "-c", f"GRANT postgres TO {name}")
    try:
        with pytest.raises(SettingsError, match=f"DATABASE_URL connects as '{name}'.*NOBYPASSRLS"):
            await EntityStore.open(url.replace("postgres@", f"{name}@") + "&search_path=public", service="notes")
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        named = url.partition("@/")[2].partition("?")[0]
        assert postgres_server.run("psql", "-tA", "-d", named, "-c", tables).strip() == "0"  # it owns nothing yet
    finally:
        postgres_server.drop(url)
        postgres_server.run("dropuser", name)


async def test_a_wall_that_was_taken_down_does_not_start(
    store: EntityStore, service_url: str, postgres_server: PostgresServer
) -> None:
    await store.close()
    schema = service_url.rpartition("=")[2]
    postgres_server.run(
        "psql", "-q", "-d", "services", "-c", f"ALTER TABLE {schema}.entities NO FORCE ROW LEVEL SECURITY"
    )
    with pytest.raises(SettingsError, match="switch it on again"):
        await EntityStore.open(service_url, service="notes")


@pytest.mark.parametrize(("before", "after"), [(Reach.OWNER, Reach.EVERYONE), (Reach.EVERYONE, Reach.OWNER)])
async def test_rows_written_again_follow_their_kind_and_are_found_once(
    store: EntityStore, before: Reach, after: Reach
) -> None:
    kinds = [
        EntityType("leaf", Note, reach=reach, search=lambda leaf: SearchText(leaf.text)) for reach in (before, after)
    ]
    for kind in kinds:
        async with store.system_unit_of_work("change of reach") as uow:
            await uow.get(kind, "leaf")
            await uow.put(kind, "leaf", Note("oak"), owner="ada")
            await uow.commit()
    for claims, seen in ((ADA, 1), (BOB, int(after is Reach.EVERYONE)), (None, int(after is Reach.EVERYONE))):
        async with store.unit_of_work(claims) as uow:
            assert len((await uow.query(kinds[1])).items) == len((await uow.search(kinds[1], "oak")).items) == seen
    assert ("leaf" in await keys(store.database, "search_open")) is (after is Reach.EVERYONE)


@pytest.mark.parametrize("claim", ["", "a b", "it's", "x" * 101, "a\n"])
def test_what_is_no_claim_does_not_start(claim: str) -> None:
    with pytest.raises(DeclarationError, match="claim"):
        ClaimReach(claim)


def test_reaches_are_told_apart_by_their_name() -> None:
    assert ClaimReach("owner").value not in {reach.value for reach in Reach}
