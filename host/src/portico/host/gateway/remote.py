"""A BFF in its own process, called over HTTP through aiohttp; bodies stream in both directions."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
from multidict import CIMultiDict
from starlette.types import Message, Receive, Scope, Send
from yarl import URL

from portico.host.errors import BackendUnavailable, ClientGone

CONNECT_TIMEOUT_S = 2.0
MAX_HEADER_BYTES = 64 * 1024


class RemoteBackend:
    """A call to a BFF at `origin`, for example `http://10.0.0.7:9001`."""

    def __init__(self, client: aiohttp.ClientSession, origin: str) -> None:
        self._client = client
        self._origin = origin.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on and the answer back."""
        body = _Body(receive)
        await body.begin()
        try:
            request = self._client.request(
                scope["method"],
                self._url(scope),
                headers=CIMultiDict(
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
                ),
                data=aiter(body) if body.exists else None,
                allow_redirects=False,
            )
            async with request as response:
                await _answer(response, send)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, ConnectionError) as error:
            if body.failure is not None:
                raise body.failure from error
            raise BackendUnavailable(f"The BFF at {self._origin} cannot be reached.") from error
        except aiohttp.ClientError as error:
            raise BackendUnavailable(f"The BFF at {self._origin} answers what is no HTTP: {error}") from error

    def _url(self, scope: Scope) -> URL:
        # By segments, not by prefix: the app's name may be percent-encoded in the raw path.
        path = "/" + "/".join(scope["raw_path"].decode("latin-1").split("/")[3:])
        query = scope["query_string"].decode("latin-1")
        return URL(f"{self._origin}{path}{'?' + query if query else ''}", encoded=True)


def new_client() -> aiohttp.ClientSession:
    """The connection pool for all remote BFFs: no cookies, no redirects, bodies passed on as they are."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=0),
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_TIMEOUT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    )


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
        self.failure: Exception | None = None

    async def begin(self) -> None:
        """Wait for the first piece: only it says, for every version of HTTP, whether there is a body at all."""
        self._first = await self._next()

    @property
    def exists(self) -> bool:
        return bool(self._first.get("body")) or bool(self._first.get("more_body"))

    async def __aiter__(self) -> AsyncIterator[bytes]:
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
