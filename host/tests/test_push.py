"""Web Push to a push service that really decrypts: who gets which notice, and what is never called."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import http_ece  # type: ignore[import-untyped]
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from host.tests.live_world import OURS, Hub, Sessions, running_hub, until
from host.tests.real_servers import free_ports, serving
from portico.feed import person_subject
from portico.host.errors import ConfigurationError
from portico.host.push import FORGET_SESSION, MIGRATIONS, Push, PushHosts
from portico.host.push.sender import Notice, Outcome, PushSender, new_push_client
from portico.host.push.store import MOST_EACH, Subscriptions
from portico.host.push.subscription import Keys, Subscription
from portico.host.push.vapid import VapidKey
from portico.host.session import Seal
from portico.host.tokens import HostKeys
from portico.problem import exception_handlers
from portico.sql import Database, SqliteDatabase, Statement

BASE_URL = "http://127.0.0.1:8000"

_PUBLIC = ec.generate_private_key(ec.SECP256R1()).public_key()
POINT = _PUBLIC.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
COMPRESSED = _PUBLIC.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """A browser's side of a subscription: it holds the private key."""

    def __init__(self, origin: str, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._secret = os.urandom(16)
        public = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.json = {
            "endpoint": f"{origin}/push/{name}",
            "expirationTime": None,
            "keys": {"p256dh": b64(public), "auth": b64(self._secret)},
        }

    @property
    def subscription(self) -> Subscription:
        keys = self.json["keys"]
        assert isinstance(keys, dict)
        return Subscription(str(self.json["endpoint"]), Keys(**keys))

    def decrypt(self, body: bytes) -> Any:
        plain = http_ece.decrypt(body, private_key=self._key, auth_secret=self._secret, version="aes128gcm")
        return json.loads(plain)


@dataclass
class PushService:
    """A push service on loopback. `answers` are given in turn, then 201."""

    origin: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    stuck: dict[str, asyncio.Event] = field(default_factory=dict)
    """Those that are answered only once their event is set."""

    async def take(self, request: Request) -> Response:
        status = self.answers.pop(0) if self.answers else 201
        name = request.path_params["name"]
        self.got.append((name, dict(request.headers), await request.body()))
        if name in self.stuck:
            await self.stuck[name].wait()
        headers = {"Location": f"{self.origin}/push/elsewhere"} if status in {301, 307, 308} else {}
        return Response(status_code=status, headers={**headers, "Retry-After": "0"})


@dataclass
class PushWorld:
    service: PushService
    hub: Hub
    database: Database
    client: httpx.AsyncClient
    seal: Seal

    async def call(self, method: str, person: str, body: object = None, **headers: str) -> httpx.Response:
        return await self.client.request(
            method, "/_portico/push", json=body, headers={**OURS, "Cookie": person, **headers}
        )

    async def notify(self, person: str, title: str, kind: str = "notice", ts: int | None = None) -> None:
        data = {"title": title, "body": "b", "href": "/things/1", "app": "things"}
        body = {"type": kind, "ts": int(time.time() * 1000) if ts is None else ts, "data": data}
        await (await self.hub.jetstream()).publish(person_subject(person), json.dumps(body).encode())

    async def rows(self) -> int:
        return int((await self.database.read("SELECT count(*) FROM push_subscription"))[0][0] or 0)


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    [port] = free_ports(1)
    service = PushService(f"http://127.0.0.1:{port}")
    app = Starlette(routes=[Route("/push/{name}", service.take, methods=["POST"])])
    async with serving(app, port):
        yield service


@asynccontextmanager
async def replica(
    folder: Path, hub: Hub, service: PushService, sessions: Sessions
) -> AsyncIterator[tuple[httpx.AsyncClient, Database]]:
    database = await SqliteDatabase.open(folder / "sessions.db", migrations=MIGRATIONS)
    push = Push(
        hub.url,
        database=database,
        seal=Seal.open(folder / "seal.json"),
        keys=HostKeys.open(folder / "push.json"),
        hosts=PushHosts([service.origin]),
        base_url=BASE_URL,
        identify=sessions.identify,
    )
    try:
        async with push:
            app = Starlette(routes=push.routes, exception_handlers=exception_handlers)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL) as client:
                yield client, database
    finally:
        await database.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[PushWorld]:
    async with (
        running_hub(tmp_path / "hub") as hub,
        push_service() as service,
        replica(tmp_path, hub, service, Sessions()) as (client, database),
    ):
        await until_following(hub)
        yield PushWorld(service, hub, database, client, Seal.open(tmp_path / "seal.json"))


async def until_following(hub: Hub) -> None:
    """Once the shared consumer is there."""
    jetstream = await hub.jetstream()
    while True:
        if any(info.name == "portico-push" for info in await jetstream.consumers_info("FEEDS")):
            return


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


