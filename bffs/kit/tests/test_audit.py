"""The audit: who did what, read by auditors alone, and neither changed nor lost, whatever a program tries."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bffs.kit.tests import notes_bff
from bffs.kit.tests.notes_fixtures import notes
from bffs.kit.tests.store_world import ARTICLE, Article, person
from portico.audit import KEPT_AT_LEAST_MS, Entry, Trail, Wanted, audit_table
from portico.bff.errors import AccessRefused
from portico.bff.schema import STORE_MIGRATIONS
from portico.bff.store import EntityStore
from portico.bff.testing.client import BffClient, running
from portico.bff.testing.tokens import TokenIssuer
from portico.problem import Problem
from portico.sql import Database, Migration, SqlError, Statement, open_database

__all__ = ["notes"]

NOW = int(time.time() * 1000)
YEAR = 365 * 24 * 3600 * 1000


def entry(actor: str = "ada", at: int = NOW, **more: Any) -> Entry:
    return Entry(
        **{"at": at, "actor": actor, "action": "put", "outcome": "allowed", "kind": "thing", "key": "1", **more}
    )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database of each engine, with an audit in it."""
    opened = await open_database(database_url, migrations=[Migration("audit", *audit_table("deeds"))])
    yield opened
    await opened.close()


async def test_entries_come_newest_first_and_page_by_page(database: Database) -> None:
    trail = Trail(database, "deeds")
    for number in range(5):
        await trail.add(entry(key=str(number)))
    first = await trail.find(Wanted(), limit=2)
    second = await trail.find(Wanted(), limit=2, cursor=first.next_cursor)
    third = await trail.find(Wanted(), limit=2, cursor=second.next_cursor)
    assert [one.key for page in (first, second, third) for one in page.items] == ["4", "3", "2", "1", "0"]
    assert third.next_cursor is None


async def test_every_filter_keeps_what_it_says(database: Database) -> None:
    trail = Trail(database, "deeds")
    same: dict[str, Any] = {"client": "portico-host", "tenant": "north", "version": 3, "sort": "thing", "reason": "why"}
    wanted = entry(**same)
    others = [
        entry("bob", **same),
        entry(at=NOW - 10_000, **same),
        entry(at=NOW + 10_000, **same),
        entry(**same, action="delete"),
        entry(**same, outcome="refused"),
        entry(**same, kind="other"),
        entry(**same, key="2"),
        entry(**{**same, "tenant": "south"}),
    ]
    for one in (wanted, *others):
        await trail.add(one)
    moment = moment_of(NOW)
    asked = Wanted(
        actor="ada", kind="thing", entity="1", action="put", outcome="allowed", since=moment, until=moment_of(NOW + 1),
        tenant="north",
    )  # fmt: skip
    [found] = (await trail.find(asked)).items
    assert found.seq == 1
    assert found == Entry(**{**{name: getattr(wanted, name) for name in wanted.__struct_fields__}, "seq": 1})


def moment_of(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


@pytest.mark.parametrize("cursor", ["", "0", "-1", "x", "1e3", "\uff11", "9" * 30, "1; DROP TABLE deeds"])
async def test_a_cursor_that_is_none_is_refused(database: Database, cursor: str) -> None:
    with pytest.raises(Problem) as refusal:
        await Trail(database, "deeds").find(Wanted(), cursor=cursor)
    assert refusal.value.status == 422


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE deeds SET actor = 'nobody'",
        "DELETE FROM deeds",
        "INSERT INTO deeds (seq, at, actor, action, outcome, discriminator, pk, sk)"
        " VALUES (1, 2, '', '', '', '', '', '') ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'",
    ],
)
async def test_the_database_refuses_to_change_or_lose_an_entry(database: Database, sql: str) -> None:
    trail = Trail(database, "deeds")
    await trail.add(entry())
    before = await trail.find(Wanted())
    with pytest.raises(SqlError):
        await database.write([Statement(sql)])
    assert await trail.find(Wanted()) == before


async def test_sqlite_replaces_no_entry(tmp_path: Any) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/a.db", migrations=[Migration("audit", *audit_table("deeds"))])
    try:
        await Trail(database, "deeds").add(entry())
        replace = "REPLACE INTO deeds (seq, at, actor, action, outcome, discriminator, pk, sk)"
        with pytest.raises(SqlError, match="append-only"):
            await database.write([Statement(f"{replace} VALUES (1, 2, '', '', '', '', '', '')")])
    finally:
        await database.close()


