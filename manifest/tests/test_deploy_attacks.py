"""Everybody who must not, tries everything that changes something: a table of who against what, over HTTP."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from manifest.tests.ci_issuer import AUDIENCE, CiIssuer, ci_issuer
from manifest.tests.manifest_world import NOON, OPERATOR, ManifestWorld, app_files, manifest_world, tar_gz
from manifest.tests.test_signatures import KEY, OTHER, id_of, pem
from portico.manifest import issue_token, revoke_token
from portico.manifest.openapi.document import paths

TABLES = {
    "apps": "*",
    "releases": "*",
    "release_files": "*",
    "release_signatures": "*",
    "channel_revisions": "*",
    "channel_changes": "*",
    "flag_revisions": "*",
    "packages": "*",
    "platform_files": "*",
    "team_keys": "*",
    "team_signing": "*",
    "trust_rules": "*",
    "deploy_audit": "*",
    "deploy_tokens": "id, team, app, revoked_at",  # when one was last used does change
}


@dataclass
class Target:
    """A world in which team sales has what others are after."""

    world: ManifestWorld
    issuer: CiIssuer
    digest: str
    token: str
    rule: str
    attackers: dict[str, str] = field(default_factory=dict)

    async def rows(self) -> dict[str, list[Any]]:
        return {
            table: sorted(map(repr, await self.world.database.read(f"SELECT {columns} FROM {table}")))
            for table, columns in TABLES.items()
        }


@dataclass(frozen=True)
class Attack:
    """One call that only its owner, or an operator, may make; ``path`` is the OpenAPI document's."""

    method: str
    path: str
    request: Callable[[Target], dict[str, Any]] = lambda target: {}
    base: int | None = None
    team_may: bool = False
    """Whether the team's own token may: otherwise it is for operators."""

    def at(self, target: Target) -> str:
        names = {"app": "shop", "channel": "live", "flag": "banner", "team": "sales", "key": id_of(KEY)}
        return self.path.format(**names, token=target.token, rule=target.rule)


GZIP = {"Content-Type": "application/gzip"}
FLAG = {"team": "sales", "variants": {"on": True, "off": False}, "defaultVariant": "on"}
ATTACKS = {
    "publish a release": Attack(
        "POST",
        "/deploy/apps/{app}/releases",
        lambda target: {"content": tar_gz(app_files(version="9.0.0")), "headers": GZIP},
        team_may=True,
    ),
    "promote": Attack(
        "PUT", "/deploy/channels/{channel}/apps/{app}", lambda target: {"json": {"release": target.digest}}, 2, True
    ),
    "retire": Attack("DELETE", "/deploy/channels/{channel}/apps/{app}", base=2, team_may=True),
    "roll the app back": Attack(
        "POST", "/deploy/channels/{channel}/rollback", lambda target: {"json": {"to": 1, "app": "shop"}}, 2, True
    ),
    "roll everything back": Attack(
        "POST", "/deploy/channels/{channel}/rollback", lambda target: {"json": {"to": 0}}, 2, True
    ),
    "set a flag": Attack(
        "PUT",
        "/deploy/flags/{flag}",
        lambda target: {"json": FLAG, "headers": {"If-None-Match": "*"}},
        team_may=True,
    ),
    "make an operator's token": Attack("POST", "/deploy/tokens", lambda target: {"json": {"team": "*"}}),
    "make a token of the team": Attack("POST", "/deploy/tokens", lambda target: {"json": {"team": "sales"}}),
    "revoke a token": Attack("DELETE", "/deploy/tokens/{token}"),
    "add a key": Attack("POST", "/deploy/teams/{team}/keys", lambda target: {"json": {"publicKey": pem(OTHER)}}),
    "revoke a key": Attack("DELETE", "/deploy/teams/{team}/keys/{key}"),
    "drop signatures": Attack("PUT", "/deploy/teams/{team}/signatures", lambda target: {"json": {"required": True}}),
    "add a rule": Attack(
        "POST",
        "/deploy/trust",
        lambda target: {"json": {"team": "sales", "issuer": "https://x.example", "audience": "a", "subject": "a/b"}},
    ),
    "remove a rule": Attack("DELETE", "/deploy/trust/{rule}"),
}
ATTACKERS = (
    "nobody",
    "another team",
    "another app's token of the same team",
    "a revoked token",
    "an expired token",
    "a token cut short",
    "another team's job",
    "a job of another app",
    "a job that no rule fits",
)
KNOWN = {"another team", "another app's token of the same team", "another team's job", "a job of another app"}
ELSEWHERE = {("DELETE", "/deploy/flags/{flag}"), ("POST", "/ofrep/v1/evaluate/flags")} | {
    ("POST", "/ofrep/v1/evaluate/flags/{key}")
}
"""Deleting is tried below, after setting; evaluating changes nothing."""