async def test_a_body_without_end_is_refused(tmp_path: Path) -> None:
    async with replica(tmp_path, Hub(tmp_path / "hub"), PushService("http://127.0.0.1:9"), Sessions()) as (client, _):
        body = b'{"more":' + b"[" * 8000
        for method in ("PUT", "DELETE"):
            answer = await client.request(method, "/_portico/push", content=body, headers={**OURS, "Cookie": "ada"})
            assert (answer.status_code, "nested" in answer.text) == (400, True), (method, answer.text)


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
    "endpoint",
    [
        "https://evil.example/x",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://evilpush.services.mozilla.com.evil.example/",
        "https://xpush.apple.com/x",
        "https://fcm.googleapis.com\\@evil.example/",
        "https://fcm.googleapis.com/\n",
        "https://.push.apple.com/x",
        "https://a..push.apple.com/x",
        f"https://{'a' * 64}.push.apple.com/x",
        f"https://{'a.' * 130}push.apple.com/x",
        "https://a\x00.push.apple.com/x",
        "https://127.0.0.1%2f.push.apple.com/x",
        "https://127.0.0.1;.push.apple.com/x",
        "\x01https://fcm.googleapis.com/x",
        "https://[::1]/x",
        "https://[bad/x",
        "http://127.0.0.1:9/x",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_endpoint_outside_the_list_is_ever_called(endpoint: str) -> None:
    assert not PushHosts().allow(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-by3p.notify.windows.com/w/?token=abc",
    ],
)
def test_the_push_services_of_browsers_are_in_the_list(endpoint: str) -> None:
    assert PushHosts().allow(endpoint)


@pytest.mark.parametrize(
    "host", ["http://10.0.0.1", "https://push.example", "*", "push", "*.*", "a b", "push.example/x"]
)
def test_a_list_with_a_mistake_stops_the_start(host: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTICO_PUSH_HOSTS"):
        PushHosts([host])


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


@pytest.mark.parametrize(
    ("answers", "outcome", "calls"),
    [
        ([201], Outcome.SENT, 1),
        ([503, 429, 201], Outcome.SENT, 3),
        ([500] * 4, Outcome.GIVEN_UP, 4),
        ([404], Outcome.GONE, 1),
        ([400], Outcome.GIVEN_UP, 1),
        ([307], Outcome.GIVEN_UP, 1),
    ],
)
async def test_a_push_service_that_is_busy_is_asked_again_and_no_redirect_is_followed(
    tmp_path: Path, answers: list[int], outcome: Outcome, calls: int
) -> None:
    async with push_service() as service, new_push_client() as client:
        service.answers = list(answers)
        pauses: list[float] = []

        async def sleep(seconds: float) -> None:
            pauses.append(seconds)

        key = VapidKey(HostKeys.generate(), base_url=BASE_URL, clock=lambda: 1_800_000_000.0)
        sender = PushSender(client, key, PushHosts([service.origin]), sleep=sleep, jitter=lambda: 1.0)
        browser = Browser(service.origin, "phone")
        assert await sender.send(browser.subscription, Notice("Hi"), topic="t") is outcome
        assert len(service.got) == calls
        assert pauses == [1.0, 5.0, 20.0][: calls - 1]


async def test_a_long_notice_is_shortened_to_what_push_services_take(tmp_path: Path) -> None:
    async with push_service() as service, new_push_client() as client:
        key = VapidKey(HostKeys.generate(), base_url=BASE_URL, clock=lambda: 1_800_000_000.0)
        sender = PushSender(client, key, PushHosts([service.origin]))
        browser = Browser(service.origin, "phone")
        for notice in (Notice("Hi", "ä" * 5000, "/x"), Notice("t" * 9000, "b" * 9000, "/" + "x" * 9000)):
            await sender.send(browser.subscription, notice, topic="t")
        first, second = (browser.decrypt(body) for _, _, body in service.got)
        assert first["title"] == "Hi"
        assert first["href"] == "/x"
        assert first["body"].startswith("ä" * 1000)
        assert first["body"].endswith("ä…")
        assert second == {"title": "t" * 200, "body": "", "href": "/"}
        assert all(len(body) <= 4096 for _, _, body in service.got)


async def test_a_subscription_whose_seal_is_broken_is_forgotten(tmp_path: Path) -> None:
    database = await SqliteDatabase.open(tmp_path / "x.db", migrations=MIGRATIONS)
    browser = Browser("https://fcm.googleapis.com", "x")
    await Subscriptions(database, seal=Seal.generate(), clock=lambda: 1.0).put("ada", "s", browser.subscription)
    other = Subscriptions(database, seal=Seal.generate(), clock=lambda: 1.0)
    assert await other.of_feed(person_subject("ada")) == []
    assert await database.read("SELECT id FROM push_subscription") == []
    await database.close()
