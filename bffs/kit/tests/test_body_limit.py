"""A body that is too large is refused, and enough of the rest is taken that its sender sees the refusal."""

import asyncio
from collections.abc import Iterator

import pytest
from starlette.types import Message, Receive, Scope, Send

from portico.bff import body_limit
from portico.bff.body_limit import BodyLimit
from portico.problem import Problem

CHUNK = {"type": "http.request", "body": b"x" * 100, "more_body": True}
LAST = {**CHUNK, "more_body": False}
GONE = {"type": "http.disconnect"}


class Sender:
    """Somebody who sends these messages; after the last one they say nothing more."""

    def __init__(self, messages: Iterator[Message] | list[Message]) -> None:
        self._messages = iter(messages)
        self.sent = 0

    async def receive(self) -> Message:
        self.sent += 1
        return next(self._messages)


async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body", False):
        pass


async def refused(sender: Sender, announced: int | None = None) -> Problem:
    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    scope = {"type": "http", "headers": headers}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    with pytest.raises(Problem) as caught:
        await BodyLimit(read_all, 150)(scope, sender.receive, send)
    return caught.value


@pytest.mark.parametrize(
    ("messages", "announced", "taken"),
    [
        ([CHUNK, LAST], None, 2),
        ([CHUNK, CHUNK, CHUNK, CHUNK, LAST], None, 5),
        ([CHUNK, CHUNK, GONE], None, 3),
        ([CHUNK, CHUNK, LAST], 300, 3),
    ],
)
async def test_the_rest_is_taken_before_the_refusal(messages: list[Message], announced: int | None, taken: int) -> None:
    sender = Sender(messages)
    assert (await refused(sender, announced)).status == 413
    assert sender.sent == taken


async def test_of_an_endless_body_no_more_is_taken_than_is_bearable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "_LINGER_BYTES", 1000)
    sender = Sender(CHUNK for _ in iter(int, 1))
    assert (await refused(sender)).status == 413
    assert sender.sent == 2 + 10


async def test_who_stops_sending_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "_LINGER_S", 0)
    silence = asyncio.Event()

    class Silent(Sender):
        async def receive(self) -> Message:
            if self.sent < 2:
                return await super().receive()
            await silence.wait()
            raise AssertionError

    assert (await refused(Silent([CHUNK, CHUNK]))).status == 413
