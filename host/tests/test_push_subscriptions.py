"""Subscriptions to Web Push: whose they are, what is taken for one, and what is kept of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from host.tests.live_world import OURS, Hub, Sessions, until
from host.tests.push_world import (
    COMPRESSED,
    POINT,
    Browser,
    PushService,
    PushWorld,
    b64,
    push_world,
    replica,
)
from portico.feed import person_subject
from portico.host.push import FORGET_SESSION, MIGRATIONS
from portico.host.push.store import MOST_EACH, Subscriptions
from portico.host.session import Seal
from portico.sql import SqliteDatabase, Statement


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[PushWorld]:
    async with push_world(tmp_path) as running:
        yield running


async def test_a_body_without_end_is_refused(tmp_path: Path) -> None:
    async with replica(tmp_path, Hub(tmp_path / "hub"), PushService("http://127.0.0.1:9"), Sessions()) as (client, _):
        body = b'{"more":' + b"[" * 8000
        for method in ("PUT", "DELETE"):
            answer = await client.request(method, "/_portico/push", content=body, headers={**OURS, "Cookie": "ada"})
            assert (answer.status_code, "nested" in answer.text) == (400, True), (method, answer.text)


async def test_a_person_can_unsubscribe_their_own_browser_alone(world: PushWorld) -> None:
    browser = Browser(world.service.origin, "phone")
    await world.call("PUT", "ada", browser.json)
    assert (await world.call("DELETE", "ben", {"endpoint": browser.json["endpoint"]})).status_code == 204
    assert await world.rows() == 1
    assert (await world.call("DELETE", "ada", {"endpoint": browser.json["endpoint"]})).status_code == 204
    assert await world.rows() == 0


async def test_a_browser_belongs_to_who_signed_in_on_it_last(world: PushWorld) -> None:
    browser = Browser(world.service.origin, "shared")
    for person in ("ada", "ben"):
        await world.call("PUT", person, browser.json)
    await world.notify("ada", "Not here")
    await world.notify("ben", "Here")
    await until(lambda: len(world.service.got) == 1)
    assert browser.decrypt(world.service.got[0][2])["title"] == "Here"
    await world.database.write([Statement(FORGET_SESSION, ("ben",))])
    assert await world.rows() == 0


async def test_a_person_has_a_few_browsers_and_the_oldest_gives_way(world: PushWorld) -> None:
    for number in range(MOST_EACH + 3):
        await world.call("PUT", "ada", Browser(world.service.origin, f"b{number}").json)
    assert await world.rows() == MOST_EACH


async def test_nothing_of_a_subscription_can_be_read_from_the_database(world: PushWorld) -> None:
    browser = Browser(world.service.origin, "phone")
    await world.call("PUT", "ada", browser.json)
    [row] = await world.database.read("SELECT id, feed, session_id, sealed FROM push_subscription")
    text = " ".join(str(value) for value in row)
    assert "push/phone" not in text
    assert browser.json["keys"]["auth"] not in text  # type: ignore[index]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Cookie": ""}, 401),
        ({"X-Portico": "0"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Portico-Person": "ben"}, 401),
    ],
)
async def test_strangers_and_other_sites_are_refused(
    tmp_path: Path, method: str, headers: dict[str, str], status: int
) -> None:
    hub, service = Hub(tmp_path / "hub"), PushService("http://127.0.0.1:9")

    class Strict(Sessions):
        async def identify(self, headers: Any) -> Any:
            session = await super().identify(headers)
            return session if session is not None and session.sub else None

    async with replica(tmp_path, hub, service, Strict()) as (client, _):
        answer = await client.request(
            method,
            "/_portico/push",
            headers={**OURS, "Cookie": "ada", **headers},
            json=Browser(service.origin, "x").json,
        )
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"endpoint": "https://evil.example/x"}, 422),
        ({"keys": {"p256dh": b64(b"\x04" + b"\x01" * 64), "auth": b64(b"x" * 16)}}, 422),
        ({"keys": {"p256dh": "no", "auth": b64(b"x" * 16)}}, 422),
        ({"keys": {"p256dh": b64(COMPRESSED), "auth": b64(b"x" * 16)}}, 422),
        ({"keys": {"p256dh": b64(POINT) + "\n", "auth": b64(b"x" * 16)}}, 422),
        ({"keys": {"p256dh": b64(POINT), "auth": "!!" + b64(b"x" * 16)}}, 422),
        ({"keys": {"p256dh": "é", "auth": "x"}}, 422),
        ({"keys": 1}, 422),
        ({"endpoint": "https://fcm.googleapis.com/" + "x" * 2000}, 422),
        ({"padding": "x" * 10_000}, 413),
    ],
)
async def test_what_is_no_subscription_is_refused(tmp_path: Path, change: dict[str, object], status: int) -> None:
    service = PushService("http://127.0.0.1:9")
    async with replica(tmp_path, Hub(tmp_path / "hub"), service, Sessions()) as (client, database):
        body = {**Browser(service.origin, "x").json, **change}
        answer = await client.put("/_portico/push", json=body, headers={**OURS, "Cookie": "ada"})
        assert answer.status_code == status
        assert await database.read("SELECT id FROM push_subscription") == []


async def test_without_a_hub_there_is_nothing_to_subscribe_to(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "hub")
    async with replica(tmp_path, hub, PushService("http://127.0.0.1:9"), Sessions()) as (client, _):
        answer = await client.get("/_portico/push", headers={**OURS, "Cookie": "ada"})
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "live-unavailable")


async def test_a_subscription_whose_seal_is_broken_is_forgotten(tmp_path: Path) -> None:
    database = await SqliteDatabase.open(tmp_path / "x.db", migrations=MIGRATIONS)
    browser = Browser("https://fcm.googleapis.com", "x")
    await Subscriptions(database, seal=Seal.generate(), clock=lambda: 1.0).put("ada", "s", browser.subscription)
    other = Subscriptions(database, seal=Seal.generate(), clock=lambda: 1.0)
    assert await other.of_feed(person_subject("ada")) == []
    assert await database.read("SELECT id FROM push_subscription") == []
    await database.close()
