"""Bodies pass as they come, both ways, and whoever does not go on is not waited for; over real connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
from starlette.types import Receive

from host.tests.gateway_site import Site, gateway_site
from host.tests.test_gateway_call import ByHand
from portico.host.config import GatewayLimits

LIMITS = GatewayLimits(body_pause_s=0.3, body_s=0.6, read_pause_s=0.3)
CHUNKED = "Transfer-Encoding: chunked"
EVENTS = (b"content-type", b"text/event-stream")


@pytest.fixture(params=[False, True], ids=["mounted", "remote"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    async with gateway_site(remote=request.param, limits=LIMITS) as site:
        yield site


@pytest.fixture(params=[False, True], ids=["mounted", "remote"])
async def patient(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """With the usual limits: nothing is cut for being slow."""
    async with gateway_site(remote=request.param) as site:
        yield site


async def until(reader: asyncio.StreamReader, mark: bytes) -> bytes:
    async with asyncio.timeout(10):
        return await reader.readuntil(mark)


async def status(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The status of an answer, and all of it."""
    async with asyncio.timeout(10):
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        return int(answer.split(b" ", 2)[1]), answer + await reader.readexactly(length)


async def test_each_piece_of_an_answer_reaches_the_browser_before_the_bff_makes_the_next(patient: Site) -> None:
    reader, writer = await patient.connect(patient.head())
    call = await patient.bff.called()
    await call.begin(EVENTS)
    await until(reader, b"\r\n\r\n")
    for number in range(5):
        await call.say(b"data: %d\n\n" % number)
        assert (await until(reader, b"\n\n")).endswith(b"data: %d\n\n" % number)
    call.done()
    writer.close()


async def test_each_piece_of_a_body_reaches_the_bff_before_the_browser_sends_the_next(patient: Site) -> None:
    reader, writer = await patient.connect(patient.head("POST", "/api/shop/x", CHUNKED))
    writer.write(b"2\r\n--\r\n")
    call = await patient.bff.called()
    heard = b""
    for number in range(5):
        writer.write(b"1\r\n%d\r\n" % number)
        while not heard.endswith(b"%d" % number):
            heard += (await call.receive())["body"]
    writer.write(b"0\r\n\r\n")
    assert heard == b"--01234"
    await call.answer(b"done")
    assert (await status(reader))[0] == 200
    writer.close()


async def test_a_body_and_its_answer_pass_at_the_same_time(patient: Site) -> None:
    reader, writer = await patient.connect(patient.head("POST", "/api/shop/x", CHUNKED))
    writer.write(b"1\r\n-\r\n")
    call = await patient.bff.called()
    await call.begin()
    for number in range(3):
        writer.write(b"1\r\n%d\r\n" % number)
        piece = b""
        while not piece.endswith(b"%d" % number):
            piece += (await call.receive())["body"]
        await call.say(b"<%d>" % number)
        assert b"<%d>" % number in await until(reader, b">")
    call.done()
    writer.close()


async def test_a_bff_is_told_or_cancelled_when_its_browser_goes_away(patient: Site) -> None:
    """It had not begun to answer, and was not listening."""
    _, writer = await patient.connect(patient.head())
    call = await patient.bff.called()
    writer.close()
    await call.gone()
    assert patient.breakers.states() == {}


async def test_a_stream_is_ended_when_its_browser_goes_away(patient: Site) -> None:
    reader, writer = await patient.connect(patient.head())
    call = await patient.bff.called()
    await call.begin(EVENTS)
    await call.say(b"data: 1\n\n")
    await until(reader, b"data: 1\n\n")
    writer.close()
    await call.gone()


async def test_a_body_that_breaks_off_is_never_taken_for_whole(patient: Site) -> None:
    _, writer = await patient.connect(patient.head("POST", "/api/shop/x", CHUNKED))
    writer.write(b"4\r\nhalf\r\n")
    call = await patient.bff.called()
    writer.close()
    messages = []
    with suppress(asyncio.CancelledError):
        async with asyncio.timeout(10):
            while (message := await call.receive())["type"] == "http.request":
                messages.append(message)
    assert all(message["more_body"] for message in messages)


