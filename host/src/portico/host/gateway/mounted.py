"""BFFs inside the host's own process: found by entry point, started on first use, each with its own lifespan."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from portico.host.errors import BackendUnavailable

ENTRY_POINT_GROUP = "portico.bffs"

Settings = Mapping[str, str]
Factory = Callable[[Settings], Starlette]

_logger = logging.getLogger(__name__)


class MountedBackends:
    """Every BFF of this process, by app.

    Only installed entry points of the group `portico.bffs` are ever imported: a manifest names one of them, and can
    name nothing else.
    """

    def __init__(
        self, settings_for: Callable[[str], Settings], *, installed: Mapping[str, EntryPoint] | None = None
    ) -> None:
        self._settings_for = settings_for
        self._installed = installed if installed is not None else installed_bffs()
        self._running: dict[str, _MountedBff] = {}
        self._starting = asyncio.Lock()

    async def get(self, app: str, import_path: str) -> Starlette:
        """The running BFF of `app`, started if it is not yet; raises `BackendUnavailable` when it cannot be."""
        running = self._running.get(app)
        if running is not None and running.import_path == import_path:
            return running.asgi
        async with self._starting:
            running = self._running.get(app)
            if running is None or running.import_path != import_path:
                started = await self._start(app, import_path)
                self._running[app] = started
                if running is not None:
                    await running.stop()
                running = started
        return running.asgi

    async def close(self) -> None:
        """Stop every BFF; each closes its own store."""
        running, self._running = list(self._running.values()), {}
        for bff in running:
            await bff.stop()

    async def _start(self, app: str, import_path: str) -> _MountedBff:
        entry_point = self._installed.get(import_path)
        if entry_point is None:
            known = ", ".join(sorted(self._installed)) or "none"
            raise BackendUnavailable(
                f"The BFF {import_path} of app {app!r} is not installed here. Install its distribution, which must "
                f"declare it under the entry point group {ENTRY_POINT_GROUP!r} (installed: {known})."
            )
        try:
            factory: Factory = entry_point.load()
            bff = _MountedBff(import_path, factory(self._settings_for(app)))
            await bff.start()
        except Exception as error:
            _logger.exception("The BFF %s of app %s does not start", import_path, app)
            raise BackendUnavailable(f"The BFF {import_path} of app {app!r} does not start: {error}") from error
        return bff


class _MountedBff:
    """One BFF with its lifespan in a task of its own, so that it starts and stops in the same task."""

    def __init__(self, import_path: str, asgi: Starlette) -> None:
        self.import_path = import_path
        self.asgi = asgi
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(started), name=f"bff {self.import_path}")
        await started

    async def stop(self) -> None:
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _live(self, started: asyncio.Future[None]) -> None:
        try:
            async with self.asgi.router.lifespan_context(self.asgi):
                started.set_result(None)
                await self._stopping.wait()
        except Exception as error:
            if started.done():
                _logger.exception("The BFF %s failed while it stopped", self.import_path)
            else:
                started.set_exception(error)


class MountedBackend:
    """A call to a BFF in this process."""

    def __init__(self, backends: MountedBackends, app: str, import_path: str) -> None:
        self._backends = backends
        self._app = app
        self._import_path = import_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to the BFF's ASGI application."""
        asgi = await self._backends.get(self._app, self._import_path)
        # The host's own state and routing are none of the BFF's business.
        own = {
            key: value
            for key, value in scope.items()
            if key not in {"app", "router", "endpoint", "path_params", "state"}
        }
        await asgi({**own, "state": {}}, receive, send)


def installed_bffs() -> dict[str, EntryPoint]:
    """The installed BFF factories, by their import path `module:attribute`."""
    return {entry.value: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
