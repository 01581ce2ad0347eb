"""The host's audit: sign-ins and their ends, what people were turned away from, and who may read of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from host.tests.identity_world import HOST, TestClock, browser
from host.tests.scripted_provider import ScriptedProvider
from host.tests.session_world import SessionWorld, host_app, session_world
from host.tests.test_backchannel_logout import Stage
from portico.audit import Entry, Wanted
from portico.host.audit.endpoint import AuditEndpoint
from portico.host.audit.host_audit import HostAudit
from portico.host.audit.schema import MIGRATION
from portico.host.audit.sweep import swept
from portico.host.devidp.errors import TokenRefusal
from portico.host.devidp.refresh import RefreshGrants
from portico.problem import exception_handlers
from portico.sql import SqlError, Statement, open_database

DO = {"x-portico": "1"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[SessionWorld]:
    """The host's sign-in, with the audit's routes beside it. Ada is an auditor here: she has the role `reader`."""
    async with session_world(tmp_path) as opened:
        endpoint = AuditEndpoint(
            opened.sign_in.audit, role="reader", base_url=HOST, identify=opened.sign_in.sessions.identify, apps=_apps
        )
        routes = [*host_app(opened.sign_in).routes, *endpoint.routes]
        opened.network.add(HOST, Starlette(routes=routes, exception_handlers=exception_handlers))
        yield opened


async def _apps() -> Iterable[str]:
    return ["shop", "notes"]


async def entries(world: SessionWorld, **wanted: Any) -> list[Entry]:
    """What is in it, oldest first."""
    return list(reversed((await world.sign_in.audit.trail.find(Wanted(**wanted))).items))


@asynccontextmanager
async def another(world: SessionWorld) -> AsyncIterator[SessionWorld]:
    async with browser(world.network) as person:
        yield replace(world, person=person)


async def test_who_signed_in_and_out_is_in_it(world: SessionWorld) -> None:
    await world.signed_in("ada")
    await world.person.post(f"{HOST}/auth/sign-out")
    found = await entries(world)
    assert [(one.actor, one.action, one.outcome, one.kind) for one in found] == [
        ("ada", "sign-in", "allowed", "session"),
        ("ada", "sign-out", "allowed", "session"),
    ]
    assert found[0].key == found[1].key != ""
    assert found[0].at == int(world.clock.now * 1000)


async def test_no_cookie_can_be_made_from_it(world: SessionWorld) -> None:
    await world.signed_in("ada")
    [one] = await entries(world)
    assert world.cookie().partition("=")[2] not in json.dumps(repr(one))
    [[session_id]] = await world.database.read("SELECT id FROM session")
    assert len(one.key) < len(str(session_id)) / 4


async def test_a_sign_in_that_was_refused_is_in_it_once_a_minute(world: SessionWorld) -> None:
    for _ in range(5):
        await world.person.get(f"{HOST}/auth/callback?state=made-up&code=made-up")
    assert [(one.actor, one.action, one.outcome, one.reason) for one in await entries(world)] == [
        ("anonymous", "sign-in", "refused", "sign-in-expired")
    ]


async def test_a_logout_that_the_provider_did_not_send_is_in_it(world: SessionWorld) -> None:
    form = {"logout_token": "a.b.c"}
    assert (await world.person.post(f"{HOST}/auth/backchannel-logout", data=form)).status_code == 400
    [one] = await entries(world)
    assert (one.actor, one.action, one.outcome) == ("anonymous", "back-channel-logout", "refused")


async def test_a_logout_that_the_provider_sent_is_in_it_for_each_session(tmp_path: Path) -> None:
    clock = TestClock()
    provider = ScriptedProvider(clock)
    async with session_world(tmp_path, clock=clock, provider=provider.app()) as world:
        stage = Stage(world, provider)
        await stage.sign_in()
        await stage.sign_in()
        assert (await stage.send(stage.token())).status_code == 200
        assert (await stage.send(stage.token())).status_code == 400
        found = (await entries(world))[2:]
        assert [(one.actor, one.action, one.outcome) for one in found] == [
            ("system:provider", "back-channel-logout", "allowed"),
            ("system:provider", "back-channel-logout", "allowed"),
            ("anonymous", "back-channel-logout", "refused"),
        ]
        assert {one.key for one in found[:2]} == {one.key for one in await entries(world, action="sign-in")}
        assert found[2].reason == "used-before"


async def test_a_session_that_the_provider_does_not_go_on_with_is_in_it_once(
    world: SessionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many calls of the page find it so at once."""

    async def refused(*_: object) -> None:
        raise TokenRefusal("invalid_grant", "no more")

    await world.signed_in("ada")
    monkeypatch.setattr(RefreshGrants, "rotate", refused)
    world.clock.now += 7200
    cookie = [(b"cookie", world.cookie().encode())]
    assert await asyncio.gather(*(world.sign_in.identify(cookie) for _ in range(5))) == [None] * 5
    assert await world.sign_in.identify([]) is None
    assert [(one.actor, one.action) for one in await entries(world)] == [("ada", "sign-in"), ("ada", "end")]