async def test_a_stream_ends_when_its_session_ends_and_can_be_told_from_a_broken_one(patient: Site) -> None:
    reader, writer = await patient.connect(patient.head())
    call = await patient.bff.called()
    await call.begin(EVENTS)
    await call.say(b"data: 1\n\n")
    await until(reader, b"data: 1\n\n")
    await _noted(patient)
    patient.open_calls.end_session("session-of-ada")
    await call.gone()
    assert (await until(reader, b"0\r\n\r\n")).endswith(b"0\r\n\r\n")
    writer.close()


async def test_a_stream_whose_session_ends_in_its_first_moment_ends_with_it(patient: Site) -> None:
    """It is noted as open only once it has lasted; the end of its session must not be missed until then."""
    patient.gateway._watch = watch = ByHand()  # the real one may find on a busy machine that it lasts before it begins
    reader, writer = await patient.connect(patient.head())
    call = await patient.bff.called()
    patient.open_calls.end_session("session-of-ada")
    await call.begin(EVENTS)
    await until(reader, b"\r\n\r\n")
    [lasting] = watch.under_way
    lasting.watch()
    await call.gone()
    assert (await until(reader, b"0\r\n\r\n")).endswith(b"0\r\n\r\n")
    writer.close()


async def test_a_session_that_ended_on_another_replica_ends_its_long_calls_here(patient: Site) -> None:
    reader, writer = await patient.connect(patient.head())
    other_reader, other = await patient.connect(patient.head(who="ben"))
    calls = [await patient.bff.called() for _ in range(2)]
    await _noted(patient, 2)
    patient.ended.add("session-of-ada")
    await patient.open_calls.verify()
    code, answer = await status(reader)
    assert (code, b"signed-out" in answer) == (401, True)
    for call in calls:
        if b"ben@urn:portico:bff:shop" in dict(call.scope["headers"])[b"authorization"]:
            await call.answer(b"still here")
    assert (await status(other_reader))[0] == 200
    for closing in (writer, other):
        closing.close()


async def test_a_body_that_comes_too_slowly_is_a_408_and_its_bff_is_let_go(site: Site) -> None:
    reader, writer = await site.connect(site.head("POST", "/api/shop/x", "Content-Length: 100"))
    writer.write(b"one piece")
    call = await site.bff.called()
    reading = asyncio.create_task(_read_all(call.receive))
    code, answer = await status(reader)
    assert (code, b"body-too-slow" in answer) == (408, True)
    reading.cancel()
    await call.gone()
    assert site.breakers.states() == {}
    writer.close()


async def test_a_body_that_trickles_has_an_end(site: Site) -> None:
    """Each piece is in time; all of them together are not."""
    reader, writer = await site.connect(site.head("POST", "/api/shop/x", "Content-Length: 100000") + b"x")
    call = await site.bff.called()

    async def trickle() -> None:
        """A piece as soon as the one before has arrived."""
        with suppress(ConnectionError):
            while (await call.receive()).get("more_body"):
                writer.write(b"x")
                await writer.drain()

    trickling = asyncio.create_task(trickle())
    code, answer = await status(reader)
    assert (code, b"body-too-slow" in answer) == (408, True)
    trickling.cancel()
    writer.close()


async def test_a_browser_that_does_not_read_on_loses_its_answer(site: Site) -> None:
    _, writer = await site.connect(site.head())
    call = await site.bff.called()
    await call.begin()
    flood = asyncio.create_task(_flood(call.say))
    await call.gone()
    flood.cancel()
    writer.close()


async def _flood(say: Callable[[bytes], Awaitable[None]]) -> None:
    with suppress(Exception):
        while True:
            await say(b"x" * 65_536)


async def _read_all(receive: Receive) -> None:
    while (await receive())["type"] == "http.request":
        pass


async def _noted(site: Site, number: int = 1) -> None:
    """Return once so many long calls are noted as open."""
    async with asyncio.timeout(10):
        for _ in range(number):
            await site.open_calls.noted.get()
