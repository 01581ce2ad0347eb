"""The manifest deployer alone, assembled: one of any number of replicas over one database and asset store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from starlette.applications import Starlette

from portico.host.config import entry_budget, release_origins
from portico.host.config.reading import with_secret_files
from portico.host.config.start import url_faults
from portico.host.errors import ConfigurationError
from portico.host.health import health_routes
from portico.host.prepare import open_manifest_at
from portico.host.static import platform_assets
from portico.manifest import ManifestError, deployer_routes
from portico.manifest.imd import ImdSettings
from portico.manifest.sources import Sources
from portico.problem import exception_handlers
from portico.serving import PortUnavailable, serve


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployerConfig:
    """Everything that a deployer needs to start. `database` is a URL, `assets` a folder or `s3://bucket/prefix`."""

    database: str
    assets: str
    imd: ImdSettings | None = None
    entry_budget_kb: int | None = None
    release_origins: frozenset[str] = frozenset()

    @classmethod
    def from_environment(cls, given: Mapping[str, str]) -> DeployerConfig:
        """Read the settings of docs/reference/settings.md; raises ConfigurationError."""
        environment = with_secret_files(given)
        faults = list(url_faults("PORTICO_MANIFEST_DATABASE", environment.get("PORTICO_MANIFEST_DATABASE", "")))
        if faults and environment.get("PORTICO_DEVELOPMENT") != "1":
            raise ConfigurationError(" ".join(faults))
        database, assets = environment.get("PORTICO_MANIFEST_DATABASE"), environment.get("PORTICO_ASSETS")
        if not (database and assets):
            if not environment.get("PORTICO_DATA_DIR"):
                raise ConfigurationError(
                    "A deployer needs PORTICO_MANIFEST_DATABASE and PORTICO_ASSETS, or PORTICO_DATA_DIR: the folder "
                    "for what is not set of the two"
                )
            folder = Path(environment["PORTICO_DATA_DIR"]).absolute()
            database, assets = database or f"sqlite:///{folder}/manifest.db", assets or str(folder / "assets")
        try:
            imd = ImdSettings.from_environment(environment)
            return cls(
                database=database,
                assets=assets,
                imd=imd,
                entry_budget_kb=entry_budget(environment),
                release_origins=release_origins(environment),
            )
        except ManifestError as error:
            raise ConfigurationError(str(error)) from error


def create_deployer_app(config: DeployerConfig) -> Starlette:
    """The deployer as an ASGI application. Its lifespan opens the manifest and closes it."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with await open_manifest_at(
            config.database, config.assets, entry_budget_kb=config.entry_budget_kb
        ) as manifest:
            app.router.routes[:] = [
                *health_routes({"manifest": manifest.snapshot}),
                *deployer_routes(
                    manifest, platform=platform_assets(), imd=config.imd, sources=Sources(config.release_origins)
                ),
            ]
            yield

    app = Starlette(lifespan=lifespan, exception_handlers=exception_handlers)
    app.router.redirect_slashes = False  # a URL that is nearly right is not found, rather than somewhere else
    return app


async def run_deployer(config: DeployerConfig, *, address: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; prints the address once it answers."""
    try:
        await serve(create_deployer_app(config), address=address, port=port, ready=_announce)
    except PortUnavailable as error:
        raise ConfigurationError(f"{error} Choose another: --port") from error


async def _announce(url: str) -> None:
    click.echo(f"The deployer is running at {click.style(url, bold=True)}")
