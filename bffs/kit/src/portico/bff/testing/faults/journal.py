"""What went through the proxy: the record that tests assert on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

BODY_LIMIT = 64 * 1024
PATIENCE_S = 10.0


@dataclass(slots=True)
class Exchange:
    """One request, and how far it came.

    `delivered`: the server has the whole request. `status`: the server's, once it has answered whole; `None` until
    then. `answered`: the whole answer was handed to the client. `fault`: what was done to it, if anything. Names of
    `headers` are in lower case; `body` holds the first 64 KiB of the request.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    delivered: bool = False
    status: int | None = None
    answered: bool = False
    fault: str | None = None

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def matches(self, method: str, path: str) -> bool:
        """Whether it is of this method and path pattern (`*` stands for anything, slashes included)."""
        return method in {"*", self.method} and fnmatchcase(self.path, path)


@dataclass
class Journal:
    """All exchanges in the order in which their requests came. Safe to read from any thread."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    _exchanges: list[Exchange] = field(default_factory=list)

    def add(self, exchange: Exchange) -> None:
        """Begin the record of a request."""
        with self.changed:
            self._exchanges.append(exchange)
            self.changed.notify_all()

    def note(self, exchange: Exchange, **changes: object) -> None:
        """Say how far an exchange has come."""
        with self.changed:
            for name, value in changes.items():
                setattr(exchange, name, value)
            self.changed.notify_all()

    def all(self, method: str = "*", path: str = "*") -> list[Exchange]:
        """Every exchange of a method and path pattern."""
        with self.changed:
            return [exchange for exchange in self._exchanges if exchange.matches(method, path)]

    def delivered(self, method: str = "*", path: str = "*") -> list[Exchange]:
        """Those whose whole request reached the server."""
        return [exchange for exchange in self.all(method, path) if exchange.delivered]

    def answered(self, method: str = "*", path: str = "*") -> list[Exchange]:
        """Those whose whole answer was handed to the client."""
        return [exchange for exchange in self.all(method, path) if exchange.answered]

    def wait_for(self, holds: Callable[[Journal], bool], timeout_s: float = PATIENCE_S) -> None:
        """Return as soon as `holds` is true of this journal; TimeoutError after `timeout_s` seconds."""
        with self.changed:
            if not self.changed.wait_for(lambda: holds(self), timeout_s):
                seen = [f"{one.method} {one.target} {one.status} {one.fault or ''}" for one in self._exchanges[-20:]]
                raise TimeoutError("what was waited for did not come about; the last requests:\n" + "\n".join(seen))

    def clear(self) -> None:
        """Forget everything so far."""
        with self.changed:
            self._exchanges.clear()
