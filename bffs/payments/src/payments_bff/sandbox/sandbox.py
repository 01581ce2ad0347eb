"""The sandbox's API: charges, refunds, the ledger, and its moods."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from aiohttp import web
from msgspec.structs import replace

from payments_bff.sandbox.ledger import Entry, KeyReused, Ledger
from payments_bff.sandbox.moods import Moods
from payments_bff.sandbox.webhooks import Webhooks

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_REUSED: Final = {"error": "the key is another request's"}
_TREATED: Final = frozenset({"/charges", "/refunds"})


class ChargeAsked(msgspec.Struct, frozen=True):
    """``POST /charges``, with an Idempotency-Key."""

    reference: str
    amount: int
    currency: str


class RefundAsked(msgspec.Struct, frozen=True):
    """``POST /refunds``, with an Idempotency-Key."""

    reference: str


class Sandbox:
    """One provider. ``webhook_url`` and ``webhook_secret`` say where and how it tells what became of charges."""

    def __init__(self, ledger: Ledger, *, api_key: str, webhook_url: str = "", webhook_secret: str = "") -> None:
        self.ledger = ledger
        self.moods = Moods()
        self.webhooks = Webhooks(webhook_url, webhook_secret)
        self._api_key = api_key

    def application(self) -> web.Application:
        """The routes."""
        app = web.Application(middlewares=[self._treat])
        app.router.add_post("/charges", self._charge)
        app.router.add_get("/charges/{reference}", self._find)
        app.router.add_post("/refunds", self._refund)
        app.router.add_get("/ledger", self._entries)
        app.router.add_put("/moods", self._mood)
        app.on_cleanup.append(self._close)
        return app

    @web.middleware
    async def _treat(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Ask who calls, and be in whatever mood it is."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._api_key.encode()):
            return web.json_response({"error": "who are you?"}, status=401)
        if request.path not in _TREATED:
            return await handler(request)
        await asyncio.sleep(self.moods.latency_ms / 1000)
        if "Idempotency-Key" not in request.headers:
            return web.json_response({"error": "an Idempotency-Key is needed"}, status=400)
        if self._takes("failing"):
            return web.json_response({"error": "not now"}, status=503)
        if self._takes("babbling"):
            return web.Response(text="<h1>Welcome</h1>", content_type="text/html")
        answer = await handler(request)
        if request.transport is not None and self._takes("losing"):
            request.transport.abort()
        return answer

    def _takes(self, mood: str) -> bool:
        """Whether this request is one of those that are treated so."""
        count: int = getattr(self.moods, mood)
        if count:
            self.moods = replace(self.moods, **{mood: count - 1})
        return count > 0

    async def _charge(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=ChargeAsked)
        try:
            entry = await self.ledger.charge(
                request.headers["Idempotency-Key"], asked.reference, asked.amount, asked.currency
            )
        except KeyReused:
            return _json(_REUSED, 422)
        if not self.moods.silent:
            self.webhooks.tell(entry, times=self.moods.duplicating, lying=self.moods.lying)
        if self._takes("denying"):
            return _json({"error": "declined"}, 402)
        if self.moods.pending:
            return _json({**_shown(entry), "status": "pending"}, 202)
        return _json(_shown(entry), 402 if entry.status == "declined" else 201)

    async def _find(self, request: web.Request) -> web.Response:
        entry = None if self._takes("forgetting") else await self.ledger.find(request.match_info["reference"])
        return _json({"error": "no such charge"}, 404) if entry is None else _json(_shown(entry), 200)

    async def _refund(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=RefundAsked)
        try:
            entry = await self.ledger.refund(request.headers["Idempotency-Key"], asked.reference)
        except KeyReused:
            return _json(_REUSED, 422)
        return _json({"error": "nothing was taken"}, 404) if entry is None else _json(_shown(entry), 201)

    async def _entries(self, request: web.Request) -> web.Response:  # noqa: ARG002 (a handler is given one)
        entries = [msgspec.to_builtins(entry) for entry in await self.ledger.entries()]
        return _json({"entries": entries, "balance": await self.ledger.balance()}, 200)

    async def _mood(self, request: web.Request) -> web.Response:
        try:
            self.moods = msgspec.json.decode(await request.read(), type=Moods)
        except msgspec.DecodeError as error:
            return _json({"error": str(error)}, 422)
        return _json(msgspec.to_builtins(self.moods), 200)

    async def _close(self, app: web.Application) -> None:  # noqa: ARG002 (a handler is given it)
        await self.webhooks.close()


def _shown(entry: Entry) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(entry)
    return {**shown, "reason": "limit-exceeded" if entry.status == "declined" else None}


def _json(body: Any, status: int) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
