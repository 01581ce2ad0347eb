"""Payments as the others see them: what they are told, and what they tell."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
from aiohttp import web

from payments_bff.payment import Money, Told, Wanted
from payments_bff.sandbox import Sandbox
from portico.bff import Event
from portico.bff.external import new_webhook_secret
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub

API_KEY = "sk_test"
SECRET = new_webhook_secret()


class Door:
    """An HTTP server that hands every request to an application in this process."""

    def __init__(self) -> None:
        self.url = ""
        self.client: httpx.AsyncClient | None = None

    async def take(self, request: web.Request) -> web.Response:
        if self.client is None:
            return web.Response(status=503)
        answer = await self.client.request(
            request.method, request.path, content=await request.read(), headers=dict(request.headers)
        )
        return web.Response(status=answer.status_code, body=answer.content)


@contextlib.asynccontextmanager
async def forwarding() -> AsyncIterator[Door]:
    door, app = Door(), web.Application()
    app.router.add_route("*", "/{path:.*}", door.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    door.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield door
    finally:
        await runner.cleanup()


@dataclass
class Payments:
    """The service under test, the hub and the double."""

    client: BffClient
    hub: InMemoryHub
    sandbox: Sandbox

    async def want(self, id_: str = "p-1", minor: int = 2280, *, back: bool = False) -> None:
        """Fulfilment asks for a payment, or for it to be given back."""
        type_ = "payment.refund-requested" if back else "payment.requested"
        wanted = Wanted(id_, f"order-{id_}", "ada", Money(minor, "EUR"))
        await self.hub.emit(Event(type_, id_, wanted, partition_key=wanted.order_id), service="fulfilment")

    async def told(self, outcome: str, count: int = 1) -> list[Told]:
        """Wait for outcomes."""
        return [event.entity(Told) for event in await self.hub.published(f"payment.{outcome}", count)]

    async def everything(self) -> list[str]:
        """All that was told of payments so far, once nothing is left to hear."""
        await self.hub.settled()
        names = ("succeeded", "failed", "refunded")
        return [name for name in names for _ in await self.hub.published(f"payment.{name}", 0)]

    async def charges(self) -> list[tuple[str, str, int]]:
        """The provider's truth: reference, status and what went back."""
        return [(one.reference, one.status, one.refunded) for one in await self.sandbox.ledger.entries()]
