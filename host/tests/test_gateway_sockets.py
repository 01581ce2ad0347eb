"""WebSockets through the gateway, to a BFF in the same process and in its own, by a real client over a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType

from host.tests.gateway_site import Heard, Site, gateway_site
from portico.host.config import GatewayLimits

LIMITS = GatewayLimits(message_bytes=1000, streams_each=2, goodbye_s=0.05)


@pytest.fixture(params=[False, True], ids=["mounted", "remote"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    async with gateway_site(remote=request.param, limits=LIMITS) as site:
        yield site


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as browser:
        yield browser


def opening(
    site: Site, browser: aiohttp.ClientSession, **headers: str
) -> asyncio.Task[aiohttp.ClientWebSocketResponse]:
    """A page of ours opens a WebSocket; the BFF has not accepted it yet."""
    usual = {"Origin": site.origin, "Cookie": "who=ada"}
    sent = {name.replace("_", "-"): value for name, value in {**usual, **headers}.items() if value}
    return asyncio.create_task(browser.ws_connect(f"{site.origin}/api/shop/x?q=1", headers=sent))


async def opened(
    site: Site, browser: aiohttp.ClientSession, accept: dict[str, Any] | None = None, **headers: str
) -> tuple[aiohttp.ClientWebSocketResponse, Heard]:
    task = opening(site, browser, **headers)
    call = await site.bff.called()
    assert (await call.receive())["type"] == "websocket.connect"
    await call.send({"type": "websocket.accept", **(accept or {})})
    return await task, call


async def closed(socket: aiohttp.ClientWebSocketResponse) -> int:
    """The code that the socket is closed with."""
    message = await socket.receive()
    assert message.type is WSMsgType.CLOSE
    return int(message.data)


async def refused(site: Site, browser: aiohttp.ClientSession, **headers: str) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as error:
        await opening(site, browser, **headers)
    return error.value.status


async def test_messages_pass_both_ways_as_they_are(site: Site, browser: aiohttp.ClientSession) -> None:
    socket, call = await opened(site, browser)
    for text in ("one", "zwö", ""):
        await socket.send_str(text)
        assert (await call.receive()).get("text") == text
        await call.send({"type": "websocket.send", "text": f"<{text}>"})
        assert await socket.receive_str() == f"<{text}>"
    await socket.send_bytes(b"\x00\xff")
    assert (await call.receive()).get("bytes") == b"\x00\xff"
    await call.send({"type": "websocket.send", "bytes": b"\xff\x00"})
    assert await socket.receive_bytes() == b"\xff\x00"
    await socket.close()


async def test_the_bff_gets_the_persons_token_and_nothing_of_the_session(
    site: Site, browser: aiohttp.ClientSession
) -> None:
    socket, call = await opened(site, browser, Authorization="Bearer forged", X_Forwarded_For="1.2.3.4")
    headers = dict(call.scope["headers"])
    assert headers[b"authorization"] == b"Bearer ada@urn:portico:bff:shop"
    assert not headers.keys() & {b"cookie", b"x-forwarded-for"}
    assert headers[b"traceparent"].startswith(b"00-")
    assert call.scope["query_string"] == b"q=1"
    await socket.close()


async def test_the_browser_hears_the_bffs_close_code(site: Site, browser: aiohttp.ClientSession) -> None:
    socket, call = await opened(site, browser)
    await call.send({"type": "websocket.close", "code": 4000})
    assert await closed(socket) == 4000
    call.done()


async def test_the_bff_hears_that_the_browser_has_gone(site: Site, browser: aiohttp.ClientSession) -> None:
    socket, call = await opened(site, browser)
    await socket.close()
    assert (await call.receive())["type"] == "websocket.disconnect"


async def test_a_bff_that_does_not_listen_is_let_go_when_the_browser_has_gone(
    site: Site, browser: aiohttp.ClientSession
) -> None:
    socket, call = await opened(site, browser)
    await socket.close()
    await call.gone()


async def test_a_websocket_closes_when_its_session_ends(site: Site, browser: aiohttp.ClientSession) -> None:
    socket, call = await opened(site, browser)
    site.open_calls.end_session("session-of-ada")
    assert await closed(socket) == 4401
    await call.gone()


async def test_a_websocket_whose_session_ended_while_it_was_on_its_way_is_refused(
    site: Site, browser: aiohttp.ClientSession
) -> None:
    site.open_calls.end_session("session-of-ada")  # who it is was found out before
    assert await refused(site, browser) == 401


async def test_a_session_that_ended_on_another_replica_closes_its_websockets_here(
    site: Site, browser: aiohttp.ClientSession
) -> None:
    socket, _ = await opened(site, browser)
    other, call = await opened(site, browser, Cookie="who=ben")
    site.ended.add("session-of-ada")
    await site.open_calls.verify()
    assert await closed(socket) == 4401
    await other.send_str("still here")
    assert (await call.receive())["text"] == "still here"
    await other.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Cookie": ""}, 401),
        ({"Sec_WebSocket_Protocol": "a, a"}, 400),
        ({"Sec_WebSocket_Protocol": "a/b"}, 400),
        ({"Sec_WebSocket_Protocol": ", ".join(f"p{n}" for n in range(17))}, 400),
    ],
)
async def test_a_websocket_that_is_not_our_own_pages_reaches_nobody(
    site: Site, browser: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    assert await refused(site, browser, **headers) == status
    assert site.bff.heard == []


async def test_a_bff_may_refuse(site: Site, browser: aiohttp.ClientSession) -> None:
    task = opening(site, browser)
    call = await site.bff.called()
    await call.receive()
    await call.send({"type": "websocket.close", "code": 1008})
    call.done()
    with pytest.raises(aiohttp.WSServerHandshakeError) as error:
        await task
    assert error.value.status == 403


async def test_only_a_subprotocol_that_was_offered_is_chosen(site: Site, browser: aiohttp.ClientSession) -> None:
    chosen = {"subprotocol": "two"}
    socket, _ = await opened(site, browser, chosen, Sec_WebSocket_Protocol="one, two")
    assert socket._response.headers["Sec-WebSocket-Protocol"] == "two"
    await socket.close()


async def test_a_bff_cannot_set_a_cookie_as_it_accepts(site: Site, browser: aiohttp.ClientSession) -> None:
    socket, _ = await opened(site, browser, {"headers": [(b"set-cookie", b"portico=planted"), (b"x-own", b"kept")]})
    assert "Set-Cookie" not in socket._response.headers
    await socket.close()


async def test_a_message_over_the_limit_closes_from_either_side(site: Site, browser: aiohttp.ClientSession) -> None:
    socket, call = await opened(site, browser)
    await socket.send_str("x" * 1001)
    assert await closed(socket) == 1009
    await call.gone()
    socket, call = await opened(site, browser)
    await call.send({"type": "websocket.send", "text": "x" * 1001})
    assert await closed(socket) == 1009


async def test_one_person_has_so_many_websockets_and_others_have_their_own(
    site: Site, browser: aiohttp.ClientSession
) -> None:
    sockets = [(await opened(site, browser))[0] for _ in range(2)]
    assert await refused(site, browser) == 503
    sockets.append((await opened(site, browser, Cookie="who=ben"))[0])
    for socket in sockets:
        await socket.close()
