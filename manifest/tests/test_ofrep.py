"""OpenFeature's remote evaluation protocol, as it is on the wire."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request

from manifest.tests.manifest_world import OPERATOR, ManifestWorld, app_files
from portico.manifest import deployer_routes
from portico.manifest.flags.subject import Subject
from portico.problem import exception_handlers

ONE, ALL = "/ofrep/v1/evaluate/flags/banner", "/ofrep/v1/evaluate/flags"
BANNER: dict[str, Any] = {
    "variants": {"on": True, "off": False},
    "defaultVariant": "off",
    "rules": [{"roles": ["tester"], "variant": "on"}, {"percentages": {"on": 50, "off": 50}}],
}


async def make(world: ManifestWorld, key: str, document: dict[str, Any], base: int | None = None) -> None:
    headers = {} if base else {"If-None-Match": "*"}
    answer = await world.call("PUT", f"/deploy/flags/{key}", team="sales", headers=headers, base=base, json=document)
    assert answer.is_success, answer.text


async def ask(world: ManifestWorld, path: str = ONE, context: Any = None, **request: Any) -> httpx.Response:
    body = request.pop("content", None)
    sent = {"content": body} if body is not None else {"json": {"context": {} if context is None else context}}
    return await world.call("POST", path, team="sales", **sent, **request)


@pytest_asyncio.fixture
async def flagged(world: ManifestWorld) -> ManifestWorld:
    await make(world, "banner", BANNER)
    return world


async def test_one_flag_is_evaluated_in_the_context_that_a_server_gives(flagged: ManifestWorld) -> None:
    answer = await ask(flagged, context={"targetingKey": "ada", "roles": ["tester"]})
    assert answer.status_code == 200
    assert answer.json() == {"key": "banner", "value": True, "variant": "on", "reason": "TARGETING_MATCH"}
    split = [(await ask(flagged, context={"targetingKey": f"p{number}"})).json() for number in range(40)]
    assert {one["variant"] for one in split} == {"on", "off"}
    assert {one["reason"] for one in split} == {"SPLIT"}


@pytest.mark.parametrize(
    ("path", "sent", "status", "code"),
    [
        ("/ofrep/v1/evaluate/flags/other", {"context": {}}, 404, "FLAG_NOT_FOUND"),
        (ONE, {"context": {}}, 400, "TARGETING_KEY_MISSING"),
        (ONE, {"context": {"targetingKey": ""}}, 400, "TARGETING_KEY_MISSING"),
        (ONE, {}, 400, "TARGETING_KEY_MISSING"),
        (ONE, {"context": {"targetingKey": 7}}, 400, "INVALID_CONTEXT"),
        (ONE, {"context": {"targetingKey": "x" * 1001}}, 400, "INVALID_CONTEXT"),
        (ONE, {"context": {"roles": "tester"}}, 400, "INVALID_CONTEXT"),
        (ONE, {"context": {"channel": 1}}, 400, "INVALID_CONTEXT"),
        (ONE, {"context": []}, 400, "INVALID_CONTEXT"),
        (ALL, {"context": []}, 400, "INVALID_CONTEXT"),
        (ONE, [], 400, "PARSE_ERROR"),
        (ALL, "x", 400, "PARSE_ERROR"),
    ],
)
async def test_errors_are_as_the_protocol_has_them(
    flagged: ManifestWorld, path: str, sent: Any, status: int, code: str
) -> None:
    answer = await flagged.call("POST", path, json=sent)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert answer.json()["errorDetails"]
    assert answer.json().get("key") == (None if path == ALL else path.rpartition("/")[2])


@pytest.mark.parametrize("content", [b"{", b'{"context": {"targetingKey": "\\ud800"}}', b"\xff", b"[" * 5000])
async def test_what_is_no_json_is_a_parse_error(flagged: ManifestWorld, content: bytes) -> None:
    for path in (ONE, ALL):
        answer = await ask(flagged, path, content=content)
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "PARSE_ERROR")


async def test_a_body_too_large_is_refused(flagged: ManifestWorld) -> None:
    answer = await ask(flagged, context={"note": "x" * 70_000})
    assert answer.status_code == 413


async def test_without_a_token_or_a_host_nobody_is_answered(flagged: ManifestWorld) -> None:
    for path in (ONE, ALL):
        answer = await flagged.http.post(path, json={"context": {"targetingKey": "ada"}})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="portico-deploy"')


async def test_all_flags_at_once_each_with_its_own_error(flagged: ManifestWorld) -> None:
    await make(flagged, "limit", {"variants": {"few": 5, "many": 50}, "defaultVariant": "few"})
    found = (await ask(flagged, ALL)).json()["flags"]
    assert [(one["key"], one.get("errorCode"), one.get("value")) for one in found] == [
        ("banner", "TARGETING_KEY_MISSING", None),
        ("limit", None, 5),
    ]


async def test_what_has_not_changed_is_not_sent_again(flagged: ManifestWorld) -> None:
    first = await ask(flagged, ALL, {"targetingKey": "ada"})
    tag = first.headers["etag"]
    again = await ask(flagged, ALL, {"targetingKey": "ada"}, headers={"If-None-Match": f'"x", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await ask(flagged, ALL, {"roles": ["tester"]}, headers={"If-None-Match": tag})
    assert other.status_code == 200
    await make(flagged, "banner", BANNER | {"enabled": False}, base=1)
    changed = await ask(flagged, ALL, {"targetingKey": "ada"}, headers={"If-None-Match": tag})
    assert changed.json()["flags"] == [{"key": "banner", "value": False, "variant": "off", "reason": "DISABLED"}]


async def test_a_rule_follows_the_rollout_of_an_app(world: ManifestWorld) -> None:
    """Who is shown the candidate of an app is exactly who has the flag."""
    await make(world, "form", BANNER | {"rules": [{"candidateOf": ["shop"], "variant": "on"}]})
    await world.deploy(app_files())
    second = await world.publish(app_files(version="1.1.0"))
    candidate = second.json()["digest"]
    head = await world.manifest.store.head("live")
    await world.manifest.promote("shop", candidate, weight=30, base=head, by=OPERATOR)
    state = await world.manifest.state()
    have = {"on": 0, "off": 0}
    for number in range(60):
        found = (await ask(world, "/ofrep/v1/evaluate/flags/form", {"targetingKey": f"p{number}"})).json()
        shown = state.select(f"sub:p{number}").release("shop")
        assert shown is not None
        assert (found["variant"] == "on") == (shown.digest == candidate)
        have[found["variant"]] += 1
    assert min(have.values()) > 0
    nobody = (await ask(world, "/ofrep/v1/evaluate/flags/form")).json()
    assert (nobody["variant"], nobody["reason"]) == ("off", "DEFAULT")


SUBJECTS = {
    "ada": Subject("ada", "sub:ada", frozenset({"tester"}), {"tenant": "north"}),
    "alan": Subject("alan", "sub:alan", attributes={"tenant": None}),
    "browser": Subject("anon:b1", "anon:b1"),
}


@pytest_asyncio.fixture
async def host(flagged: ManifestWorld) -> AsyncIterator[httpx.AsyncClient]:
    """The deployer in a host that knows people by a header."""

    async def subject(request: Request) -> Subject:
        return SUBJECTS.get(request.headers.get("x-person", ""), Subject())

    routes = deployer_routes(flagged.manifest, subject=subject)
    app = Starlette(routes=routes, exception_handlers=exception_handlers)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portico.test") as client:
        yield client


async def test_a_browser_is_who_the_host_says_whatever_its_page_says(
    flagged: ManifestWorld, host: httpx.AsyncClient
) -> None:
    await make(flagged, "own", BANNER | {"rules": [{"users": ["ada"], "variant": "on"}]})
    await make(flagged, "north", BANNER | {"rules": [{"attributes": {"tenant": ["north"]}, "variant": "on"}]})
    claimed = {"context": {"targetingKey": "ada", "roles": ["tester"], "tenant": "north", "channel": "next"}}

    async def given(person: str | None, body: Any) -> dict[str, str]:
        headers = {} if person is None else {"X-Person": person}
        answer = await host.post(ALL, json=body, headers=headers)
        return {one["key"]: one.get("reason") or one["errorCode"] for one in answer.json()["flags"]}

    mine = {"banner": "TARGETING_MATCH", "north": "TARGETING_MATCH", "own": "TARGETING_MATCH"}
    assert await given("ada", {}) == mine
    assert await given("alan", claimed) == {"banner": "SPLIT", "north": "DEFAULT", "own": "DEFAULT"}
    assert await given("browser", {}) == {"banner": "SPLIT", "north": "DEFAULT", "own": "DEFAULT"}
    assert await given(None, {}) == {"banner": "TARGETING_KEY_MISSING", "north": "DEFAULT", "own": "DEFAULT"}
    assert (await given(None, claimed))["own"] == "DEFAULT"
    assert (await given(None, claimed))["banner"] == "SPLIT"
    assert await given("ada", {"context": {"tenant": "south", "targetingKey": "alan"}}) == mine


async def test_a_token_counts_before_a_session(flagged: ManifestWorld, host: httpx.AsyncClient) -> None:
    headers = {"X-Person": "ada", "Authorization": f"Bearer {await flagged.token('sales')}"}
    assert (await host.post(ONE, json={}, headers=headers)).json()["errorCode"] == "TARGETING_KEY_MISSING"
    wrong = {"X-Person": "ada", "Authorization": "Bearer nonsense"}
    assert (await host.post(ONE, json={}, headers=wrong)).status_code == 401


async def test_flags_are_read_from_memory_until_one_changes(flagged: ManifestWorld) -> None:
    first = await flagged.manifest.flags.current()
    assert await flagged.manifest.flags.current() is first
    await make(flagged, "limit", {"variants": {"few": 5}, "defaultVariant": "few"})
    assert list((await flagged.manifest.flags.current()).flags) == ["banner", "limit"]
