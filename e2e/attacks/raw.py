"""Bytes to a server as no client would send them. Bounded: a server that does not answer fails the test."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from e2e.attacks.answer import Answer

PATIENCE_S = 20.0
LARGEST = 4 * 1024 * 1024


def exchange(port: int, *parts: bytes) -> bytes:
    """Send bytes to a port of this machine; all that comes back until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        send_all(connection, parts)
        return read_all(connection)


def ask(port: int, *parts: bytes) -> Answer:
    """`exchange`, read as one answer."""
    return Answer.of_bytes(exchange(port, *parts))


def request(method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes = b"", *, port: int) -> bytes:
    """A request as it goes over the wire; nothing in it is checked. The server is asked to close afterwards."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def send_all(connection: socket.socket, parts: Iterable[bytes]) -> None:
    """Send; a server that has heard enough may close before the end."""
    try:
        for part in parts:
            connection.sendall(part)
    except (BrokenPipeError, ConnectionResetError):
        return


def read_all(connection: socket.socket) -> bytes:
    """What comes until the other end closes; raises TimeoutError when it neither speaks nor closes."""
    content = b""
    try:
        while len(content) < LARGEST and (chunk := connection.recv(65_536)):
            content += chunk
    except ConnectionResetError:
        return content
    return content


def read_answer(connection: socket.socket) -> Answer:
    """One answer with a length, whether or not the other end closes after it; raises TimeoutError when none comes."""
    content = b""
    while chunk := connection.recv(65_536):
        content += chunk
        answer = Answer.of_bytes(content)
        if answer.status is not None and len(answer.body) >= int(answer.header("content-length") or 0):
            return answer
    return Answer.of_bytes(content)
