"""Calls of the API go straight to the gateway: they are by far the most, and no route needs to be tried for them."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from portico.host.gateway.gateway import PREFIX

_BELOW = f"{PREFIX}/"


class ApiFirst:
    """Hands what is below `/api/` to `api`, and everything else to `others`."""

    def __init__(self, api: ASGIApp, others: ASGIApp) -> None:
        self._api = api
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one WebSocket."""
        await (self._api if scope["path"].startswith(_BELOW) else self._others)(scope, receive, send)
