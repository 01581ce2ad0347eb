"""The `portico` command: the platform's own commands, and those with which teams deploy."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from pathlib import Path

import click

from portico.host.builder.cli import build
from portico.host.dev.cli import dev
from portico.host.errors import HostError
from portico.host.events.cli import events
from portico.host.faults_cli import faults
from portico.host.metrics_cli import metrics
from portico.host.rebuild_cli import rebuild
from portico.host.scaffold.cli import new, sdk
from portico.host.secrets_cli import secrets
from portico.host.split.status_cli import status
from portico.host.typegen.cli import types
from portico.lake.cli import lake
from portico.manifest.cli import commands as team_commands
from portico.sql import SqlError

DEMO_APPS = "microapps/*/dist"
DEMO_SERVICES = "bffs/*/release"
DEMO_PEOPLE = Path("microapps/people.json")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="portico")
def cli() -> None:
    """Micro-frontends with Python backends, deployed independently."""


@cli.command(short_help="Run the platform on this machine.")
@click.option("--port", default=8000, show_default=True, help="Port on loopback.")
@click.option("--address", default="127.0.0.1", show_default=True, help="Loopback address to listen on.")
@click.option(
    "--data-dir", type=click.Path(path_type=Path, file_okay=False), default=Path(".portico"), show_default=True,
    help="Folder for databases, keys, releases and events.",
)  # fmt: skip
@click.option(
    "--deploy", "folders", multiple=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A built app to have on the channel `live`; may be given many times.",
)  # fmt: skip
@click.option(
    "--people", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON file of who can sign in at the development provider.",
)  # fmt: skip
@click.option(
    "--demo",
    is_flag=True,
    help=f"Deploy {DEMO_APPS} and {DEMO_SERVICES} of this folder, fill empty stores with demo data, and run all "
    "installed services.",
)
@click.option("--split", is_flag=True, help="Run each part in a process of its own, started again when it dies.")
def up(
    *, port: int, address: str, data_dir: Path, folders: tuple[Path, ...], people: Path | None, demo: bool, split: bool
) -> None:
    """Run the platform on this machine: host, BFFs, event hub, and a development identity provider."""
    # Only this command needs the server; the teams' commands start faster without it.
    from portico.host.up import UpOptions, run  # noqa: PLC0415

    found = [*sorted(Path().glob(DEMO_APPS)), *sorted(Path().glob(DEMO_SERVICES))] if demo else []
    options = UpOptions(
        address=address,
        port=port,
        data_dir=data_dir,
        deploy=[*found, *folders],
        people=people or (DEMO_PEOPLE if demo and DEMO_PEOPLE.exists() else None),
        demo=demo,
        split=split,
    )
    asyncio.run(run(options, dict(os.environ)))


@cli.command(short_help="Run the manifest deployer alone.")
@click.option("--port", default=8100, show_default=True, help="Port to listen on.")
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on.")
def deployer(*, port: int, address: str) -> None:
    """Run the manifest deployer alone: one of any number of replicas over one database and asset store."""
    from portico.host.deployer import DeployerConfig, run_deployer  # noqa: PLC0415 (as above)

    asyncio.run(run_deployer(DeployerConfig.from_environment(os.environ), address=address, port=port))


cli.add_command(status)
cli.add_command(secrets)
cli.add_command(faults)
cli.add_command(rebuild)
cli.add_command(metrics)
cli.add_command(events)
cli.add_command(new)
cli.add_command(sdk)
cli.add_command(build)
cli.add_command(types)
cli.add_command(dev)
cli.add_command(lake)
for _command in team_commands:
    cli.add_command(_command)


def main() -> None:
    """Run the command line; an error that Portico knows is one sentence and exit code 1."""
    try:
        cli(standalone_mode=True)
    except (HostError, SqlError) as error:
        click.echo(f"portico: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        if error.filename is None and error.errno != errno.ENOSPC:
            raise
        click.echo(f"portico: {error.filename or 'the data folder'} cannot be used: {error.strerror}", err=True)
        sys.exit(1)
