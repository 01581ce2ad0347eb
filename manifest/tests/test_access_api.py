"""Deploy tokens and the audit log over HTTP, and their store in either database."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from manifest.tests.manifest_world import NOON, OPERATOR, ManifestWorld, app_files, tar_gz
from manifest.tests.test_deployer_releases import problem
from portico.manifest.access import TeamKey, TrustRule, issue_token, revoke_token
from portico.manifest.access.audit import entry
from portico.manifest.access.sql_access import SqlAccessStore
from portico.manifest.sql_schema import MIGRATIONS
from portico.manifest.tokens import token_hash
from portico.sql import open_database


async def test_an_operator_makes_lists_and_revokes_tokens(world: ManifestWorld) -> None:
    body = {"team": "sales", "app": "shop", "label": "ci", "days": 2}
    response = await world.call("POST", "/deploy/tokens", json=body)
    assert response.status_code == 201, response.text
    assert response.headers["cache-control"] == "no-store"
    made = response.json()
    assert (made["team"], made["app"], made["expiresAt"]) == ("sales", "shop", "2026-03-03T12:00:00+00:00")
    bearer = {"Authorization": f"Bearer {made['token']}"}
    whoami = (await world.http.get("/deploy/whoami", headers=bearer)).json()
    assert (whoami["id"], whoami["operator"], whoami["scopes"]) == (
        made["id"],
        False,
        [{"team": "sales", "app": "shop"}],
    )
    listed = await world.call("GET", "/deploy/tokens")
    assert made["token"] not in listed.text
    assert made["id"] in [one["id"] for one in listed.json()["tokens"]]
    assert (await world.call("DELETE", f"/deploy/tokens/{made['id']}")).status_code == 204
    problem(await world.http.get("/deploy/whoami", headers=bearer), 401, "invalid-token")
    problem(await world.call("DELETE", f"/deploy/tokens/{made['id']}"), 404, "unknown-token")


@pytest.mark.parametrize(
    ("pointer", "body"),
    [
        ("", {}),
        ("/team", {"team": "Not One"}),
        ("/team", {"team": "**"}),
        ("/app", {"team": "sales", "app": "../x"}),
        ("/days", {"team": "sales", "days": 0}),
        ("/days", {"team": "sales", "days": 4000}),
        ("/label", {"team": "sales", "label": "a\nb"}),
        ("/team", {"team": "sales\n"}),
        ("/app", {"team": "sales", "app": "shop\n"}),
        ("/label", {"team": "sales", "label": "a\n"}),
        ("", {"team": "sales", "forever": True}),
    ],
)
async def test_what_is_no_token_to_be_is_refused_with_its_place(
    pointer: str, body: dict[str, object], world: ManifestWorld
) -> None:
    await world.token()
    document = problem(await world.call("POST", "/deploy/tokens", json=body), 422, "invalid-request")
    assert document["errors"][0]["pointer"] == pointer
    assert len(await world.manifest.store.access.tokens()) == 1


async def test_last_use_is_one_write_a_minute(world: ManifestWorld) -> None:
    secret = await world.token("sales")
    store = world.manifest.store.access

    async def used() -> str:
        token = await store.token(token_hash(secret))
        assert token is not None
        return str(token.last_used_at)[11:19]

    for seconds, expected in [(0, "12:00:00"), (59, "12:00:00"), (1, "12:01:00")]:
        world.clock.move(seconds=seconds)
        assert (await world.call("GET", "/deploy/releases", team="sales")).status_code == 200
        assert await used() == expected


async def test_the_audit_log_says_who_let_whom_page_by_page(world: ManifestWorld) -> None:
    await world.token()
    for number in range(5):
        world.clock.move(seconds=1)
        await world.call("POST", "/deploy/tokens", json={"team": "sales", "label": f"t{number}"})
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await world.call("GET", "/deploy/audit", params=query)).json()
        seen += [one["detail"]["label"] for one in page["entries"]]
        if (cursor := page["cursor"]) is None:
            break
    assert seen == ["t4", "t3", "t2", "t1", "t0", "*'s"]
    problem(await world.call("GET", "/deploy/audit", params={"cursor": "x"}), 400, "invalid-cursor")
    problem(await world.call("GET", "/deploy/audit", params={"cursor": "9" * 14 + ".x" * 40}), 400, "invalid-cursor")


async def test_a_team_reads_what_is_about_itself_alone(world: ManifestWorld) -> None:
    for name in ("sales", "crm"):
        await world.token(name)
        world.clock.move(seconds=1)
    entries = (await world.call("GET", "/deploy/audit", team="crm")).json()["entries"]
    assert [(one["action"], one["team"]) for one in entries] == [("token.created", "crm")]


async def test_teams_of_trust_rules_keep_their_scope_of_names(world: ManifestWorld) -> None:
    """A library of another team cannot be shared under a team's name, from its first rule on."""
    rule = {"team": "crm", "issuer": "https://ci.example", "audience": "a", "subject": "repo:crm/x:ref:y"}
    shares: dict[str, Any] = {
        "imports": {"shares": {"@crm/lib": {"version": "1.0.0", "entries": {"@crm/lib": "shop.js"}}}}
    }
    assert (await world.publish(app_files(**shares), team="sales")).status_code == 201
    assert (await world.call("POST", "/deploy/trust", json=rule)).status_code == 201
    again = app_files(version="2.0.0", **shares)
    problem(await world.publish(tar_gz(again), team="sales"), 422, "invalid-release")


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlAccessStore]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/manifest.db" if sqlite else request.getfixturevalue("postgres_url")
    database = await open_database(url, migrations=MIGRATIONS)
    yield SqlAccessStore(database)
    await database.close()


