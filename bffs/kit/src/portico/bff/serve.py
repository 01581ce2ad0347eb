"""Running one BFF as its own process: `python -m portico.bff serve menu_bff:create_app --port 9001`."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.applications import Starlette

from portico.bff.errors import DeclarationError, SettingsError
from portico.sql import SqlError

CreateApp = Callable[[Mapping[str, str]], Starlette]

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def load(target: str) -> CreateApp:
    """The callable that `module:name` means; SettingsError says what is wrong with it."""
    module_name, _, name = target.partition(":")
    if not module_name or not name:
        raise SettingsError(f"{target!r} does not name a BFF; write module:callable, like menu_bff:create_app.")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        raise SettingsError(f"There is no module {error.name!r} here; is the BFF {target!r} installed?") from error
    found = getattr(module, name, None)
    if not callable(found):
        raise SettingsError(f"The module {module_name!r} has no callable {name!r}.")
    return cast("CreateApp", found)


async def serve(app: Starlette, *, host: str, port: int, ready: Callable[[str], None] | None = None) -> None:
    """Serve an application with Granian, with its lifespan around it, until SIGINT or SIGTERM.

    Port 0 takes a free one. `ready` is called with the address once connections are accepted.
    Raises SettingsError when the port cannot be had, and whatever the lifespan raises at start.
    """
    port = _free(host, port)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    try:
        # The lifespan runs here, not in Granian: a start that fails must end the process and say why.
        async with app.router.lifespan_context(app):
            await _serve_until(stopped, app, host, port, ready)
    finally:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)


async def _serve_until(
    stopped: asyncio.Event, app: Starlette, host: str, port: int, ready: Callable[[str], None] | None
) -> None:
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        websockets=False,
        log_level=LogLevels.error,
    )
    serving = asyncio.create_task(server.serve(), name="granian")
    stopping = asyncio.create_task(stopped.wait(), name="stop signal")
    try:
        await _accepting(host, port, serving)
        if ready is not None and not serving.done():
            ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not serving.done():
            server.stop()  # type: ignore[no-untyped-call]
        await serving


def _free(host: str, port: int) -> int:
    """The port, when nobody has it: Granian would share it or die without a word."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(f"Port {port} on {host} cannot be used: {error.strerror}.") from error
        return int(probe.getsockname()[1])


async def _accepting(host: str, port: int, serving: asyncio.Task[None]) -> None:
    """Return once the port accepts connections, or the server has ended."""
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            await writer.wait_closed()
            return


@click.group()
def main() -> None:
    """Portico's kit for backends-for-frontends."""


@main.command("serve")
@click.argument("target")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=9001, show_default=True, help="Port to listen on; 0 takes a free one.")
def serve_command(target: str, host: str, port: int) -> None:
    """Serve the BFF TARGET (module:callable). Its settings are environment variables (PORTICO_APP, ...)."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        app = load(target)(dict(os.environ))
        asyncio.run(serve(app, host=host, port=port, ready=lambda address: click.echo(f"{target} serves at {address}")))
    except (SettingsError, DeclarationError, SqlError) as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from error
