"""Web Push with a push service on loopback that really decrypts."""

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
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from host.tests.live_world import OURS, Hub, Sessions, running_hub
from host.tests.real_servers import free_ports, serving
from portico.feed import person_subject
from portico.host.push import MIGRATIONS, Push, PushHosts
from portico.host.push.subscription import Keys, Subscription
from portico.host.session import Seal
from portico.host.tokens import HostKeys
from portico.problem import exception_handlers
from portico.sql import Database, SqliteDatabase

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


async def until_following(hub: Hub) -> None:
    """Once the shared consumer is there."""
    jetstream = await hub.jetstream()
    while True:
        if any(info.name == "portico-push" for info in await jetstream.consumers_info("FEEDS")):
            return


@asynccontextmanager
async def push_world(folder: Path) -> AsyncIterator[PushWorld]:
    """One replica that has begun to follow the hub."""
    async with (
        running_hub(folder / "hub") as hub,
        push_service() as service,
        replica(folder, hub, service, Sessions()) as (client, database),
    ):
        await until_following(hub)
        yield PushWorld(service, hub, database, client, Seal.open(folder / "seal.json"))
