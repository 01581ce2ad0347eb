"""What goes over the wire: requests that two servers could read differently, and answers that could split.

Real connections to the real server, byte by byte. Every line says what was sent and how it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing, suppress

import pytest

from host.tests.gateway_site import Site, gateway_site
from portico.host.gateway.answer_check import check_answer
from portico.host.gateway.guard import check_framing, check_path
from portico.problem import Problem

SMUGGLED = b"GET /api/shop/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with gateway_site(remote=False) as site:
        yield site


async def answers(site: Site, request: bytes) -> bytes:
    """Everything that comes back until the server closes; nothing when it does so while it is still being told."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    with closing(writer), suppress(ConnectionError):
        writer.write(request)
        async with asyncio.timeout(10):
            return await reader.read()
    return b""


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (("Content-Length: 4", "Content-Length: 5"), b"abcd"),
        (("Content-Length: 4, 4",), b"abcd"),
        (("Content-Length: +4",), b"abcd"),
        (("Content-Length: 0x4",), b"abcd"),
        (("Content-Length: -1",), b""),
        (("Content-Length: 99999999999999999999",), b""),
        (("Transfer-Encoding: xchunked",), b"0\r\n\r\n"),
        (("Transfer-Encoding: gzip, chunked",), b"0\r\n\r\n"),
        (("Transfer-Encoding: chunked, identity",), b"0\r\n\r\n"),
        (("Transfer-Encoding: chunked", "Transfer-Encoding: identity"), b"0\r\n\r\n"),
        (("Transfer-Encoding : chunked",), b"0\r\n\r\n"),
        (("Host: evil.example",), b""),
        (("X-A: one\r\n two",), b""),
        (("X-A: one\rtwo",), b""),
        (("X-A: one\0two",), b""),
        (("X-A: one\x01two",), b""),
        (("X A: one",), b""),
        ((": one",), b""),
        (tuple(f"X-{number}: a" for number in range(300)), b""),
        ((f"X-A: {'a' * 600_000}",), b""),
    ],
    ids=lambda value: repr(value)[:60],
)
async def test_a_request_that_two_servers_could_read_differently_reaches_no_bff(
    site: Site, lines: tuple[str, ...], body: bytes
) -> None:
    answer = await answers(site, site.head("POST", "/api/shop/x", *lines) + body + SMUGGLED)
    refused = (b"HTTP/1.1 400 ", b"HTTP/1.1 413 ", b"HTTP/1.1 431 ")
    assert not answer or answer.startswith(refused), answer[:200]
    assert site.bff.heard == []


async def test_a_length_beside_chunks_means_nothing_and_ends_the_connection(site: Site) -> None:
    """RFC 9112, 6.1: the chunks are the body, and what follows is not another request."""
    lines = ("Content-Length: 4", "Transfer-Encoding: chunked")
    answering = asyncio.create_task(answers(site, site.head("POST", "/api/shop/x", *lines) + b"0\r\n\r\n" + SMUGGLED))
    call = await site.bff.called()
    await call.answer(b"one")
    answer = await answering
    assert (answer.count(b"HTTP/1.1 "), len(site.bff.heard)) == (1, 1)
    assert not dict(call.scope["headers"]).keys() & {b"content-length", b"transfer-encoding"}


@pytest.mark.parametrize(
    "chunk", [b"-4\r\nabcd\r\n0\r\n\r\n", b"4\nabcd\n0\n\n", b"4\r\nabcdXX0\r\n\r\n", b"ffffffffffffffff0\r\nx"]
)
async def test_broken_chunks_are_never_a_whole_body(site: Site, chunk: bytes) -> None:
    _, writer = await site.connect(site.head("POST", "/api/shop/x", "Transfer-Encoding: chunked") + chunk)
    call = await site.bff.called()
    try:
        async with asyncio.timeout(10):
            while (message := await call.receive())["type"] == "http.request":
                assert message["more_body"]
    except asyncio.CancelledError:
        assert call.cancelled.is_set()
    writer.close()


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", b"4"), (b"transfer-encoding", b"chunked")],
        [(b"content-length", b"4"), (b"content-length", b"4")],
        [(b"content-length", b"")],
        [(b"content-length", "٤".encode())],
        [(b"content-length", b" 4")],
        [(b"content-length", b"1" * 19)],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"\x0bchunked")],
        [(b"transfer-encoding", b"identity")],
        [(b"host", b"a"), (b"host", b"b")],
    ],
)
def test_the_gateway_refuses_ambiguous_framing_whatever_the_server_lets_through(
    headers: list[tuple[bytes, bytes]],
) -> None:
    with pytest.raises(Problem) as refused:
        check_framing(headers)
    assert (refused.value.status, refused.value.type) == (400, "ambiguous-framing")