async def test_old_entries_go_and_leave_word_of_it_young_ones_never(database: Database) -> None:
    trail = Trail(database, "deeds")
    for number in range(3):
        await trail.add(entry(at=NOW - 2 * YEAR, key=str(number)))
    young = entry(at=NOW - KEPT_AT_LEAST_MS // 2, key="young")
    await trail.add(young)
    assert await trail.forget(now=NOW, keep_ms=YEAR) == 3
    assert await trail.forget(now=NOW, keep_ms=0) == 0, "however short the setting"
    forget, kept = (await trail.find(Wanted())).items
    assert (forget.action, forget.kind, forget.key, forget.actor) == ("forget", "audit", "1-3", "system:retention")
    assert kept.key == "young"
    with pytest.raises(SqlError):
        await trail.forget(now=NOW + YEAR, keep_ms=0)  # a clock that is wrong does not shorten it
    assert len((await trail.find(Wanted())).items) == 2


async def audit_of(notes: BffClient, **query: str) -> list[dict[str, Any]]:
    answer = await notes.signed_in("otto", roles=("auditor",)).get("/audit", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.fixture(params=["sqlite", "postgresql"])
async def on_each(
    request: pytest.FixtureRequest, token_issuer: TokenIssuer, bff_settings: dict[str, str]
) -> AsyncIterator[BffClient]:
    """The notes BFF, on a database of each engine."""
    if request.param == "postgresql":
        bff_settings["DATABASE_URL"] = request.getfixturevalue("service_url")
    app = notes_bff.create_app(bff_settings, keys=token_issuer.keys())
    async with running(app, token_issuer) as client:
        yield client


async def test_an_auditor_sees_who_did_what_and_that_it_was_looked_at(on_each: BffClient) -> None:
    notes = on_each
    made = (await notes.signed_in("ada").post("/notes", json={"text": "hello"})).json()
    [did] = await audit_of(notes, actor="ada")
    assert (did["action"], did["outcome"], did["kind"], did["key"], did["version"]) == (
        "put", "allowed", "note", made["id"], 1,
    )  # fmt: skip
    assert did["client"] == "portico"
    assert (await audit_of(notes, entity=made["id"]))[0]["seq"] == did["seq"]
    looked = await audit_of(notes, actor="otto")
    assert [(one["action"], one["kind"], one["key"]) for one in looked] == [
        ("read", "audit", f"entity={made['id']}"),
        ("read", "audit", "actor=ada"),
    ]


async def test_nobody_else_reads_it_and_that_they_tried_is_in_it_once(notes: BffClient) -> None:
    assert (await notes.get("/audit")).status_code == 401
    ada = notes.signed_in("ada", roles=("editor",))
    for _ in range(3):
        assert (await ada.get("/audit")).status_code == 403
    [tried] = await audit_of(notes, actor="ada")
    assert (tried["action"], tried["outcome"], tried["kind"], tried["key"]) == (
        "call", "refused", "operation", "read_audit",
    )  # fmt: skip
    assert "role-required" in tried["reason"]


async def test_what_a_person_may_not_write_is_in_it(on_each: BffClient) -> None:
    store: EntityStore = on_each.app.state.parts.get(EntityStore)
    async with store.unit_of_work(person("ada")) as uow:
        with pytest.raises(AccessRefused):
            await uow.put(ARTICLE, "news", Article("mine"))
    [tried] = await audit_of(on_each, actor="ada")
    assert (tried["action"], tried["outcome"], tried["kind"], tried["key"], tried["version"]) == (
        "put", "refused", "article", "news", None,
    )  # fmt: skip


async def test_a_refused_graphql_field_is_in_it(notes: BffClient) -> None:
    answer = await notes.signed_in("ada").graphql("{ cooks }")
    assert answer.json()["errors"]
    [tried] = await audit_of(notes, outcome="refused")
    assert (tried["actor"], tried["key"]) == ("ada", "Query.cooks")


async def test_an_auditor_of_a_tenant_sees_that_tenant_alone(notes: BffClient) -> None:
    await notes.signed_in("ada", tenant="north").post("/notes", json={"text": "north's"})
    await notes.signed_in("bob", tenant="south").post("/notes", json={"text": "south's"})
    north = await notes.signed_in("nora", roles=("auditor",), tenant="north").get("/audit")
    assert {one["actor"] for one in north.json()["items"]} == {"ada"}
    assert {one["actor"] for one in await audit_of(notes, kind="note")} == {"ada", "bob"}


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=x", "since=yesterday", "since=2026-01-01T00:00:00",
                                   "outcome=perhaps", "actor=", "who=ada"])  # fmt: skip
async def test_what_it_does_not_understand_it_refuses(notes: BffClient, query: str) -> None:
    answer = await notes.signed_in("otto", roles=("auditor",)).get(f"/audit?{query}")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "invalid-request")
    assert answer.json()["errors"][0]["pointer"].startswith("query:")


async def test_it_is_in_the_openapi_document(notes: BffClient) -> None:
    paths = (await notes.get("/openapi.json")).json()["paths"]
    assert {one["name"] for one in paths["/audit"]["get"]["parameters"]} >= {"actor", "entity", "since", "cursor"}


async def test_what_an_older_version_wrote_is_kept_and_protected(database_url: str) -> None:
    ids = [migration.id for migration in STORE_MIGRATIONS]
    before = STORE_MIGRATIONS[: ids.index("bff/0009-audit-trail")]
    old = await open_database(database_url, migrations=before)
    columns = "at, actor, action, outcome, discriminator, pk, sk"
    await old.write(
        [Statement(f"INSERT INTO audit ({columns}) VALUES (1, 'ada', 'put', 'allowed', 'note', '1', 'note')")]
    )
    await old.close()
    upgraded = await open_database(database_url, migrations=STORE_MIGRATIONS)
    [kept] = (await Trail(upgraded).find(Wanted(actor="ada"))).items
    assert (kept.key, kept.tenant, kept.reason) == ("1", None, None)
    with pytest.raises(SqlError):
        await upgraded.write([Statement("UPDATE audit SET actor = 'bob'")])
    assert await Trail(upgraded).forget(now=NOW, keep_ms=YEAR) == 1
    await upgraded.close()
