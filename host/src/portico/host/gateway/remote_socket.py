"""A WebSocket to a BFF in its own process: messages pass both ways, and so does its end."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
from multidict import CIMultiDict
from starlette.types import Receive, Scope, Send
from yarl import URL

from portico.host.errors import BackendUnavailable
from portico.host.gateway.refusals import unavailable
from portico.problem import Problem

HEARTBEAT_S = 20.0
"""How often a BFF is asked whether it is still there; one that does not answer within half of that is gone."""
CLOSE_S = 0.5
"""How long a BFF has to say goodbye; the browser waits for it."""
_NORMAL, _AWAY, _BROKEN = 1000, 1001, 1011
_logger = logging.getLogger(__name__)
_SENDABLE = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})


async def serve_socket(client: aiohttp.ClientSession, url: URL, scope: Scope, receive: Receive, send: Send) -> None:
    """Open the BFF's side, accept the browser's, and pass messages until one of them ends.

    Raises `BackendUnavailable`, or the problem that the BFF refuses with; nothing is accepted then.
    """
    await receive()  # websocket.connect
    headers = CIMultiDict([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]])
    try:
        socket = await client.ws_connect(
            url,
            headers=headers,
            protocols=scope["subprotocols"],
            heartbeat=HEARTBEAT_S,
            autoclose=False,  # it forgets the code that was said when the BFF does not wait for the reply
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
            max_msg_size=scope["extensions"]["portico.message_bytes"],
        )
    except aiohttp.WSServerHandshakeError as error:
        if 400 <= error.status < 500:
            raise Problem.of_status(error.status, "The app's service refuses this WebSocket.") from error
        # An answer, whatever its status: the BFF is there, and nobody's circuit is to open for it.
        _logger.warning("The BFF at %s opens no WebSocket: it answers %d", url.origin(), error.status)
        raise unavailable("The app's service opens no WebSocket here.") from error
    except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
        raise BackendUnavailable(f"The BFF at {url.origin()} cannot be reached.") from error
    async with socket:
        await send({"type": "websocket.accept", "subprotocol": socket.protocol})
        await _both_ways(socket, receive, send)


async def _both_ways(socket: aiohttp.ClientWebSocketResponse, receive: Receive, send: Send) -> None:
    ways = {asyncio.create_task(_up(socket, receive)), asyncio.create_task(_down(socket, send))}
    try:
        ended, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)
    for way in ended:
        way.result()


async def _up(socket: aiohttp.ClientWebSocketResponse, receive: Receive) -> None:
    while (message := await receive())["type"] == "websocket.receive":
        try:
            if (text := message.get("text")) is not None:
                await socket.send_str(text)
            else:
                await socket.send_bytes(message.get("bytes") or b"")
        except ConnectionError:
            return  # the BFF has gone; the other way says so
    await socket.close(code=_sendable(message.get("code") or _AWAY))


async def _down(socket: aiohttp.ClientWebSocketResponse, send: Send) -> None:
    while True:
        message = await socket.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})
        elif message.type is aiohttp.WSMsgType.BINARY:
            await send({"type": "websocket.send", "bytes": message.data})
        else:
            break
    said = message.data if message.type is aiohttp.WSMsgType.CLOSE else socket.close_code
    await send({"type": "websocket.close", "code": _sendable(said)})


def _sendable(code: int | None) -> int:
    """The close code to say: some only tell what was never said (RFC 6455, 7.4.1)."""
    if code is None:
        return _BROKEN
    return code if code in _SENDABLE or 3000 <= code <= 4999 else (_NORMAL if code == 1005 else _BROKEN)
