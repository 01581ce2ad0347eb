"""One process that is kept running: started again, with growing pauses, whenever it ends."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable
from contextlib import suppress

from portico.host.children import ends_with_parent
from portico.host.clock import Clock
from portico.host.split.output import Say, relay
from portico.host.split.program import Program
from portico.host.split.state import ProcessState, State
from portico.serving import PortUnavailable, check_port

GRACE_S = 10.0
"""How long a process that is asked to end may take."""
STEADY_S = 10.0
"""A process that has answered for so long before it dies is started again at once, as if it had never died."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 10.0
_LOOK_S = 0.05


class KeptProcess:
    """Runs a program until it is stopped. `changed` is called with every change of its state, `say` with its lines."""

    def __init__(self, program: Program, *, say: Say, changed: Callable[[], None], clock: Clock) -> None:
        self.program = program
        self._say = say
        self._changed = changed
        self._clock = clock
        self._process: Process | None = None
        self._stopping = False
        self._failures = 0
        self.state = ProcessState(program.name, program.port, "starting", clock())

    async def keep(self) -> None:
        """Start it, and start it again when it ends, until `stop` was called."""
        try:
            while not self._stopping:
                why = await self._run()
                if not self._stopping:
                    await self._pause(why)
        finally:
            self._now("stopped", pid=None, why="")

    async def _pause(self, why: str) -> None:
        # Not since it was started: one that takes long to find out that it cannot run has never been well.
        was_steady = self.state.state == "running" and self._clock() - self.state.since >= STEADY_S
        self._failures = 1 if was_steady else self._failures + 1
        pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(self._failures - 1, 10))
        self._say(self.program.name, f"{why}; starts again in {pause:.1f} s")
        self._now("waiting", pid=None, why=why)
        await asyncio.sleep(pause)
        self._now("starting", restarts=self.state.restarts + 1)

    async def stop(self) -> None:
        """Ask it to end, and make it end when it does not in time."""
        self._stopping = True
        process = self._process
        if process is None:
            return
        self._signal(process, signal.SIGTERM)
        # One that was halted (SIGSTOP) hears of it only once it goes on.
        self._signal(process, signal.SIGCONT)
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await process.wait()
        self.kill()

    def kill(self) -> None:
        """End it at once, with whatever it has started."""
        self._stopping = True
        if self._process is not None:
            self._signal(self._process, signal.SIGKILL)

    async def _run(self) -> str:
        """Run it once; returns how it ended."""
        if (taken := self._taken()) is not None:
            return taken
        program = self.program
        try:
            process = await asyncio.create_subprocess_exec(
                *program.command,
                env=dict(program.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=PIPE,
                stderr=STDOUT,
                # A group of its own: Ctrl-C reaches the supervisor alone, which ends everything in its order.
                start_new_session=True,
                preexec_fn=ends_with_parent(signal.SIGKILL),
            )
        except OSError as error:
            return f"cannot be started: {error.strerror}"
        self._process = process
        if self._stopping:  # while it was being started
            self.kill()
        self._now("starting", pid=process.pid)
        assert process.stdout is not None  # noqa: S101 - asked for
        relayed = asyncio.create_task(relay(program.name, process.stdout, self._say), name=f"lines of {program.name}")
        answering = asyncio.create_task(self._until_answering(), name=f"start of {program.name}")
        try:
            code = await process.wait()
        finally:
            self._process = None
            answering.cancel()
            # A grandchild may hold the pipe open.
            await asyncio.wait({relayed}, timeout=1)
            relayed.cancel()
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    async def _until_answering(self) -> None:
        address, port = self.program.address, self.program.port
        while port is not None and not await _accepts(address, port):  # noqa: ASYNC110 (another process' port)
            await asyncio.sleep(_LOOK_S)
        self._now("running", why="")

    def _taken(self) -> str | None:
        if self.program.port is None:
            return None
        try:
            check_port(self.program.address, self.program.port)
        except PortUnavailable as error:
            return f"cannot have port {error.port}: {error.reason}. End the program that has it"
        return None

    def _now(self, state: State, **changes: object) -> None:
        before = self.state
        fields = {"pid": before.pid, "restarts": before.restarts, "why": before.why, **changes}
        self.state = ProcessState(before.name, before.port, state, self._clock(), **fields)  # type: ignore[arg-type]
        self._changed()

    @staticmethod
    def _signal(process: Process, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


async def _accepts(address: str, port: int) -> bool:
    """Whether the port accepts a connection."""
    try:
        async with asyncio.timeout(1):
            _, writer = await asyncio.open_connection(address, port)
    except OSError:  # a timeout is one
        return False
    writer.close()
    return True
