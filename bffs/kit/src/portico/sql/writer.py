"""The one thread that writes a file: it takes every group that waits and commits them together."""

import asyncio
import logging
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portico.sql.committer import Committer, Outcome, Rows, Statements
from portico.sql.errors import StoreUnavailable

_log = logging.getLogger("portico.sql")

_MOST_GROUPS: Final = 1024  # bounds how long one batch can hold the file's lock against other processes
_IDLE: Final = 1.0  # seconds without a write after which the log is folded back into the file


@dataclass(slots=True, eq=False)
class Group:
    """Statements that stand or fall together, and who waits for them."""

    statements: Statements
    waiter: asyncio.Future[Rows]


class Writer:
    """Feeds a committer from a thread of its own. ``submit`` and ``stop`` may be called from any thread."""

    def __init__(self, committer: Committer) -> None:
        self.committer = committer
        self._groups: queue.SimpleQueue[Sequence[Group] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopping = False
        self._stopped = threading.Event()
        self._unfolded = True
        # A daemon: a process that forgets to close still ends; SQLite recovers what it had acknowledged.
        self._thread = threading.Thread(target=self._run, name="portico-sql-writer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, groups: Sequence[Group]) -> None:
        """Queue groups; raises ``StoreUnavailable`` once ``stop`` was called."""
        with self._lock:
            if self._stopping:
                raise StoreUnavailable("closed")
            self._groups.put(groups)

    def stop(self) -> None:
        """Finish what is queued, fold the log, close the connection, and return when that is done. Idempotent."""
        with self._lock:
            if not self._stopping:
                self._stopping = True
                self._groups.put(None)
        self._stopped.wait()

    def _run(self) -> None:
        try:
            going = True
            while going:
                going = self._turn()
            self.committer.fold()
            self.committer.connection.close()
        finally:
            self._stopped.set()

    def _turn(self) -> bool:
        """Commit one batch, or fold the log when nothing comes; False at the end."""
        try:
            first = self._groups.get(timeout=_IDLE if self._unfolded else None)
        except queue.Empty:
            self.committer.fold()
            self._unfolded = False
            return True
        taken: list[Group] = []
        going = self._collect(first, taken)
        batch = [group for group in taken if not group.waiter.cancelled()]
        if batch:
            self._unfolded = True
            _resolve(batch, self.committer.commit([group.statements for group in batch]))
        return going

    def _collect(self, first: Sequence[Group] | None, batch: list[Group]) -> bool:
        item = first
        while item is not None:
            batch += item
            if len(batch) >= _MOST_GROUPS:
                return True
            try:
                item = self._groups.get_nowait()
            except queue.Empty:
                return True
        return False


def _resolve(batch: Sequence[Group], outcomes: Sequence[Outcome]) -> None:
    """Wake the waiters, with one call into each of their event loops (nearly always there is just one)."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Rows], Outcome]]] = {}
    for group, outcome in zip(batch, outcomes, strict=True):
        loops.setdefault(group.waiter.get_loop(), []).append((group.waiter, outcome))
    for loop, answers in loops.items():
        try:
            loop.call_soon_threadsafe(_answer, answers)
        except RuntimeError:
            _log.warning("%d writers left before their answer", len(answers))


def _answer(answers: Sequence[tuple[asyncio.Future[Rows], Outcome]]) -> None:
    for waiter, outcome in answers:
        if waiter.done():
            continue
        if isinstance(outcome, Exception):
            waiter.set_exception(outcome)
        else:
            waiter.set_result(outcome)
