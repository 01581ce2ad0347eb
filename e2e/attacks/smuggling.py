"""Requests that two servers in a row could read differently, so that one hides in another (RFC 9112, 11.2)."""

from __future__ import annotations

from functools import partial

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.raw import exchange
from e2e.attacks.world import MOUNTED_READ, AttackWorld

_HIDDEN = "GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n"

_SHAPES: dict[str, tuple[tuple[str, ...], str]] = {
    "two lengths": (("Content-Length: 0", "Content-Length: 4"), ""),
    "a list of lengths": (("Content-Length: 0, 4",), ""),
    "a signed length": (("Content-Length: +0",), ""),
    "a length beyond all": (("Content-Length: 99999999999999999999",), ""),
    "an unknown transfer coding": (("Transfer-Encoding: xchunked",), "0\r\n\r\n"),
    "two transfer codings": (("Transfer-Encoding: gzip, chunked",), "0\r\n\r\n"),
    "chunks that are not the last coding": (("Transfer-Encoding: chunked, identity",), "0\r\n\r\n"),
    "a space before the colon": (("Transfer-Encoding : chunked",), "0\r\n\r\n"),
    "a second Host": (("Host: evil.example",), ""),
    "a folded header": (("X-A: one\r\n Transfer-Encoding: chunked",), "0\r\n\r\n"),
    "a bare CR in a header": (("X-A: one\rTransfer-Encoding: chunked",), "0\r\n\r\n"),
    "NUL in a header": (("X-A: one\0two",), ""),
    "300 headers": (tuple(f"X-{number}: a" for number in range(300)), ""),
}


def _sent(name: str, world: AttackWorld) -> Answer:
    lines, body = _SHAPES[name]
    return Answer.of_bytes(_exchanged(world, lines, body))


def _exchanged(world: AttackWorld, lines: tuple[str, ...], body: str) -> bytes:
    host = f"127.0.0.1:{world.port}"
    ours = [f"{header}: {value}" for header, value in world.session_headers]
    head = "\r\n".join([f"POST /api{MOUNTED_READ} HTTP/1.1", f"Host: {host}", *ours, *lines, "", ""])
    return exchange(world.port, (head + body + _HIDDEN.format(host=host)).encode("latin-1"))


def _both(world: AttackWorld) -> Answer:
    """A length beside chunks: the answers are counted, for the second request may be none."""
    content = _exchanged(world, ("Content-Length: 6", "Transfer-Encoding: chunked"), "0\r\n\r\n")
    assert content.count(b"HTTP/1.1 ") == 1, content
    return Answer.of_bytes(content)


def _hidden_unanswered(_world: AttackWorld, answer: Answer) -> None:
    """The request behind it was not taken for one."""
    assert '"alive"' not in answer.text, answer


SMUGGLING = (
    *(
        Attack(
            name=f"Smuggling: {name}",
            sent=f"a `POST` with {name}, and a second request behind it",
            send=partial(_sent, name),
            refusal="400 or 431, and the connection ends; the second request is not answered",
            status=(400, 413, 431),
            closed=True,
            harmless=_hidden_unanswered,
        )
        for name in _SHAPES
    ),
    Attack(
        name="Smuggling: a length beside chunks",
        sent="a `POST` with `Content-Length: 6` and `Transfer-Encoding: chunked`, and a second request behind it",
        send=_both,
        refusal="the chunks count (RFC 9112, 6.1), the service refuses the method, and the connection ends after it",
        status=(400, 405),
        harmless=_hidden_unanswered,
    ),
)
