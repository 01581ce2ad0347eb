"""Calls to an external service over real HTTP: what is repeated, what is not, and what is told of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import pytest
from aiohttp import web

from portico.bff import DeclarationError
from portico.bff.external import CircuitBreaker, CircuitOpen, ExternalRefused, ExternalService, ExternalUnavailable
from portico.secrets import Secret


class Note(msgspec.Struct):
    text: str


class Far:
    """The other side: answers with the next of ``answers``, the last for ever; None breaks off."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes] | None] = [(200, {}, b'{"text":"ok"}')]
        self.requests: list[tuple[str, str, str | None, str | None, bytes]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        key, who = (request.headers.get(name) for name in ("Idempotency-Key", "Authorization"))
        self.requests.append((request.method, request.path, key, who, await request.read()))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        status, headers, body = answer
        return web.Response(status=status, headers=headers, body=body)


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    far, app = Far(), web.Application()
    app.router.add_route("*", "/{path:.*}", far.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    far.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield far
    await runner.cleanup()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
async def service(far: Far, pauses: list[float]) -> AsyncIterator[ExternalService]:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    service = made(far.url, sleep)
    yield service
    await service.close()


def made(url: str, sleep: Callable[[float], Awaitable[None]], *, timeout: float = 5.0) -> ExternalService:
    breaker = CircuitBreaker("far", failures=5, pause=60)
    return ExternalService(
        "far", url, secret=Secret("sk"), breaker=breaker, sleep=sleep, jitter=lambda: 1.0, timeout=timeout
    )


async def test_a_change_carries_its_key_and_the_secret(far: Far, service: ExternalService) -> None:
    answer = await service.call("POST", "/notes", body=Note("x"), idempotency_key="k-1")
    assert answer.entity(Note) == Note("ok")
    assert far.requests == [("POST", "/notes", "k-1", "Bearer sk", b'{"text":"x"}')]
    assert "sk" not in repr(service.__dict__)


async def test_a_change_without_a_key_is_not_sent(far: Far, service: ExternalService) -> None:
    with pytest.raises(DeclarationError, match="needs an idempotency key"):
        await service.call("POST", "/notes", body=Note("x"))
    assert far.requests == []


@pytest.mark.parametrize("first", [None, (500, {}, b""), (503, {}, b""), (429, {}, b""), (409, {}, b"")])
async def test_what_may_be_otherwise_next_time_is_repeated_with_the_same_key(
    far: Far, service: ExternalService, pauses: list[float], first: tuple[int, dict[str, str], bytes] | None
) -> None:
    far.answers = [first, first, (201, {}, b"{}")]
    assert (await service.call("POST", "/notes", body=Note("x"), idempotency_key="k")).status == 201
    assert [request[2] for request in far.requests] == ["k", "k", "k"]
    assert pauses == [0.4, 0.8]


async def test_it_waits_as_long_as_it_is_asked_to_but_not_for_ever(
    far: Far, service: ExternalService, pauses: list[float]
) -> None:
    far.answers = [(503, {"Retry-After": "2"}, b""), (503, {"Retry-After": "3600"}, b""), (200, {}, b"")]
    await service.call("GET", "/")
    assert pauses == [2.0, 5.0]


@pytest.mark.parametrize("status", [400, 401, 402, 404, 422, 302])
async def test_a_refusal_is_told_at_once(far: Far, service: ExternalService, status: int) -> None:
    far.answers = [(status, {"Location": "http://127.0.0.1:1/"}, b"no")]
    with pytest.raises(ExternalRefused) as refused:
        await service.call("GET", "/")
    assert (refused.value.status, refused.value.body, len(far.requests)) == (status, b"no", 1)


async def test_the_circuit_opens_and_nothing_is_sent(far: Far, service: ExternalService) -> None:
    far.answers = [(500, {}, b"")]
    for error in (ExternalUnavailable, CircuitOpen):
        with pytest.raises(error):
            await service.call("GET", "/")
    assert (len(far.requests), service.breaker.state) == (5, "open")
    with pytest.raises(CircuitOpen):
        await service.call("GET", "/")
    assert len(far.requests) == 5


async def test_an_answer_that_is_too_long_is_none(far: Far, service: ExternalService) -> None:
    far.answers = [(200, {}, b"x" * (1 << 20) + b"x")]
    with pytest.raises(ExternalUnavailable, match="more than 1048576 bytes"):
        await service.call("GET", "/")
    far.answers = [(200, {}, b"x" * (1 << 20))]
    assert len((await service.call("GET", "/")).body) == 1 << 20


async def test_a_service_that_says_nothing_is_given_up(pauses: list[float]) -> None:
    heard: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda reader, writer: heard.append(writer), "127.0.0.1", 0)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    service = made(f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}", sleep, timeout=0.05)
    with pytest.raises(ExternalUnavailable, match="TimeoutError"):
        await service.call("GET", "/")
    assert len(pauses) == 2
    await service.close()
    for writer in heard:
        writer.close()
    silent.close()


async def test_nobody_there_is_unavailable() -> None:
    async def sleep(seconds: float) -> None:
        """No need to wait for nobody."""

    service = made("http://127.0.0.1:9", sleep)
    with pytest.raises(ExternalUnavailable, match="far is not available"):
        await service.call("GET", "/")
    await service.close()
