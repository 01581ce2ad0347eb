"""Running one BFF as its own process: `python -m portico.bff serve hello_bff:create_app --port 9001`."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

import click
from starlette.applications import Starlette

from portico.bff.assertion.key_file import add_service_key
from portico.bff.errors import DeclarationError, SettingsError
from portico.secrets import SecretRefused, with_secrets
from portico.serving import PortUnavailable, serve
from portico.sql import SqlError

CreateApp = Callable[[Mapping[str, str]], Starlette]


def load(target: str) -> CreateApp:
    """The callable that `module:name` means; SettingsError says what is wrong with it."""
    module_name, _, name = target.partition(":")
    if not module_name or not name:
        raise SettingsError(f"{target!r} does not name a BFF; write module:callable, like hello_bff:create_app.")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        raise SettingsError(f"There is no module {error.name!r} here; is the BFF {target!r} installed?") from error
    found = getattr(module, name, None)
    if not callable(found):
        raise SettingsError(f"The module {module_name!r} has no callable {name!r}.")
    return cast("CreateApp", found)


@click.group()
def main() -> None:
    """Portico's kit for backends-for-frontends."""


@main.command("serve")
@click.argument("target")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=9001, show_default=True, help="Port to listen on; 0 takes a free one.")
def serve_command(target: str, host: str, port: int) -> None:
    """Serve the BFF TARGET (module:callable). Its settings are environment variables (PORTICO_APP, ...)."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Libraries tell too much of what they do.
    for ours in ("portico", target.partition(":")[0].partition(".")[0]):
        logging.getLogger(ours).setLevel(logging.INFO)

    async def announce(url: str) -> None:
        click.echo(f"{target} serves at {url}")

    try:
        app = load(target)(with_secrets(os.environ))
        asyncio.run(serve(app, address=host, port=port, ready=announce))
    except (SettingsError, DeclarationError, PortUnavailable, SecretRefused, SqlError) as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from error


@main.command("service-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def service_key_command(file: Path) -> None:
    """Make a key for calls to other services in FILE, or put a new one before those that are there.

    The first key signs, all are published. Print the JWK Set that receivers may be given.
    """
    try:
        click.echo(json.dumps(add_service_key(file)))
    except (SettingsError, OSError) as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from error
