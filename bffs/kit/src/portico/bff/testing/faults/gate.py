"""The proxy's port: opened and closed again and again, and never anybody else's meanwhile."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

_BACKLOG = 128


class Gate:
    """Takes connections at a loopback port while it is open; `admit` is given each, as a socket.

    asyncio's own servers lose a connection that is accepted in the moment in which they close: its client would wait
    for ever, where a closed port must refuse.
    """

    def __init__(self, admit: Callable[[socket.socket], object]) -> None:
        self._admit = admit
        self._reserved = _bound(0)  # never listens; keeps the port ours while connections are refused
        self._listening: socket.socket | None = None
        self.port: int = self._reserved.getsockname()[1]

    def open(self) -> None:
        """Listen, if it does not yet; in the event loop."""
        if self._listening is None:
            self._listening = _bound(self.port)
            self._listening.listen(_BACKLOG)
            self._listening.setblocking(False)
            asyncio.get_running_loop().add_reader(self._listening, self._take, self._listening)

    def close(self) -> None:
        """Refuse connections from now on. The system resets those that it took for us and nobody has seen yet."""
        listening, self._listening = self._listening, None
        if listening is not None:
            asyncio.get_running_loop().remove_reader(listening)
            listening.close()

    def give_up(self) -> None:
        """Let go of the port."""
        self._reserved.close()

    def _take(self, listening: socket.socket) -> None:
        with suppress(BlockingIOError):
            while True:
                client, _ = listening.accept()
                client.setblocking(False)
                self._admit(client)


def _bound(port: int) -> socket.socket:
    """A socket at a loopback port that another one may share (SO_REUSEPORT, socket(7))."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound
