"""BFFs inside the host's own process: found by entry point, started on first use, each with its own lifespan."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from importlib.metadata import EntryPoint, entry_points

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from portico.host.errors import BackendUnavailable

ENTRY_POINT_GROUP = "portico.bffs"
DRAIN_S = 10.0
"""How long a BFF that is replaced or stopped may go on with the calls it has under way."""
TRY_AGAIN_AFTER_S = 2.0
"""How long after a failed start the next call tries once more."""

_OF_THE_HOST = ("app", "router", "endpoint", "path_params")

Settings = Mapping[str, str]

_logger = logging.getLogger(__name__)


class MountedBackends:
    """Every BFF of this process, by app and import path: of one app, two versions may run side by side.

    Only installed entry points of the group `portico.bffs` are ever imported: a manifest names one of them, and can
    name nothing else.
    """

    def __init__(
        self, settings_for: Callable[[str], Settings], *, installed: Mapping[str, EntryPoint] | None = None
    ) -> None:
        self._settings_for = settings_for
        self._installed = installed if installed is not None else installed_bffs()
        self._running: dict[tuple[str, str], _MountedBff] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    async def start(self, app: str, import_path: str) -> None:
        """Return once the BFF of `app` runs; raises `BackendUnavailable` when it cannot."""
        await self._of(app, import_path).asgi()

    async def call(self, app: str, import_path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand one request to the BFF of `app`, started if it is not yet; raises `BackendUnavailable`."""
        await self._of(app, import_path).call(scope, receive, send)

    def keep(self, wanted: Collection[tuple[str, str]]) -> None:
        """Let go of every BFF but these, `(app, import path)` each; what has calls under way ends them first."""
        for key in [key for key in self._running if key not in wanted]:
            self._let_go(self._running.pop(key))

    async def close(self) -> None:
        """Stop every BFF; each ends the calls it has under way first, and closes its own store."""
        running, self._running = list(self._running.values()), {}
        await asyncio.gather(*(bff.stop() for bff in running), *self._leaving)

    def _of(self, app: str, import_path: str) -> _MountedBff:
        """The BFF that a release of the app names. Whoever asks first starts it; it belongs to nobody's request."""
        running = self._running.get((app, import_path))
        if running is not None and not running.may_try_again:
            return running
        entry_point = self._installed.get(import_path)
        if entry_point is None:
            known = ", ".join(sorted(self._installed)) or "none"
            raise BackendUnavailable(
                f"The BFF {import_path} of app {app!r} is not installed here. Install its distribution, which must "
                f"declare it under the entry point group {ENTRY_POINT_GROUP!r} (installed: {known})."
            )
        successor = _MountedBff(import_path, lambda: entry_point.load()(self._settings_for(app)))
        self._running[app, import_path] = successor
        if running is not None:
            self._let_go(running)
        return successor

    def _let_go(self, bff: _MountedBff) -> None:
        leaving = asyncio.create_task(bff.stop(), name=f"stop {bff.import_path}")
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)


class _MountedBff:
    """One BFF with its lifespan in a task of its own, so that it starts and stops in the same task."""

    def __init__(self, import_path: str, make: Callable[[], Starlette]) -> None:
        self.import_path = import_path
        self._started: asyncio.Future[Starlette] = asyncio.get_running_loop().create_future()
        self._started.add_done_callback(_retrieved)
        self._failed_at: float | None = None
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._calls = 0
        self._task = asyncio.create_task(self._live(make), name=f"bff {import_path}")

    @property
    def may_try_again(self) -> bool:
        """Whether it did not start, long enough ago for another attempt."""
        return self._failed_at is not None and time.monotonic() - self._failed_at >= TRY_AGAIN_AFTER_S

    async def asgi(self) -> Starlette:
        """The running application. Whoever stops waiting leaves the start itself alone."""
        return await asyncio.shield(self._started)

    async def call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one request; while it is under way the BFF does not stop."""
        self._calls += 1
        self._idle.clear()
        try:
            asgi = self._started.result() if self._started.done() else await self.asgi()
            # The host's own state and routing are none of the BFF's business.
            own = {**scope, "state": {}}
            for key in _OF_THE_HOST:
                own.pop(key, None)
            await asgi(own, receive, send)
        finally:
            self._calls -= 1
            if self._calls == 0:
                self._idle.set()

    async def stop(self) -> None:
        """Stop once the calls under way have ended, or had time enough to."""
        self._stopping.set()
        await asyncio.wait({self._task})

    async def _live(self, make: Callable[[], Starlette]) -> None:
        try:
            asgi = make()
            async with asgi.router.lifespan_context(asgi):
                self._started.set_result(asgi)
                await self._stopping.wait()
                with suppress(TimeoutError):
                    async with asyncio.timeout(DRAIN_S):
                        await self._idle.wait()
        except Exception as error:
            _logger.exception("The BFF %s failed", self.import_path)
            if not self._started.done():
                self._failed_at = time.monotonic()
                self._started.set_exception(BackendUnavailable(f"The BFF {self.import_path} does not start: {error}"))
        finally:
            self._started.cancel()


def _retrieved(started: asyncio.Future[Starlette]) -> None:
    """Nobody may be waiting when a start fails; that is no reason for asyncio to complain."""
    if not started.cancelled():
        started.exception()


class MountedBackend:
    """A call to a BFF in this process."""

    def __init__(self, backends: MountedBackends, app: str, import_path: str) -> None:
        self._backends = backends
        self._app = app
        self._import_path = import_path
        self.name = f"{app} {import_path}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request, or the WebSocket, to the BFF's ASGI application."""
        await self._backends.call(self._app, self._import_path, scope, receive, send)


def installed_bffs() -> dict[str, EntryPoint]:
    """The installed BFF factories, by their import path `module:attribute`."""
    return {entry.value: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
