"""How often one address may call what costs something: the API, sign-in and the deployer."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from portico.host.clock import Clock
from portico.host.config import Rates
from portico.host.gateway.rate import Rate
from portico.host.peers import Peers
from portico.problem import Problem, problem_response

_COUNTED = ("/api/", "/auth/", "/deploy/", "/dev-idp/")
_SIGN_IN = ("/auth/", "/dev-idp/")
_OF_THE_PROVIDER = frozenset({"/auth/backchannel-logout"})
"""Comes from the provider's few addresses, for everybody who signs out there."""


class RateLimitMiddleware:
    """Answers 429 to an address that calls too often, before anybody is looked up."""

    def __init__(self, app: ASGIApp, *, rates: Rates, peers: Peers, clock: Clock) -> None:
        self.app = app
        self._peers = peers
        self._address = Rate("address", rates.address, clock)
        self._sign_in = Rate("sign-in", rates.sign_in, clock)
        self._counts = bool(rates.address or rates.sign_in)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request, and pass it on if it may."""
        if self._counts and scope["type"] in {"http", "websocket"} and scope["path"].startswith(_COUNTED):
            try:
                self._check(scope)
            except Problem as problem:
                await _refuse(problem, scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        address = self._peers.address(scope)
        self._address.check(address, f"Your address, {address}, has")
        if scope["path"].startswith(_SIGN_IN) and scope["path"] not in _OF_THE_PROVIDER:
            self._sign_in.check(address, f"Your address, {address}, has")


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1013, "reason": problem.type})
            return
    await problem_response(problem)(scope, receive, send)