async def _bearers(world: ManifestWorld, issuer: CiIssuer) -> dict[str, str]:
    store, now, day = world.manifest.store.access, world.manifest.now(), timedelta(days=1)

    async def token(team: str, app: str | None = None, lifetime: timedelta = day) -> tuple[str, str]:
        record, secret = await issue_token(store, team, app=app, label=team, lifetime=lifetime, now=now, by=OPERATOR)
        return record.id, secret

    revoked, revoked_secret = await token("sales")
    await revoke_token(store, revoked, now=now, by=OPERATOR)
    for scope, subject in (
        ({"team": "crm"}, "repo:crm/account:ref:main"),
        ({"team": "sales", "app": "offers"}, "repo:sales/offers:ref:main"),
    ):
        rule = {"issuer": issuer.url, "audience": AUDIENCE, "subject": subject, **scope}
        assert (await world.call("POST", "/deploy/trust", json=rule)).status_code == 201
    return {
        "nobody": "",
        "another team": (await token("crm"))[1],
        "another app's token of the same team": (await token("sales", "offers"))[1],
        "a revoked token": revoked_secret,
        "an expired token": (await token("sales", lifetime=timedelta(0)))[1],
        "a token cut short": (await token("sales"))[1][:-1],
        "another team's job": issuer.token(sub="repo:crm/account:ref:main"),
        "a job of another app": issuer.token(sub="repo:sales/offers:ref:main"),
        "a job that no rule fits": issuer.token(sub="repo:crm/account:pull_request"),
    }


@pytest_asyncio.fixture
async def target(tmp_path: Path) -> AsyncIterator[Target]:
    async with manifest_world(tmp_path) as world:
        with ci_issuer() as issuer:
            digest = await world.deploy(app_files())
            await world.deploy(app_files(version="2.0.0"))
            key = {"publicKey": pem(KEY)}
            assert (await world.call("POST", "/deploy/teams/sales/keys", json=key)).status_code == 201
            await world.token("sales")
            victim = next(one for one in await world.manifest.store.access.tokens() if one.team == "sales")
            rule = {"team": "sales", "issuer": issuer.url, "audience": AUDIENCE, "subject": "repo:sales/shop:ref:main"}
            added = await world.call("POST", "/deploy/trust", json=rule)
            yield Target(world, issuer, digest, victim.id, added.json()["id"], await _bearers(world, issuer))


async def attempt(target: Target, attack: Attack, token: str) -> httpx.Response:
    request = attack.request(target)
    headers: Mapping[str, str] = request.pop("headers", {})
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    base = {"If-Match": f'"{attack.base}"'} if attack.base is not None else {}
    return await target.world.http.request(
        attack.method, attack.at(target), headers={**headers, **bearer, **base}, **request
    )


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
async def test_who_must_not_cannot_and_who_may_can(attack: Attack, target: Target) -> None:
    """Nothing changes for any attacker; then the same call, by who may make it, works: the table tests real calls."""
    before = await target.rows()
    for name in ATTACKERS:
        response = await attempt(target, attack, target.attackers[name])
        assert response.status_code == (403 if name in KNOWN else 401), (name, response.text)
        assert response.headers["content-type"] == "application/problem+json"
        assert await target.rows() == before, name
    world = target.world
    if not attack.team_may:
        refused = await attempt(target, attack, await world.token("sales"))
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (403, "not-an-operator")
        assert await target.rows() == before
    allowed = await attempt(target, attack, await world.token("sales" if attack.team_may else "*"))
    assert allowed.is_success, allowed.text
    assert await target.rows() != before


async def test_the_team_s_own_job_may_do_what_the_team_may(target: Target) -> None:
    job = target.issuer.token(sub="repo:sales/shop:ref:main")
    assert (await attempt(target, ATTACKS["publish a release"], job)).status_code == 201
    assert (await attempt(target, ATTACKS["add a key"], job)).status_code == 403


async def test_another_team_cannot_delete_a_flag(target: Target) -> None:
    made = await attempt(target, ATTACKS["set a flag"], await target.world.token("sales"))
    assert made.status_code == 201, made.text
    before = await target.rows()
    delete = Attack("DELETE", "/deploy/flags/{flag}", base=1)
    for name in ATTACKERS:
        response = await attempt(target, delete, target.attackers[name])
        assert response.status_code == (403 if name in KNOWN else 401), (name, response.text)
        assert await target.rows() == before


def test_the_table_has_every_call_that_changes_something() -> None:
    """A new one of the API fails here until it is attacked as well."""
    writes = {(method.upper(), path) for path, calls in paths().items() for method in calls if method != "get"}
    assert writes == {(attack.method, attack.path) for attack in ATTACKS.values()} | ELSEWHERE


@pytest.mark.parametrize(
    "name", ["@sales/shop", "@sales/new", "@crm/shop"], ids=["their app", "a new app of theirs", "their app's name"]
)
async def test_no_name_of_another_team_can_be_taken(name: str, target: Target) -> None:
    """By what the archive says it is, whatever the URL says."""
    before = await target.rows()
    for path in ("shop", "account", "new"):
        content = tar_gz(app_files(name, "7.0.0"))
        headers = GZIP | {"Authorization": f"Bearer {target.attackers['another team']}"}
        response = await target.world.http.post(f"/deploy/apps/{path}/releases", content=content, headers=headers)
        assert response.status_code in {403, 422}, (path, response.text)
        assert await target.rows() == before


async def test_jobs_end_with_their_time(target: Target) -> None:
    job = target.issuer.token(sub="repo:sales/shop:ref:main")
    target.world.clock.now = NOON + timedelta(seconds=331)
    response = await attempt(target, ATTACKS["publish a release"], job)
    assert response.status_code == 401
    assert "expired" in response.json()["detail"]
