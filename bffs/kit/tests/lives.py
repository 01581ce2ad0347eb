"""A process that dies by SIGKILL at its n-th step, for n from 1 until it lives to the end; all lives on one database.

    python -m bffs.kit.tests.lives <url> <lanes> <length> <every>

A step is a call to the disk (SQLite) or a message to the server (PostgreSQL). Every life sends what has no answer yet,
under the same keys. Prints each answered key, and at last `lives <n>`. Forked from one process that has imported
everything: a life takes milliseconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import apsw

from bffs.kit.tests.command_ledger import send_all
from portico.bff.store import EntityStore
from portico.sql import postgres, postgres_connection

MOST_LIVES = 2000


class Countdown:
    """Ends this process at the n-th step, before or after it is done."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalDisk(apsw.VFS):
    """SQLite's files, each of whose changes is a step."""

    def __init__(self, countdown: Countdown) -> None:
        self.countdown = countdown
        super().__init__("mortal", "unix", makedefault=True)

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _MortalFile(self.countdown, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self.countdown.step()
        super().xDelete(filename, syncdir)


class _MortalFile(apsw.VFSFile):
    def __init__(self, countdown: Countdown, name: apsw.URIFilename | str | None, flags: list[int]) -> None:
        self._countdown = countdown
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._countdown.step()
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._countdown.step()
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._countdown.step()
        super().xSync(flags)


class MortalConnection:
    """A connection to PostgreSQL, each of whose commands and answers is a step."""

    def __init__(self, connection: postgres_connection.Connection, countdown: Countdown) -> None:
        self._connection = connection
        self._countdown = countdown

    async def execute(self, query: str, *args: object, **options: Any) -> str:
        self._countdown.step()
        done = await self._connection.execute(query, *args, **options)
        self._countdown.step()
        return done

    async def fetch(self, query: str, *args: object) -> Any:
        self._countdown.step()
        rows = await self._connection.fetch(query, *args)
        self._countdown.step()
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def make_mortal(url: str, countdown: Countdown) -> object:
    """Count the steps of whatever the store does from now on; keep what is returned."""
    if url.startswith("sqlite"):
        return MortalDisk(countdown)
    connect: Callable[..., Any] = postgres_connection.connect

    async def mortal(*arguments: Any, **named: Any) -> MortalConnection:
        return MortalConnection(await connect(*arguments, **named), countdown)

    setattr(postgres, "connect", mortal)  # noqa: B010 (no name that it exports)
    return mortal


def say(key: str) -> None:
    os.write(1, f"{key}\n".encode())


async def live(url: str, lanes: list[str], length: int) -> None:
    store = await EntityStore.open(url, service="notes")
    await send_all(store, lanes, length, say)
    await store.close()


def main(url: str, lanes: int, length: int, every: int) -> None:
    for number in range(1, MOST_LIVES):
        child = os.fork()
        if child == 0:
            kept = make_mortal(url, Countdown(1 + (number - 1) * every))
            asyncio.run(live(url, [f"lane{n}" for n in range(lanes)], length))
            os._exit(0 if kept else 1)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "a life failed otherwise than by dying"
            say(f"lives {number}")
            return
    raise SystemExit("it never lived to the end")


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:5]))
