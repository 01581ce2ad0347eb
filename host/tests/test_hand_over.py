"""`/_portico/dev`: a developer takes over what `portico dev` serves; nobody else can make them, nor be made to."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from host.tests.real_servers import free_ports, serving
from host.tests.rollout_world import RolloutWorld, Visitor, rollout_world
from portico.host.config import HostConfig
from portico.host.errors import ConfigurationError
from portico.host.overrides import rules_of

URL = "http://127.0.0.1:5199/entry.js"
BFF = "http://127.0.0.1:9001"
OWN = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[RolloutWorld]:
    async with rollout_world(tmp_path) as world:
        await world.promote(await world.shop("1"))
        yield world


@pytest.fixture
async def dora(world: RolloutWorld) -> AsyncIterator[Visitor]:
    async with world.browser(await world.cookie("dora", "developer")) as visitor:
        yield visitor


async def accept(visitor: Visitor, /, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
    form = {"app": "@team/shop", "url": URL, "to": "/things?page=2", **fields}
    return await visitor.client.post("/_portico/dev", data=form, headers=headers or OWN)


async def overrides(visitor: Visitor) -> dict[str, object]:
    found: dict[str, object] = (await visitor.client.get("/deploy/overrides")).json()["overrides"]
    return found


async def test_the_page_says_what_would_come_from_where_and_sets_nothing(dora: Visitor) -> None:
    answer = await dora.client.get("/_portico/dev", params={"app": "@team/shop", "url": URL, "bff": BFF, "to": "/"})
    assert answer.status_code == 200
    assert "Use your own version of @team/shop?" in answer.text
    assert URL in answer.text
    assert BFF in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert await overrides(dora) == {}


async def test_what_a_link_says_is_text_in_the_page(dora: Visitor) -> None:
    answer = await dora.client.get("/_portico/dev", params={"app": "<script>x</script>", "to": "https://evil.example"})
    assert "<script" not in answer.text
    assert "evil.example" not in answer.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"app": "@team/shop? Yes: the platform team asks you to"}, "the platform team"),
        ({"url": "https://evil.example/entry.js"}, "https://evil.example"),
        ({"bff": "https://evil.example"}, "https://evil.example"),
    ],
)
async def test_what_would_be_refused_is_not_asked(dora: Visitor, fields: dict[str, str], words: str) -> None:
    given = {"app": "@team/shop", "url": URL, "to": "/", **fields}
    answer = await dora.client.get("/_portico/dev", params=given)
    assert answer.status_code == 422
    assert "<form" not in answer.text
    assert words not in answer.text


async def test_the_form_sets_the_override_and_leads_to_the_app(world: RolloutWorld, dora: Visitor) -> None:
    answer = await accept(dora, bff=BFF)
    assert (answer.status_code, answer.headers["location"]) == (303, "/things?page=2")
    assert await overrides(dora) == {"@team/shop": {"url": URL, "ownStyles": True, "bff": BFF}}
    assert (await dora.page()).import_map["imports"]["@team/shop"] == URL
    async with world.browser(await world.cookie("dora", "developer")) as other_session:
        assert await overrides(other_session) == {}


async def test_overrides_of_other_apps_stay(world: RolloutWorld, dora: Visitor) -> None:
    manifest = {"name": "@team/other", "version": "1.0.0", "entry": "other.js", "routes": [{"path": "/other"}]}
    release = await world.publish({"app.json": manifest, "other.js": "export {};"})
    body = {"overrides": {"@team/other": {"release": release.digest}}}
    assert (await dora.client.put("/deploy/overrides", json=body)).status_code == 200
    await accept(dora)
    assert set(await overrides(dora)) == {"@team/other", "@team/shop"}


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}, {}]
)
async def test_a_form_of_another_site_sets_nothing(world: RolloutWorld, dora: Visitor, headers: dict[str, str]) -> None:
    secret = dora.client.cookies["portico"]
    async with httpx.AsyncClient(base_url=world.url, cookies={"portico": secret}) as client:
        answer = await accept(Visitor(client), headers={"Origin": "https://evil.example", **headers})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "cross-site-request")
    assert await overrides(dora) == {}


async def test_who_is_not_signed_in_is_and_comes_back(world: RolloutWorld) -> None:
    async with world.browser() as visitor:
        answer = await visitor.client.get("/_portico/dev", params={"app": "@team/shop", "url": URL, "to": "/a?b=1&c=2"})
    assert answer.status_code == 303
    location = urlsplit(answer.headers["location"])
    back = urlsplit(parse_qs(location.query)["return_to"][0])
    assert (location.path, back.path) == ("/auth/sign-in", "/_portico/dev")
    assert parse_qs(back.query) == {"app": ["@team/shop"], "url": [URL], "to": ["/a?b=1&c=2"]}


async def test_who_is_no_developer_is_told_so(world: RolloutWorld) -> None:
    async with world.browser(await world.cookie("ada")) as visitor:
        for answer in (await visitor.client.get("/_portico/dev"), await accept(visitor)):
            assert answer.status_code == 403
            assert "Overrides are for developers" in answer.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"url": "https://evil.example/entry.js"}, "PORTICO_OVERRIDE_ORIGINS"),
        ({"bff": "https://evil.example"}, "PORTICO_OVERRIDE_BFF_ORIGINS"),
        ({"bff": f"{BFF}/path"}, "an origin without a path"),
        ({"bff": "http://127.0.0.1@evil.example"}, "an origin without a path"),
        ({"app": "@team/missing"}, "deploy it once"),
        ({"url": "", "bff": ""}, "say either"),
    ],
)
async def test_what_cannot_be_is_said_in_a_page(dora: Visitor, fields: dict[str, str], words: str) -> None:
    answer = await accept(dora, None, **fields)
    assert answer.status_code == 422
    assert words in re.sub("&#34;|`", "", answer.text)
    assert await overrides(dora) == {}


async def test_style_sheets_of_the_live_release_are_left_out_where_the_module_brings_its_own(
    world: RolloutWorld, dora: Visitor
) -> None:
    manifest = {"name": "@team/shop", "version": "3.0.0", "entry": "shop.js", "styles": ["shop.css"]}
    routes = [{"path": "/", "access": "public", "title": "Shop"}]
    files = {"app.json": {**manifest, "routes": routes}, "shop.js": "export {};", "shop.css": "p { color: red }"}
    await world.promote(await world.publish(files))
    page = await dora.page()
    assert [len(app["styles"]) for app in page.boot["apps"]] == [1]
    assert "/shop.css" in page.response.text
    await accept(dora)
    page = await dora.page()
    assert [app["styles"] for app in page.boot["apps"]] == [[]]
    assert "/shop.css" not in page.response.text


async def test_calls_of_that_session_alone_go_to_the_developers_bff(world: RolloutWorld, dora: Visitor) -> None:
    seen: list[Request] = []

    async def version(request: Request) -> Response:
        seen.append(request)
        return JSONResponse({"version": "mine"})

    [port] = free_ports(1)
    async with serving(Starlette(routes=[Route("/version", version)]), port):
        assert (await accept(dora, bff=f"http://127.0.0.1:{port}")).status_code == 303
        assert await dora.bff() == "mine"
        async with world.browser(await world.cookie("dora", "developer")) as other_session:
            assert await other_session.bff() == "1"
        await dora.client.delete("/deploy/overrides")
        assert await dora.bff() == "1"
    [request] = seen
    assert request.headers["authorization"].startswith("Bearer ")
    assert "cookie" not in request.headers


async def test_a_bff_takes_the_place_alone(dora: Visitor, world: RolloutWorld) -> None:
    other = world.bffs["2"]
    body = {"overrides": {"@team/shop": {"bff": other}}}
    assert (await dora.client.put("/deploy/overrides", json=body)).status_code == 200
    assert await dora.bff() == "2"
    page = await dora.page()
    assert page.version == "1"
    assert f"BFF at {other}" in page.response.text


def test_on_a_host_that_is_reached_from_elsewhere_no_loopback_is_called(tmp_path: Path) -> None:
    def allows(**settings: object) -> bool:
        config = HostConfig(data_dir=tmp_path, **{"base_url": "https://portico.example", **settings})  # type: ignore[arg-type]
        return rules_of(config).allows_bff("http://127.0.0.1:9001")

    assert not allows()
    assert not allows(override_origins=frozenset({"http://127.0.0.1:*"}))
    assert allows(override_bff_origins=frozenset({"http://127.0.0.1:9001"}))
    assert allows(base_url="http://localhost:8000")
    assert not allows(base_url="http://localhost:8000", override_bff_origins=frozenset())
    with pytest.raises(ConfigurationError, match="PORTICO_OVERRIDE_BFF_ORIGINS"):
        allows(override_bff_origins=frozenset({"http://dora.example"}))
