"""Overrides over HTTP: who may set them, what is taken, whose they are, and when they end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from portico.host.config import HostConfig
from portico.host.errors import ConfigurationError
from portico.host.overrides import OverrideCookie, OverrideEndpoint, OverrideRules, Overrides, Setting, rules_of
from portico.host.overrides.cookie import LIFETIME_S
from portico.host.session import RawHeaders, Seal, Session
from portico.problem import FieldError, exception_handlers

BASE_URL = "http://127.0.0.1:8000"
OURS = {"X-Portico": "1", "Sec-Fetch-Site": "same-origin"}
DEVELOPER = Session("session-1", "dora", "Dora", ("developer",), None, 9e9, 1)
DIGEST = "ab" * 32
URL = "http://localhost:5173/src/app.js"
RULES = OverrideRules(frozenset({"developer"}), frozenset({"http://localhost:*", "https://preview.example"}))


@dataclass
class World:
    """The endpoint alone; who asks, the time, and what does not fit are the test's to say."""

    person: Session | None = DEVELOPER
    now: float = 1_000_000.0
    rules: OverrideRules = RULES
    faults: list[FieldError] = field(default_factory=list)
    checked: list[Overrides] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cookie = OverrideCookie(Seal.generate(), lambda: self.now, secure=False)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        setting = Setting(self.cookie, self.rules, check=self._check)
        endpoint = OverrideEndpoint(self.cookie, self.rules, setting, base_url=BASE_URL, identify=self._identify)
        transport = httpx.ASGITransport(Starlette(routes=endpoint.routes, exception_handlers=exception_handlers))
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=OURS) as client:
            yield client

    async def _identify(self, _headers: RawHeaders) -> Session | None:
        return self.person

    async def _check(self, _person: Session, overrides: Overrides) -> Sequence[FieldError]:
        self.checked.append(overrides)
        return self.faults


def of(release: str | None = None, url: str | None = None) -> dict[str, Any]:
    one = {"release": release, "url": url}
    return {"overrides": {"@team/shop": {name: value for name, value in one.items() if value is not None}}}


def cookie_of(client: httpx.AsyncClient) -> list[tuple[bytes, bytes]]:
    return [(b"cookie", f"portico-overrides={client.cookies['portico-overrides']}".encode())]


@pytest.mark.parametrize("body", [of(DIGEST), of(url=URL), of(url="https://preview.example/a/b.js?v=2")])
async def test_what_a_developer_sets_is_theirs_until_they_end_it(body: dict[str, Any]) -> None:
    world = World()
    async with world.client() as client:
        answer = await client.put("/deploy/overrides", json=body)
        assert (answer.status_code, answer.json()["expiresAt"]) == (200, int(world.now) + LIFETIME_S)
        given = answer.headers["set-cookie"].lower()
        assert all(attribute in given for attribute in ("httponly", "samesite=strict", "path=/", "max-age=28800"))
        assert (await client.get("/deploy/overrides")).json()["overrides"] == body["overrides"]
        assert (await client.delete("/deploy/overrides")).status_code == 204
        assert (await client.get("/deploy/overrides")).json() == {"overrides": {}, "expiresAt": None}


async def test_they_say_nothing_to_who_reads_the_cookie_and_nothing_in_another_session() -> None:
    world = World()
    async with world.client() as client:
        await client.put("/deploy/overrides", json=of(url=URL))
        value = client.cookies["portico-overrides"]
        assert "localhost" not in value
        world.person = replace(DEVELOPER, id="session-2")
        assert (await client.get("/deploy/overrides")).json()["overrides"] == {}
        world.person = DEVELOPER
        assert (await client.get("/deploy/overrides")).json()["overrides"] != {}


