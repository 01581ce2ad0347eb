"""A developer's own versions in the pages of a real host: what they change, what they leave alone, what is refused."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from host.tests.rollout_world import RolloutWorld, Visitor, rollout_world
from portico.host.document import overridden
from portico.manifest import ImportMap, Snapshot

URL = "http://localhost:5173/src/app.js"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[RolloutWorld]:
    async with rollout_world(tmp_path) as world:
        await world.promote(await world.shop("1"))
        yield world


@pytest.fixture
async def dora(world: RolloutWorld) -> AsyncIterator[Visitor]:
    async with world.browser(await world.cookie("dora", "developer")) as visitor:
        yield visitor


async def put(visitor: Visitor, **overrides: object) -> httpx.Response:
    named = {f"@team/{app}": one for app, one in overrides.items()}
    return await visitor.client.put("/deploy/overrides", json={"overrides": named})


async def test_a_url_takes_the_place_of_the_entry_in_this_session_alone(world: RolloutWorld, dora: Visitor) -> None:
    before = await dora.page()
    assert (await put(dora, shop={"url": URL})).status_code == 200
    page = await dora.page()
    assert page.import_map["imports"]["@team/shop"] == URL
    assert URL not in page.import_map["integrity"]
    assert [app["entry"] for app in page.boot["apps"]] == [URL]
    preloaded = re.findall(r'<link rel="modulepreload" href="[^"]*/([^/"]+)"', page.response.text)
    assert preloaded == []
    assert {**page.import_map, "imports": None} == {**before.import_map, "imports": None}
    async with world.browser(await world.cookie("dora", "developer")) as other_session:
        assert (await other_session.page()).response.text.count(URL) == 0


async def test_an_open_page_learns_what_a_page_loaded_now_would_carry(world: RolloutWorld, dora: Visitor) -> None:
    async def latest() -> dict[str, Any]:
        answer = await dora.client.get("/_portico/channel.json")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        found: dict[str, Any] = answer.json()
        return found

    await put(dora, shop={"url": URL})
    page, before = await dora.page(), await latest()
    assert before["boot"] == {name: page.boot[name] for name in ("revision", "user", "apps")}
    assert before["importMap"]["imports"]["@team/shop"] == URL
    assert before["importMap"]["integrity"].items() <= page.import_map["integrity"].items()
    await world.promote(await world.shop("2"))
    assert (await latest())["boot"]["revision"] == page.boot["revision"] + 1


async def test_the_policy_is_wider_for_that_page_alone_and_for_that_origin_alone(dora: Visitor) -> None:
    plain = (await dora.page()).response.headers
    await put(dora, shop={"url": URL})
    own = (await dora.page()).response.headers
    assert "integrity-policy" in plain
    assert "integrity-policy" not in own
    policies = [dict(one.split(" ", 1) for one in each["content-security-policy"].split("; ")) for each in (plain, own)]
    changed = {name for name in policies[0] if _without_nonce(policies[0][name]) != _without_nonce(policies[1][name])}
    assert changed == {"style-src", "img-src", "font-src", "connect-src"}
    assert policies[1]["connect-src"] == "'self' http://localhost:5173 ws://localhost:5173"
    await dora.client.delete("/deploy/overrides")
    assert "integrity-policy" in (await dora.page()).response.headers


def _without_nonce(directive: str) -> str:
    return " ".join(word for word in directive.split() if not word.startswith("'nonce-"))


async def test_what_the_device_keeps_has_no_overrides(world: RolloutWorld, dora: Visitor) -> None:
    tag = (await dora.client.get("/_portico/offline.json")).json()["tag"]
    await put(dora, shop={"release": (await world.shop("2")).digest})
    assert ((await dora.page()).version, await dora.bff()) == ("2", "2")
    assert await dora.kept() == "1"
    assert (await dora.client.get("/_portico/offline.json")).json()["tag"] == tag
    assert "own version" not in (await dora.client.get("/_portico/document")).text


async def test_an_app_that_is_on_no_channel_can_be_seen_before_it_is_deployed(
    world: RolloutWorld, dora: Visitor
) -> None:
    routes = [{"path": "/new", "access": "public", "title": "New"}]
    manifest = {"name": "@team/new", "version": "1.0.0", "entry": "new.js", "routes": routes}
    release = await world.publish({"app.json": manifest, "new.js": "export {};"})
    assert (await dora.page("/new")).response.status_code == 404
    assert (await put(dora, new={"release": release.digest})).status_code == 200
    assert (await dora.page("/new")).response.status_code == 200
    async with world.browser() as visitor:
        assert (await visitor.page("/new")).response.status_code == 404


async def test_what_is_not_there_is_refused_with_the_place(world: RolloutWorld, dora: Visitor) -> None:
    digest = (await world.shop("2")).digest
    for app, one, where, words in (
        ("shop", {"release": "0" * 64}, "/overrides/@team~1shop/release", "no release"),
        ("shop", {"release": digest[:8]}, "/overrides/@team~1shop/release", "the whole digest"),
        ("other", {"release": digest}, "/overrides/@team~1other/release", "no release"),
        ("other", {"url": URL}, "/overrides/@team~1other/url", "no app @team/other"),
    ):
        answer = await put(dora, **{app: one})
        assert answer.status_code == 422
        [fault] = answer.json()["errors"]
        assert fault["pointer"] == where
        assert words in fault["detail"]
    answer = await dora.client.put("/deploy/overrides", json={"overrides": {"@thief/shop": {"release": digest}}})
    assert "this release is of @team/shop" in answer.json()["errors"][0]["detail"]
    assert (await dora.page()).version == "1"


async def test_what_does_not_fit_what_is_live_is_refused(world: RolloutWorld, dora: Visitor) -> None:
    manifest = {"name": "@team/other", "version": "1.0.0", "entry": "other.js", "routes": [{"path": "/"}]}
    clash = await world.publish({"app.json": manifest, "other.js": "export {};"})
    unmet = await world.publish(
        {
            "app.json": {**manifest, "version": "2.0.0", "routes": []},
            "other.js": "import 'nowhere'; export {};",
        }
    )
    for release, words in ((clash, "claimed by"), (unmet, "nowhere")):
        answer = await put(dora, other={"release": release.digest})
        assert answer.status_code == 422
        assert words in answer.json()["errors"][0]["detail"]


async def test_an_override_that_live_has_moved_away_from_is_left_out_and_said_so(
    world: RolloutWorld, dora: Visitor
) -> None:
    manifest = {"name": "@team/other", "version": "1.0.0", "entry": "other.js", "routes": [{"path": "/other"}]}
    own = await world.publish({"app.json": manifest, "other.js": "export {};"})
    assert (await put(dora, other={"release": own.digest}, shop={"url": URL})).status_code == 200
    await world.promote(
        await world.publish({"app.json": {**manifest, "name": "@team/rival"}, "other.js": "export {};"})
    )
    page = (await dora.page()).response.text
    assert "Your own version of <b>@team/other</b> does not fit what is live now" in page
    assert "This page shows your own version of <b>@team/shop</b>" in page
    assert own.digest not in page.partition("<body>")[0]


def test_an_app_from_elsewhere_sees_the_copies_that_its_release_would_see() -> None:
    class OfShop:
        name, app = "@team/shop", "shop"

        def url(self, path: str) -> str:
            return f"/a/shop/1/{path}"

    class Shown:
        def release(self, _app: str) -> OfShop:
            return OfShop()

    snapshot: Snapshot = Shown()  # type: ignore[assignment]
    mapped = ImportMap(
        imports={"@team/shop": "/a/shop/1/shop.js", "react": "/a/libs/19/react.js"},
        integrity={},
        scopes={"/a/shop/1/": {"react": "/a/libs/18/react.js"}, "/a/old/1/": {"react": "/a/libs/17/react.js"}},
        text=b"stale",
    )
    made = overridden(mapped, snapshot, {"shop": URL})
    assert made.resolve("react", URL) == "/a/libs/18/react.js"
    assert made.resolve("@team/shop", "/a/old/1/x.js") == URL
    assert made.to_json() != b"stale"
