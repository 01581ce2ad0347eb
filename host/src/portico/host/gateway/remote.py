"""A BFF in its own process, called over HTTP through aiohttp; bodies stream in both directions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from secrets import randbelow

import aiohttp
from multidict import CIMultiDict
from starlette.types import Message, Receive, Scope, Send
from yarl import URL

from portico.host.errors import BackendUnavailable, ClientGone
from portico.host.gateway.guard import SAFE_METHODS
from portico.host.gateway.headers import header
from portico.host.gateway.remote_socket import serve_socket

CONNECT_TIMEOUT_S = 2.0
MAX_HEADER_BYTES = 64 * 1024
_BACKOFF_MS = (50, 150)

Pause = Callable[[float], Awaitable[object]]


class RemoteBackend:
    """A call to a BFF at `origin`, for example `http://10.0.0.7:9001`.

    A call that the BFF cannot have got is tried once more: no connection came about, and it is a GET or HEAD, or has an
    Idempotency-Key. So is a GET or HEAD without a body whose connection had been kept open and turned out to be closed.
    Nothing is tried again once a byte of the answer is there, nor once a byte of the body is gone. `pause` waits so
    many seconds in between.
    """

    def __init__(self, client: aiohttp.ClientSession, origin: str, *, pause: Pause = asyncio.sleep) -> None:
        self._client = client
        self._origin = origin.rstrip("/")
        self._pause = pause
        self.name = self._origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on and the answer back; or the messages of a WebSocket, both ways."""
        if scope["type"] == "websocket":
            await serve_socket(self._client, self._url(scope), scope, receive, send)
            return
        body = _Body(receive)
        await body.begin()
        try:
            response = await self._response(scope, body)
            async with response:
                if response.status < 200:
                    raise BackendUnavailable(
                        f"The BFF at {self._origin} answers {response.status}, which ends nothing."
                    )
                await _answer(response, send)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, ConnectionError) as error:
            if body.failure is not None:
                raise body.failure from error
            raise BackendUnavailable(f"The BFF at {self._origin} cannot be reached.") from error
        except aiohttp.ClientError as error:
            raise BackendUnavailable(f"The BFF at {self._origin} answers what is no HTTP: {error}") from error

    async def _response(self, scope: Scope, body: _Body) -> aiohttp.ClientResponse:
        try:
            return await self._request(scope, body)
        except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if not _may_try_again(scope, body, error):
                raise
        low, high = _BACKOFF_MS
        await self._pause((low + randbelow(high - low)) / 1000)
        return await self._request(scope, body)

    async def _request(self, scope: Scope, body: _Body) -> aiohttp.ClientResponse:
        return await self._client.request(
            scope["method"],
            self._url(scope),
            headers=CIMultiDict(
                [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
            ),
            data=aiter(body) if body.exists else None,
            allow_redirects=False,
        )

    def _url(self, scope: Scope) -> URL:
        # By segments, not by prefix: the app's name may be percent-encoded in the raw path.
        path = "/" + "/".join(scope["raw_path"].decode("latin-1").split("/")[3:])
        query = scope["query_string"].decode("latin-1")
        return URL(f"{self._origin}{path}{'?' + query if query else ''}", encoded=True)


def new_client() -> aiohttp.ClientSession:
    """The connection pool for all remote BFFs: no cookies, no redirects, bodies passed on as they are."""
    client = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=0),
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_TIMEOUT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    )
    # aiohttp sends PUT and DELETE again by itself, which a BFF may have done already. There is no setting for it.
    client._retry_connection = False  # noqa: SLF001
    return client


def _may_try_again(scope: Scope, body: _Body, error: Exception) -> bool:
    is_safe = scope["method"] in SAFE_METHODS
    if isinstance(error, aiohttp.ClientConnectorError):
        return not body.is_begun and (is_safe or header(scope["headers"], b"idempotency-key") is not None)
    return is_safe and not body.exists


async def _answer(response: aiohttp.ClientResponse, send: Send) -> None:
    # As they came: the gateway cleans what goes back, wherever the BFF runs.
    await send({"type": "http.response.start", "status": response.status, "headers": list(response.raw_headers)})
    async for chunk in response.content.iter_any():
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Body:
    """A request's body as it arrives. aiohttp hides why a body broke off, so the reason is kept in `failure`."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._first: Message = {}
        self.is_begun = False
        self.failure: Exception | None = None

    async def begin(self) -> None:
        """Wait for the first piece: only it says, for every version of HTTP, whether there is a body at all."""
        self._first = await self._next()

    @property
    def exists(self) -> bool:
        return bool(self._first.get("body")) or bool(self._first.get("more_body"))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.is_begun = True
        message = self._first
        yield message.get("body", b"")
        while message.get("more_body", False):
            message = await self._next()
            yield message.get("body", b"")

    async def _next(self) -> Message:
        try:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
        except Exception as error:
            self.failure = error
            raise
        return message
