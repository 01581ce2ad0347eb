"""When a call's deadline is set, and to what: only once it lasts, and counted from where the BFF's time begins."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext

import pytest
from starlette.types import Message, Receive, Scope, Send

from portico.host.config import GatewayLimits
from portico.host.gateway.backend import Backend
from portico.host.gateway.breaker import Breaker
from portico.host.gateway.call import Call
from portico.host.gateway.headers import Header
from portico.host.gateway.watch import Lasting, Watch
from portico.problem import Problem

START: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
END: Message = {"type": "http.response.body", "body": b"", "more_body": False}
LIMITS = GatewayLimits(timeout_s=30, body_pause_s=10, body_s=120)


class ByHand(Watch):
    """Tells nobody by itself."""

    def __init__(self) -> None:
        super().__init__(60)
        self.under_way: list[Lasting] = []

    def begin(self, call: Lasting) -> None:
        self.under_way.append(call)

    def end(self, call: Lasting) -> None:
        self.under_way.remove(call)


def pieces(*bodies: bytes) -> Receive:
    left = list(bodies)

    async def receive() -> Message:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    return receive


async def run(
    backend: Callable[[Call, Receive, Send], Awaitable[None]], receive: Receive, headers: Sequence[Header] = ()
) -> Call:
    watch = ByHand()

    async def send(_message: Message) -> None:
        """The browser takes everything."""

    scope: Scope = {"type": "http", "headers": list(headers)}
    call = Call(scope, receive, send, LIMITS, watch)

    async def answers(_scope: Scope, take: Receive, give: Send) -> None:
        assert watch.under_way == [call]
        await backend(call, take, give)

    named: Backend = type("Named", (), {"name": "bff", "__call__": staticmethod(answers)})()
    await call.run(named, scope, lambda _end: nullcontext(), Breaker(time.monotonic), "ann")
    assert not watch.under_way, "a call that is over must not be told that it lasts"
    return call


def due(call: Call) -> float | None:
    """How long after the call began its time is over."""
    when = call._deadline.when()
    return None if when is None else when - call._began


async def test_a_call_that_does_not_last_sets_no_deadline() -> None:
    async def backend(call: Call, take: Receive, give: Send) -> None:
        await take()
        await give(START)
        await give(END)
        assert due(call) is None

    await run(backend, pieces(b"whole"))


async def test_a_call_that_lasts_has_its_time_from_when_it_began() -> None:
    async def backend(call: Call, take: Receive, give: Send) -> None:
        await take()
        call.watch()
        assert call._deadline.when() == call._began + LIMITS.timeout_s
        await give(START)
        assert due(call) is None

    await run(backend, pieces(b"whole"))


async def test_an_answer_that_has_begun_may_be_silent_for_as_long_as_it_likes() -> None:
    async def backend(call: Call, take: Receive, give: Send) -> None:
        await take()
        await give(START)
        call.watch()
        assert due(call) is None

    await run(backend, pieces(b"whole"))


async def test_a_bff_has_its_time_from_the_last_piece_of_a_body_in_pieces() -> None:
    async def backend(call: Call, take: Receive, give: Send) -> None:
        for _ in range(2):
            await take()
        before = call._deadline.when()
        assert before is not None
        assert before > call._began + LIMITS.timeout_s
        call.watch()
        assert call._deadline.when() == before

    await run(backend, pieces(b"one", b"two"))


async def test_a_bff_has_its_time_from_a_body_that_came_once_the_call_lasted() -> None:
    async def backend(call: Call, take: Receive, give: Send) -> None:
        call.watch()
        assert call._deadline.when() == call._began + LIMITS.timeout_s
        await take()
        after = call._deadline.when()
        assert after is not None
        assert after > call._began + LIMITS.timeout_s

    await run(backend, pieces(b"whole"))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 504),
        ([(b"content-length", b"0")], 504),
        ([(b"content-length", b"7")], 408),
        ([(b"transfer-encoding", b"chunked")], 408),
    ],
    ids=str,
)
async def test_who_has_announced_no_body_is_never_told_that_it_comes_too_slowly(
    headers: list[Header], status: int
) -> None:
    """A busy host may find that a call lasts only when its time is over, before it has listened to the browser."""

    async def backend(call: Call, _take: Receive, _give: Send) -> None:
        call._began -= 2 * LIMITS.timeout_s
        call.watch()
        await asyncio.Event().wait()

    async def silent() -> Message:
        never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        return await never

    with pytest.raises(Problem) as refused:
        await run(backend, silent, headers)
    assert refused.value.status == status
