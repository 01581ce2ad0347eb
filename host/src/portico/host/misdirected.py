"""Answers only under its own name: a page under another name that points here (DNS rebinding) gets nothing."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from portico.host.config import is_loopback
from portico.host.gateway.headers import header
from portico.problem import Problem, problem_response

# Probes, and BFFs that fetch keys, may ask by address; what they are told is public.
_BY_ANY_NAME = frozenset({"/healthz", "/readyz", "/.well-known/jwks.json"})


class OwnHostMiddleware:
    """Refuses requests whose `Host` is not the base URL's with 421 (RFC 9110, 15.5.20)."""

    def __init__(self, app: ASGIApp, *, base_url: str) -> None:
        self.app = app
        self._base_url = base_url
        self._own = urlsplit(base_url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is meant for this host; lead home who typed another name of this machine."""
        if scope["type"] in {"http", "websocket"} and scope["path"] not in _BY_ANY_NAME and not self._is_own(scope):
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                return
            if self._may_be_led_home(scope):
                home = RedirectResponse(f"{self._base_url}{quote(scope['path'])}", 307)
                await home(scope, receive, send)
                return
            problem = Problem(
                "misdirected-request",
                status=421,
                title="This is another host",
                detail="The request names a host that is not the one of PORTICO_BASE_URL.",
            )
            await problem_response(problem)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _may_be_led_home(self, scope: Scope) -> bool:
        """Whether somebody on this machine typed another of its names: `localhost` for `127.0.0.1`."""
        given = urlsplit(f"//{header(scope['headers'], b'host') or ''}")
        own = urlsplit(self._base_url)
        page = scope["method"] == "GET" and not scope["path"].startswith(("//", "/\\", "/api/"))
        try:
            same_port = given.port == own.port
        except ValueError:
            return False
        return page and same_port and is_loopback(given.hostname or "") and is_loopback(own.hostname or "")

    def _is_own(self, scope: Scope) -> bool:
        given = (header(scope["headers"], b"host") or "").lower()
        return given == self._own or f"{given}:{_DEFAULT_PORTS.get(scope['scheme'])}" == self._own


_DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}
_POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1
