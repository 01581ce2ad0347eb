"""`python -m portico.host.split`: the platform's own processes, which `portico up --split` starts."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import click
from starlette.applications import Starlette
from starlette.routing import Mount

from portico.host.app import create_app
from portico.host.config import HostConfig, check_start
from portico.host.errors import ConfigurationError, HostError
from portico.host.provider import DEV_PROVIDER_PATH, dev_provider
from portico.host.split.program import LOOPBACK
from portico.lake.cli import run_ as keep_lake
from portico.serving import PortUnavailable, serve


@click.group()
def main() -> None:
    """One process of the platform."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


@main.command()
@click.option("--address", default=LOOPBACK)
@click.option("--port", required=True, type=int)
def host(address: str, port: int) -> None:
    """Run the host; whoever started it holds the lock of the data folder."""
    config = _checked(os.environ)
    app = create_app(config, owns_folder=True)
    asyncio.run(serve(app, address=address, port=port, stopping=app.drain))


@main.command("sign-in")
@click.option("--port", required=True, type=int)
@click.option("--people", type=click.Path(path_type=Path))
def sign_in(port: int, people: Path | None) -> None:
    """Run the development provider at OIDC_ISSUER."""
    config = replace(_checked(os.environ), people_file=people)
    if config.provider is None or not config.development:
        raise ConfigurationError("The development provider runs in development alone, at an OIDC_ISSUER")
    provider = dev_provider(config, config.provider)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with provider.router.lifespan_context(provider):
            yield

    asyncio.run(serve(Starlette(routes=[Mount(DEV_PROVIDER_PATH, provider)], lifespan=lifespan), address=LOOPBACK,
                      port=port))  # fmt: skip


main.add_command(keep_lake, "lake")


def _checked(environment: Mapping[str, str]) -> HostConfig:
    config = HostConfig.from_environment(environment)
    check_start(config)
    return config


if __name__ == "__main__":
    try:
        main(prog_name="python -m portico.host.split", standalone_mode=True)
    except (HostError, PortUnavailable) as error:
        raise SystemExit(str(error)) from error
