"""`portico dev`: a micro-app under development, in a running host, for its developer alone."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from portico.host.builder.node import find_node
from portico.host.dev.app import DevApp
from portico.host.dev.bff import BffProcess, import_paths, settings_of, source_folder
from portico.manifest.cli.failure import Failure, reports_failures
from portico.manifest.cli.place import find_url, running
from portico.serving import PortUnavailable, check_port

_BFF_PORT = 1_000
"""How far the BFF's port is from the app's."""


@click.command(short_help="Work on the micro-app in DIR and see it in a running host.")
@click.argument("folder", metavar="DIR", default=".", type=click.Path(path_type=Path))
@click.option("--url", help="Where Portico is.")
@click.option("--port", type=int, help="Port to serve on. [default: one of the app's own]")
@click.option(
    "--bff",
    "bff_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the app's BFF. [default: DIR/bff, else the installed package]",
)
@click.option("--bff-port", type=int, help="Port of the BFF. [default: one of the app's own]")
@click.option("--no-bff", is_flag=True, help="Leave the BFF to the host.")
@click.option("--open", "open_page", is_flag=True, help="Open the page that takes the app over.")
@reports_failures
def dev(
    *,
    folder: Path,
    url: str | None,
    port: int | None,
    bff_folder: Path | None,
    bff_port: int | None,
    no_bff: bool,
    open_page: bool,
) -> None:
    """Serve the micro-app in DIR (default: here) on loopback, built anew with every change, and run its BFF.

    The address that is printed asks in your browser whether to use this version; it changes your own pages alone. The
    app has to be live already: deploy it once. Needs Node, and esbuild in the app's own node_modules.
    """
    from portico.host.dev.run import DevOptions, run  # noqa: PLC0415 - the server; other commands start faster without

    app = DevApp.of_folder(folder.absolute())
    host = find_url(url)
    find_node()
    served_at = _port(port, app.port, "--port")
    bff, source = None, None
    if app.bff is not None and not no_bff:
        paths = import_paths(bff_folder or app.folder / "bff")
        source = source_folder(app.bff, paths)
        settings = settings_of(app.short_name, host, os.environ, running())
        number = _port(bff_port, app.port + _BFF_PORT, "--bff-port")
        bff = BffProcess(app.bff, port=number, settings=settings, paths=paths)
        Path(settings["DATABASE_URL"].removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    options = DevOptions(app=app, host=host, port=served_at, bff=bff, bff_source=source, open_page=open_page)
    try:
        asyncio.run(run(options))
    except PortUnavailable as error:
        raise Failure.usage(str(error), "choose another: --port") from error


def _port(given: int | None, own: int, option: str) -> int:
    """The port that was asked for; else the app's own, or a free one where somebody has that."""
    try:
        return check_port("127.0.0.1", own if given is None else given)
    except PortUnavailable as error:
        if given is None:
            return check_port("127.0.0.1", 0)
        raise Failure.usage(str(error), f"choose another: {option}") from error