@pytest.mark.parametrize("place", [0, 5, 20, -2])
async def test_a_changed_cookie_is_no_cookie(place: int) -> None:
    world = World()
    async with world.client() as client:
        await client.put("/deploy/overrides", json=of(DIGEST))
        value = client.cookies["portico-overrides"]
        changed = list(value)
        changed[place] = "A" if changed[place] != "A" else "B"
        headers = [(b"cookie", f"portico-overrides={''.join(changed)}".encode())]
        assert not world.cookie.read(headers, DEVELOPER.id)
        twice = [(b"cookie", f"portico-overrides={value}; portico-overrides={value}".encode())]
        assert not world.cookie.read(twice, DEVELOPER.id)


async def test_they_end_by_themselves_after_a_day_s_work() -> None:
    world = World()
    async with world.client() as client:
        await client.put("/deploy/overrides", json=of(DIGEST))
        headers = cookie_of(client)
        world.now += LIFETIME_S - 1
        assert world.cookie.read(headers, DEVELOPER.id)
        world.now += 1
        assert not world.cookie.read(headers, DEVELOPER.id)


async def test_who_is_no_developer_any_more_has_none_any_more() -> None:
    world = World()
    async with world.client() as client:
        await client.put("/deploy/overrides", json=of(DIGEST))
        read = world.cookie.read(cookie_of(client), DEVELOPER.id)
    assert RULES.applicable(read, DEVELOPER)
    assert not RULES.applicable(read, replace(DEVELOPER, roles=("member",)))


async def test_an_origin_that_is_taken_off_the_list_loads_nothing_any_more() -> None:
    world = World()
    async with world.client() as client:
        await client.put("/deploy/overrides", json=of(url="https://preview.example/app.js"))
        read = world.cookie.read(cookie_of(client), DEVELOPER.id)
    assert not replace(RULES, origins=frozenset()).applicable(read, DEVELOPER)


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_others_are_told_why_not(method: str) -> None:
    world = World(person=replace(DEVELOPER, roles=("member",)))
    async with world.client() as client:
        refused = await client.request(method, "/deploy/overrides", json=of(DIGEST))
        assert (refused.status_code, refused.json()["type"]) == (403, "https://portico.dev/problems/not-a-developer")
        world.person = None
        refused = await client.request(method, "/deploy/overrides", json=of(DIGEST))
        assert (refused.status_code, refused.json()["type"]) == (401, "https://portico.dev/problems/signed-out")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    "headers", [{"X-Portico": ""}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
async def test_another_site_s_page_cannot_change_them(method: str, headers: dict[str, str]) -> None:
    world = World()
    async with world.client() as client:
        answer = await client.request(method, "/deploy/overrides", json=of(DIGEST), headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert not world.checked


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/app.js",
        "http://preview.example/app.js",
        "https://preview.example:444/app.js",
        "https://preview.example.evil.example/app.js",
        "https://preview.example@evil.example/app.js",
        "https://user:word@preview.example/app.js",
        "https://preview.example\\@evil.example/app.js",
        "https://preview.example",
        "//preview.example/app.js",
        "http://localhost:5173/a b.js",
        "http://localhost:5173/a.js#x",
        "http://localhost:5173/</script><script>",
        "http://localhost:5173/;script-src%20*\n",
        "http://localhost:5173 ;script-src *//app.js",
        "http://localhost:123456/app.js",
        "http://LOCALHOST:1/app.js",
        "data:text/javascript,0",
        "blob:http://localhost:5173/1",
        "javascript:0",
        "http://localhost:5173/" + "a" * 500,
        "",
    ],
)
async def test_modules_come_from_listed_origins_alone(url: str) -> None:
    world = World()
    async with world.client() as client:
        answer = await client.put("/deploy/overrides", json=of(url=url))
    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == "/overrides/@team~1shop/url"
    assert "PORTICO_OVERRIDE_ORIGINS" in fault["detail"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        (b"{", 400, None),
        (b"[]", 422, ""),
        (b'{"overrides": {"@team/shop": {}}}', 422, "/overrides/@team~1shop"),
        (b'{"overrides": {"@team/shop": {"release": "a", "url": "b"}}}', 422, "/overrides/@team~1shop"),
        (b'{"overrides": {"@team/shop": {"path": "x"}}}', 422, "/overrides/*"),
        (b'{"override": {}}', 422, ""),
        (b" " * 40_000, 413, None),
    ],
)
async def test_a_wrong_body_is_refused_with_the_place(body: bytes, status: int, where: str | None) -> None:
    async with World().client() as client:
        answer = await client.put("/deploy/overrides", content=body)
    assert answer.status_code == status
    if where is not None:
        assert answer.json()["errors"][0]["pointer"] == where


