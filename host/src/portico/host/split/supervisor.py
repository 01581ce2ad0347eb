"""Keeps all processes running, writes down how they are, and ends them together."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from portico.host.clock import Clock
from portico.host.split.output import Say
from portico.host.split.process import KeptProcess
from portico.host.split.program import Program
from portico.host.split.state import RunState, write_state

_REAP_S = 2.0
"""How long processes that were killed may take to be gone; those in a pause are not waited for longer than that."""
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Supervisor:
    """Runs programs in whatever order they are given: none waits for another.

    `running` is called with a program's name whenever it begins to answer.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        data_dir: Path,
        url: str,
        say: Say,
        clock: Clock,
        running: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._data_dir = data_dir
        self._url = url
        self._since = clock()
        self._tell = running
        self._told: set[str] = set()
        self._kept = [KeptProcess(one, say=say, changed=self._changed, clock=clock) for one in programs]

    @property
    def state(self) -> RunState:
        """How all of them are."""
        return RunState(os.getpid(), self._url, self._since, tuple(one.state for one in self._kept))

    async def run(self) -> None:
        """Keep all running until SIGINT or SIGTERM; a second signal ends them at once."""
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in _STOP_SIGNALS:
            loop.add_signal_handler(number, lambda: self._kill() if stop.is_set() else stop.set())
        self._changed()
        tasks = [asyncio.create_task(one.keep(), name=one.program.name) for one in self._kept]
        stopped = asyncio.create_task(stop.wait(), name="stop signal")
        try:
            # None of them ends by itself, unless by a defect: then everything ends, and it is told.
            await asyncio.wait({stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.set()
            stopped.cancel()
            await self._end(tasks)
            for number in _STOP_SIGNALS:
                loop.remove_signal_handler(number)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for last in (False, True):
            await asyncio.gather(*(one.stop() for one in self._kept if one.program.last is last))
        await asyncio.wait(tasks, timeout=_REAP_S)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    def _kill(self) -> None:
        for one in self._kept:
            one.kill()

    def _changed(self) -> None:
        state = self.state
        write_state(self._data_dir, state)
        now = {one.name for one in state.processes if one.state == "running"}
        fresh, self._told = now - self._told, now
        for name in fresh:
            self._tell(name)
