"""Web Push to a push service that really decrypts: who gets which notice, once, and who waits for nobody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from host.tests.live_world import OURS, Sessions, running_hub, until
from host.tests.push_world import (
    COMPRESSED,
    Browser,
    PushWorld,
    b64,
    push_service,
    push_world,
    replica,
    unb64,
    until_following,
)
from portico.feed import person_subject
from portico.host.push.store import Subscriptions
from portico.host.push.subscription import Keys, Subscription


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[PushWorld]:
    async with push_world(tmp_path) as running:
        yield running


async def test_a_notice_reaches_the_persons_browsers_encrypted_and_nobody_elses(world: PushWorld) -> None:
    phone, laptop, other = (Browser(world.service.origin, name) for name in ("phone", "laptop", "other"))
    for person, browser in (("ada", phone), ("ada", laptop), ("ben", other)):
        assert (await world.call("PUT", person, browser.json)).status_code == 204
    await world.notify("ada", "For you", kind="things.changed")
    await world.notify("ada", "Yesterday", ts=1_600_000_000_000)
    await world.notify("ada", "Ready")
    await until(lambda: len(world.service.got) == 2)
    expected = {"title": "Ready", "body": "b", "href": "/things/1"}
    for name, headers, body in world.service.got:
        assert {"phone": phone, "laptop": laptop}[name].decrypt(body) == expected
        assert b"Ready" not in body
        assert (headers["content-encoding"], headers["ttl"]) == ("aes128gcm", "86400")
    await world.notify("ben", "Next")
    await until(lambda: len(world.service.got) == 3)
    assert world.service.got[2][0] == "other"


async def test_the_push_service_can_tell_that_it_is_us(world: PushWorld) -> None:
    """VAPID: a token for this push service alone, by the key that browsers subscribe with."""
    key = (await world.call("GET", "ada")).json()["key"]
    await world.call("PUT", "ada", Browser(world.service.origin, "phone").json)
    await world.notify("ada", "Ready")
    await until(lambda: len(world.service.got) == 1)
    scheme, _, rest = world.service.got[0][1]["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert (scheme, parts["k"]) == ("vapid", key)
    point = unb64(key)
    public = ECKey.import_key({"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])})
    claims = jwt.decode(parts["t"], public, algorithms=["ES256"]).claims
    assert claims["aud"] == world.service.origin


async def test_a_push_service_that_is_slow_for_one_person_keeps_nobody_else_waiting(world: PushWorld) -> None:
    for person in ("ada", "ben"):
        await world.call("PUT", person, Browser(world.service.origin, person).json)
    world.service.stuck["ada"] = asyncio.Event()
    await world.notify("ada", "Slow")
    await until(lambda: [name for name, *_ in world.service.got] == ["ada"])
    await world.notify("ben", "Quick")
    await until(lambda: [name for name, *_ in world.service.got] == ["ada", "ben"])
    world.service.stuck["ada"].set()


async def test_what_cannot_be_sent_is_left_out_and_in_nobodys_way(world: PushWorld) -> None:
    """A key that nothing can be encrypted for, as an older version took it; and a notice without end."""
    browser = Browser(world.service.origin, "phone")
    await world.call("PUT", "ada", browser.json)
    subscriptions = Subscriptions(world.database, seal=world.seal, clock=time.time)
    unfit = Subscription(f"{world.service.origin}/push/old", Keys(b64(COMPRESSED), b64(b"x" * 16)))
    await subscriptions.put("eve", "s", unfit)
    deep = b'{"type":"notice","ts":%d,"data":%b}' % (time.time() * 1000, b"[" * 20_000 + b"]" * 20_000)
    jetstream = await world.hub.jetstream()
    await jetstream.publish(person_subject("ada"), deep)
    await world.notify("eve", "Nobody can read this")
    await world.notify("ada", "Ready")
    await until(lambda: len(world.service.got) == 1)
    assert browser.decrypt(world.service.got[0][2])["title"] == "Ready"
    while (await jetstream.consumer_info("FEEDS", "portico-push")).num_ack_pending:
        pass  # each is answered for, so that none comes again


async def test_a_browser_that_is_gone_is_forgotten(world: PushWorld) -> None:
    await world.call("PUT", "ada", Browser(world.service.origin, "phone").json)
    world.service.answers = [410]
    await world.notify("ada", "One")
    await until(lambda: len(world.service.got) == 1)
    while await world.rows():
        await until_following(world.hub)  # a turn for everybody else: the database reads on this very thread
    await world.notify("ada", "Two")
    await world.call("PUT", "ada", Browser(world.service.origin, "laptop").json)
    await world.notify("ada", "Three")
    await until(lambda: len(world.service.got) >= 2)
    assert {name for name, _, _ in world.service.got[1:]} == {"laptop"}


async def test_a_notice_outlives_the_replica_that_should_have_sent_it(tmp_path: Path) -> None:
    async with running_hub(tmp_path / "hub") as hub, push_service() as service:
        sessions, browser = Sessions(), Browser(service.origin, "phone")
        async with replica(tmp_path, hub, service, sessions) as (client, _):
            await until_following(hub)
            await client.put("/_portico/push", json=browser.json, headers={**OURS, "Cookie": "ada"})
        await PushWorld(service, hub, None, None, None).notify("ada", "While nobody ran")  # type: ignore[arg-type]
        async with replica(tmp_path, hub, service, sessions):
            await until(lambda: len(service.got) == 1)
        assert browser.decrypt(service.got[0][2])["title"] == "While nobody ran"


async def test_two_replicas_send_a_notice_once(tmp_path: Path) -> None:
    async with running_hub(tmp_path / "hub") as hub, push_service() as service:
        sessions, browser = Sessions(), Browser(service.origin, "phone")
        async with (
            replica(tmp_path, hub, service, sessions) as (client, _),
            replica(tmp_path, hub, service, sessions),
        ):
            await until_following(hub)
            await client.put("/_portico/push", json=browser.json, headers={**OURS, "Cookie": "ada"})
            world = PushWorld(service, hub, None, None, None)  # type: ignore[arg-type]
            for number in range(20):
                await world.notify("ada", str(number))
            await until(lambda: len(service.got) >= 20)
            jetstream = await hub.jetstream()
            while (await jetstream.consumer_info("FEEDS", "portico-push")).num_ack_pending:
                pass
        titles = sorted(int(browser.decrypt(body)["title"]) for _, _, body in service.got)
        assert titles == list(range(20))
