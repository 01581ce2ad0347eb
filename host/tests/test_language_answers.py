"""What depends on the language of who asks is said in it, and named to caches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host.tests.rollout_world import RolloutWorld, Visitor, rollout_world

TITLED = {"path": "/", "access": "public", "title": "Shop", "titles": {"ar": "المتجر"}}
LABELLED = {"key": "shop", "label": "Shop", "href": "/", "labels": {"ar": "متجر"}}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[RolloutWorld]:
    async with rollout_world(tmp_path) as world:
        await world.promote(await world.shop("1", routes=[TITLED], mountPoints={"nav": [LABELLED]}))
        yield world


@pytest.fixture
async def english(world: RolloutWorld) -> AsyncIterator[Visitor]:
    async with world.browser(await world.cookie("amal")) as visitor:
        visitor.client.headers["accept-language"] = "en"
        yield visitor


@pytest.fixture
async def arabic(world: RolloutWorld) -> AsyncIterator[Visitor]:
    async with world.browser(await world.cookie("amal")) as visitor:
        visitor.client.headers["accept-language"] = "ar-EG, en;q=0.5"
        yield visitor


async def test_the_page_says_its_titles_labels_and_words_in_it(english: Visitor, arabic: Visitor) -> None:
    page, other = await arabic.page(), await english.page()
    assert "<title>المتجر · " in page.response.text
    assert page.boot["apps"][0]["routes"][0]["title"] == "المتجر"
    assert page.boot["mountPoints"]["nav"][0]["label"] == "متجر"
    assert page.boot["words"]["Try again"] == "حاول مرة أخرى"
    assert "<title>Shop · " in other.response.text
    assert other.boot["apps"][0]["routes"][0]["title"] == other.boot["mountPoints"]["nav"][0]["label"] == "Shop"
    assert "words" not in other.boot


async def test_what_an_open_page_asks_for_is_in_it(english: Visitor, arabic: Visitor) -> None:
    for visitor in (english, arabic):
        apps = (await visitor.client.get("/_portico/channel.json")).json()["boot"]["apps"]
        assert apps == (await visitor.page()).boot["apps"]


async def test_what_a_device_keeps_is_made_anew_for_another_language(english: Visitor, arabic: Visitor) -> None:
    tags = []
    for visitor in (english, arabic):
        listing = (await visitor.client.get("/_portico/offline.json")).json()
        document = await visitor.client.get(listing["document"])
        assert document.headers["portico-document"] == listing["tag"]
        tags.append(listing["tag"])
    assert len(set(tags)) == 2


@pytest.mark.parametrize(
    "path", ["/", "/_portico/channel.json", "/_portico/offline.json", "/_portico/document", "/auth/sessions"]
)
async def test_caches_are_told_that_the_language_decides(arabic: Visitor, path: str) -> None:
    answer = await arabic.client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert {"accept-language", "cookie"} <= {name.strip().lower() for name in answer.headers["vary"].split(",")}
    assert answer.headers["cache-control"] == "no-store"


async def test_caches_are_told_so_of_a_page_outside_the_shell(english: Visitor, arabic: Visitor) -> None:
    asked = [await one.client.get("/auth/callback?state=x&code=y") for one in (english, arabic)]
    assert ['<html lang="en"' in asked[0].text, '<html lang="ar"' in asked[1].text] == [True, True]
    assert [one.headers["vary"] for one in asked] == ["Accept-Language, Cookie"] * 2
