"""`/_portico/push`: the key to subscribe with, and a browser's subscription."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.host.gateway.guard import check_own_page, check_person
from portico.host.gateway.refusals import signed_out
from portico.host.live import live_unavailable
from portico.host.push.hosts import PushHosts
from portico.host.push.store import Subscriptions
from portico.host.push.subscription import read_subscription
from portico.host.session import RawHeaders, Session
from portico.problem import Problem, decoded

PATH = "/_portico/push"
_LARGEST = 8 * 1024
_HEADERS = {"Cache-Control": "no-store"}


class _Removal(msgspec.Struct, frozen=True):
    endpoint: str


class PushEndpoint:
    """What a page asks and says of Web Push; guarded as the API is."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        *,
        public_key: str,
        hosts: PushHosts,
        base_url: str,
        identify: Callable[[RawHeaders], Awaitable[Session | None]],
        is_on: bool,
    ) -> None:
        self._subscriptions = subscriptions
        self._public_key = public_key
        self._hosts = hosts
        self._base_url = base_url
        self._identify = identify
        self._is_on = is_on

    @property
    def routes(self) -> list[Route]:
        """For the host's router."""
        return [
            Route(PATH, self.key, methods=["GET"]),
            Route(PATH, self.subscribe, methods=["PUT"]),
            Route(PATH, self.unsubscribe, methods=["DELETE"]),
        ]

    async def key(self, request: Request) -> Response:
        """The public key for `pushManager.subscribe()`, as `{"key": "<base64url>"}`."""
        await self._person(request)
        if not self._is_on:
            raise live_unavailable("This host has no event hub; see NATS_URL.")
        return JSONResponse({"key": self._public_key}, headers=_HEADERS)

    async def subscribe(self, request: Request) -> Response:
        """Keep the browser's subscription for the person who is signed in, until they sign out here."""
        person = await self._person(request)
        subscription = read_subscription(await _body(request), self._hosts)
        await self._subscriptions.put(person.sub, person.id, subscription)
        return Response(status_code=204, headers=_HEADERS)

    async def unsubscribe(self, request: Request) -> Response:
        """Forget the subscription with this `endpoint`; one that is not there is as good."""
        person = await self._person(request)
        endpoint = decoded(await _body(request), _Removal).endpoint
        await self._subscriptions.remove(person.sub, sha256(endpoint.encode()).hexdigest())
        return Response(status_code=204, headers=_HEADERS)

    async def _person(self, request: Request) -> Session:
        headers = request.scope["headers"]
        person = await self._identify(headers)
        if person is None:
            raise signed_out()
        check_own_page(headers, self._base_url)
        check_person(headers, person.sub)
        return person


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise Problem("body-too-large", status=413, title="The body is too large")
    return body