async def test_both_databases_keep_the_same(store: SqlAccessStore) -> None:
    """One contract: each change with its audit entry, or neither."""
    by, day = OPERATOR, timedelta(days=1)
    record, secret = await issue_token(store, "sales", label="x", lifetime=day, now=NOON, by=by, app="shop")
    assert await store.token(token_hash(secret)) == record
    await store.used_token(record.id, NOON)
    assert await revoke_token(store, record.id, now=NOON, by=by) is not None
    key = TeamKey("sales", "k", bytes(range(32)), "key", NOON)
    assert await store.add_key(key, entry(by, NOON, "key.added", "sales", "k"))
    assert not await store.add_key(key, entry(by, NOON, "key.added", "sales", "k"))
    assert await store.key("sales", "k") == key
    assert await store.key("crm", "k") is None
    for required in (True, True, False):
        await store.require_signatures("sales", entry(by, NOON, "signatures.required", "sales", ""), required=required)
        assert await store.requires_signatures("sales") is required
    assert await store.revoke_key("sales", "k", NOON, entry(by, NOON, "key.revoked", "sales", "k"))
    assert not await store.revoke_key("sales", "k", NOON, entry(by, NOON, "key.revoked", "sales", "k"))
    rule = TrustRule("r", "sales", None, "https://ci.example", "a", "s", "", NOON, {"b": "c"})
    await store.add_rule(rule, entry(by, NOON, "trust.added", "sales", "r"))
    assert await store.rules(issuer="https://ci.example") == [rule]
    assert await store.rules(issuer="https://other.example") == []
    assert await store.remove_rule("r", entry(by, NOON, "trust.removed", "sales", "r"))
    assert not await store.remove_rule("r", entry(by, NOON, "trust.removed", "sales", "r"))
    told = [one.action for one in await store.audit(team="sales", before=None, limit=50)]
    assert sorted(told) == sorted(
        ["token.created", "token.revoked", "key.added", "key.revoked", "trust.added", "trust.removed"]
        + ["signatures.required"] * 3
    )
    assert await store.signatures([]) == {}
    assert await store.signatures([f"{number:064x}" for number in range(450)]) == {}
