"""Answers only under its own name: a page under another name that points here (DNS rebinding) gets nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from portico.host.gateway.headers import header
from portico.problem import Problem, problem_response

# Probes, and BFFs that fetch keys, may ask by address; what they are told is public.
_BY_ANY_NAME = frozenset({"/healthz", "/readyz", "/.well-known/jwks.json"})


class OwnHostMiddleware:
    """Refuses requests whose `Host` is not the base URL's with 421 (RFC 9110, 15.5.20)."""

    def __init__(self, app: ASGIApp, *, base_url: str) -> None:
        self.app = app
        self._own = urlsplit(base_url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is meant for this host."""
        if scope["type"] == "http" and scope["path"] not in _BY_ANY_NAME and not self._is_own(scope):
            problem = Problem(
                "misdirected-request",
                status=421,
                title="This is another host",
                detail="The request names a host that is not the one of PORTICO_BASE_URL.",
            )
            await problem_response(problem)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        given = (header(scope["headers"], b"host") or "").lower()
        return given == self._own or f"{given}:{_DEFAULT_PORTS.get(scope['scheme'])}" == self._own


_DEFAULT_PORTS = {"http": "80", "https": "443"}