async def test_more_than_a_cookie_holds_is_refused_in_a_sentence() -> None:
    long = {f"@team/shop-{number}": {"url": f"{URL}?{'x' * 400}"} for number in range(15)}
    many = {f"@team/shop-{number}": {"url": URL} for number in range(21)}
    async with World().client() as client:
        for overrides, words in ((long, "cookie"), (many, "at most 20")):
            answer = await client.put("/deploy/overrides", json={"overrides": overrides})
            assert answer.status_code == 422
            assert words in answer.json()["errors"][0]["detail"]


async def test_what_does_not_fit_is_refused_and_what_was_there_stays() -> None:
    world = World()
    async with world.client() as client:
        await client.put("/deploy/overrides", json=of(DIGEST))
        world.faults = [FieldError("/overrides", "does not fit")]
        answer = await client.put("/deploy/overrides", json=of(url=URL))
        assert (answer.status_code, answer.json()["errors"][0]["detail"]) == (422, "does not fit")
        assert (await client.get("/deploy/overrides")).json()["overrides"]["@team/shop"] == {"release": DIGEST}


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        (f"{BASE_URL}/things/1?page=2", "/things/1?page=2"),
        ("https://evil.example/things", "/"),
        (f"{BASE_URL}//evil.example", "/"),
        (f"{BASE_URL}@evil.example/x", "/"),
        ("", "/"),
    ],
)
async def test_the_button_leads_back_to_its_page_and_to_no_other_site(referrer: str, back: str) -> None:
    async with World().client() as client:
        await client.put("/deploy/overrides", json=of(DIGEST))
        answer = await client.post("/deploy/overrides/off", headers={"Referer": referrer, "X-Portico": ""})
        assert (answer.status_code, answer.headers["location"]) == (303, back)
        assert (await client.get("/deploy/overrides")).json()["overrides"] == {}


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}])
async def test_the_button_of_another_site_does_nothing(headers: dict[str, str]) -> None:
    async with World().client() as client:
        answer = await client.post("/deploy/overrides/off", headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def config(base_url: str = BASE_URL, **environment: str) -> HostConfig:
    return HostConfig.from_environment({"PORTICO_BASE_URL": base_url, "PORTICO_DATA_DIR": "/nowhere", **environment})


def test_without_settings_a_developer_s_own_machine_is_allowed_where_the_host_runs_on_it() -> None:
    here, there = rules_of(config()), rules_of(config("https://portico.example"))
    for url in (URL, "http://127.0.0.1:3000/x.js", "http://[::1]:1/x.js", "https://localhost/x.js"):
        assert here.allows(url)
        assert not there.allows(url)
    assert here.roles == {"developer"}


def test_the_operator_lists_roles_and_origins() -> None:
    rules = rules_of(
        config(
            "https://portico.example",
            PORTICO_DEVELOPER_ROLES="engineer tester",
            PORTICO_OVERRIDE_ORIGINS="http://localhost:5173 https://preview.example/",
        )
    )
    assert rules.roles == {"engineer", "tester"}
    assert rules.allows(URL)
    assert rules.allows("https://preview.example/x.js")
    assert not rules.allows("http://localhost:5174/x.js")


@pytest.mark.parametrize(
    "origin",
    ["http://preview.example", "https://preview.example:*", "https://*", "preview.example", "https://a/b", "*"],
)
def test_an_origin_that_cannot_be_meant_stops_the_start(origin: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTICO_OVERRIDE_ORIGINS"):
        config(PORTICO_OVERRIDE_ORIGINS=origin)