async def read(world: SessionWorld, query: str = "", **headers: str) -> httpx2.Response:
    return await world.person.get(f"{HOST}/auth/audit{query}", headers=DO | headers)


async def test_auditors_read_it_and_that_is_in_it_too(world: SessionWorld) -> None:
    async with another(world) as other:
        await other.signed_in("ben")
    await world.signed_in("ada")
    answer = await read(world, "?actor=ben")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    [one] = answer.json()["items"]
    assert (one["actor"], one["action"], one["tenant"]) == ("ben", "sign-in", "north")
    latest = (await entries(world))[-1]
    assert (latest.actor, latest.action, latest.kind, latest.key) == ("ada", "read", "audit", "actor=ben")
    places = await world.person.get(f"{HOST}/auth/audit/places", headers=DO)
    assert places.json()["places"] == [
        {"name": "host", "url": "/auth/audit"},
        {"name": "notes", "url": "/api/notes/audit"},
        {"name": "shop", "url": "/api/shop/audit"},
    ]


@pytest.mark.parametrize("path", ["", "/places"])
async def test_nobody_else_reads_it(world: SessionWorld, path: str) -> None:
    assert (await read(world, path)).status_code == 401
    await world.signed_in("ben")
    answer = await read(world, path)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "role-required")
    refused = (await entries(world))[-1]
    assert (refused.actor, refused.action, refused.outcome, refused.key) == (
        "ben", "read", "refused", f"/auth/audit{path}",
    )  # fmt: skip


async def test_no_other_site_reads_it(world: SessionWorld) -> None:
    await world.signed_in("ada")
    assert (await read(world, **{"sec-fetch-site": "cross-site"})).status_code == 403
    assert (await world.person.get(f"{HOST}/auth/audit")).status_code == 403, "without X-Portico"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "cursor=x", "since=yesterday", "outcome=perhaps", "who=ada", "actor=a&actor=b", "actor="],
)
async def test_what_it_does_not_understand_it_refuses(world: SessionWorld, query: str) -> None:
    await world.signed_in("ada")
    answer = await read(world, f"?{query}")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "invalid-request")
    assert answer.json()["errors"][0]["pointer"] == f"query:{query.partition('=')[0]}"


async def test_it_is_kept_by_the_database_on_both_engines(tmp_path: Path, postgres_url: str) -> None:
    for url in (f"sqlite:///{tmp_path}/sessions.db", postgres_url):
        database = await open_database(url, migrations=[MIGRATION])
        audit = HostAudit(database, lambda: 1_800_000_000.0)
        await audit.not_signed_in("sign-in", "sign-in-expired")
        for sql in ("DELETE FROM host_audit", "UPDATE host_audit SET actor = 'nobody'"):
            with pytest.raises(SqlError):
                await database.write([Statement(sql)])
        assert len((await audit.trail.find(Wanted())).items) == 1
        await database.close()


async def test_a_store_that_cannot_write_signs_nobody_out_and_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/sessions.db", migrations=[MIGRATION])
    audit = HostAudit(database, lambda: 1_800_000_000.0)
    await database.close()
    await audit.not_signed_in("sign-in", "sign-in-expired")
    assert "Missing in the audit: sign-in refused" in caplog.text


async def test_nothing_is_swept_unless_it_is_said(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/sessions.db", migrations=[MIGRATION])
    audit = HostAudit(database, lambda: 1_600_000_000.0)
    await audit.not_signed_in("sign-in", "one")
    years_later = HostAudit(database, lambda: 1_700_000_000.0)
    async with swept(years_later, 0):
        pass
    assert len((await audit.trail.find(Wanted())).items) == 1
    await years_later.trail.forget(now=years_later.now(), keep_ms=0)
    [forget] = (await audit.trail.find(Wanted())).items
    assert (forget.action, forget.kind) == ("forget", "audit")
    await database.close()
