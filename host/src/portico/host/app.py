"""The host as an application: its life, and the way of every request into what was assembled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from portico.host.assembly import assemble
from portico.host.config import HostConfig
from portico.host.draining import drained_at_signal
from portico.host.errors import ConfigurationError
from portico.host.lock import folder_lock


def create_app(config: HostConfig, *, owns_folder: bool = False, drains_at_signal: bool = False) -> Host:
    """The host as an ASGI application. Nothing is opened before its lifespan starts, and all is closed when it ends.

    The data folder is locked while it runs, unless the caller says that it holds the lock already (`owns_folder`): two
    processes in one folder would each be a development provider of its own, for one. `drains_at_signal` is for servers
    that do not call `Host.drain` when they begin to stop: it is called at SIGTERM and SIGINT then.
    """

    @asynccontextmanager
    async def lifespan(app: Host) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if not owns_folder:
                stack.enter_context(folder_lock(config.data_dir))
            app.assembled = await assemble(config, stack, on_drain=partial(setattr, app, "when_draining"))
            if drains_at_signal:
                stack.enter_context(drained_at_signal(app.drain))
            yield

    return Host(lifespan=lifespan)


class Host(Starlette):
    """Runs the lifespan, and hands every request to what it has assembled: no layer of Starlette is passed twice."""

    assembled: ASGIApp | None = None
    when_draining: Callable[[], None] | None = None

    def drain(self) -> None:
        """Send everybody on a live stream elsewhere; to be called when the server begins to stop."""
        if self.when_draining is not None:
            self.when_draining()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the lifespan, or answer; raises ConfigurationError for a request before the lifespan began."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
        elif self.assembled is None:
            raise ConfigurationError("The host's lifespan has not started; serve it with a server that runs lifespans")
        else:
            await self.assembled(scope, receive, send)