@pytest.mark.parametrize(
    "headers", [[(b"host", b"a"), (b"content-length", b"0")], [(b"transfer-encoding", b"chunked")]]
)
def test_plain_framing_passes(headers: list[tuple[bytes, bytes]]) -> None:
    check_framing(headers)


@pytest.mark.parametrize(
    "path",
    [
        b"/api/shop/%252e%252e/x",
        b"/api/shop/%252fx",
        b"/api/shop/%25252f",
        b"/api/shop/a%255cb",
        b"/api/shop/%0d%0aX:1",
        b"/api/shop/%1f",
        b"/api/shop/%7f",
        b"/api/shop/%zz",
        b"/api/shop/%",
        b"/api/shop/%2",
        b"/api/shop/\xc3\xa9",
        b"/api/shop/a\tb",
        b"/api/shop/a\x00",
        b"/api/shop/..",
        b"/api/..",
        b"/api/%2e%2e/admin",
    ],
)
def test_a_path_that_hides_something_is_refused(path: bytes) -> None:
    with pytest.raises(Problem) as refused:
        check_path(path)
    assert refused.value.type == "ambiguous-path"


@pytest.mark.parametrize(
    "path", [b"/api/shop/caf%C3%A9", b"/api/shop/100%25", b"/api/shop/a.b;c=d/..e", b"/api/shop/x/"]
)
def test_an_honest_path_passes(path: bytes) -> None:
    check_path(path)


HEADS = {
    "CR in a value": [(b"x-a", b"one\rtwo")],
    "LF in a value": [(b"x-a", b"one\nSet-Cookie: portico=planted")],
    "a whole answer in a value": [(b"x-a", b"one\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")],
    "NUL in a value": [(b"x-a", b"one\x00two")],
    "LF in a name": [(b"x-a\nset-cookie", b"one")],
    "a space in a name": [(b"x a", b"one")],
    "an empty name": [(b"", b"one")],
    "a colon in a name": [(b"x:a", b"one")],
    "two lengths": [(b"content-length", b"1"), (b"Content-Length", b"2")],
    "a length that is none": [(b"content-length", b"1x")],
    "too many": [(b"x-a", b"one")] * 101,
    "too large": [(b"x-a", b"x" * 33_000)],
}


@pytest.mark.parametrize("name", HEADS)
async def test_an_answer_that_could_split_is_a_502_and_nothing_of_it_goes_out(site: Site, name: str) -> None:
    reader, writer = await site.connect(site.head("GET", "/api/shop/x", "Connection: close"))
    call = await site.bff.called()
    beginning = asyncio.create_task(call.begin(*HEADS[name]))
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    beginning.cancel()
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"/bad-answer" in answer
    assert not any(word in answer for word in (b"one", b"planted", b"xxxx"))
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("status", [0, 100, 101, 103, 199, 600, 999])
def test_a_status_that_answers_nothing_is_refused(status: int) -> None:
    with pytest.raises(Problem):
        check_answer({"status": status, "headers": []})


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: one\r\n two\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nX-A: one\x00two\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: one\r\n" % n for n in range(200)) + b"Content-Length: 0\r\n\r\n",
    ],
    ids=["101", "folded", "two lengths", "NUL", "many"],
)
async def test_a_remote_bff_that_writes_such_a_head_is_not_passed_on(head: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with gateway_site(remote=True, origin=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as site:
        answer = await answers(site, site.head("GET", "/api/shop/x", "Connection: close"))
        # A folded value is one value to who folds, and must be one to who reads: it may only pass unfolded.
        folded = b"x-a: one two\r\n" in answer or b"x-a: one  two\r\n" in answer
        assert answer.startswith((b"HTTP/1.1 502 ", b"HTTP/1.1 503 ")) or folded, answer[:300]
    server.close()
    await server.wait_closed()
