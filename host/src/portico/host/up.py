"""`portico up`: the whole platform on one machine, from an empty folder. State lives in the data folder alone."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from portico.host.app import create_app
from portico.host.config import HostConfig, check_start, is_loopback
from portico.host.errors import ConfigurationError
from portico.host.lock import RUN_FILE, folder_lock
from portico.host.nats import NatsServer
from portico.host.prepare import prepare
from portico.host.services import ALL
from portico.serving import PortUnavailable, check_port, serve


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """What the command line asks for. `deploy` are folders of built apps to have on the channel."""

    address: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path(".portico")
    deploy: Sequence[Path] = ()
    people: Path | None = None
    demo: bool = False
    split: bool = False


async def run(options: UpOptions, environment: dict[str, str]) -> None:
    """Start everything, print the address, and stop everything in reverse order on SIGINT or SIGTERM."""
    if not is_loopback(options.address):
        raise ConfigurationError(
            f"`portico up` is for one machine and listens on loopback only, not on {options.address}. For production "
            "see docs/how-to/run-in-production.md."
        )
    try:
        port = check_port(options.address, options.port)
    except PortUnavailable as error:
        raise ConfigurationError(f"{error} Choose another: --port, or make up PORT=...") from error
    listens_at = f"http://{f'[{options.address}]' if ':' in options.address else options.address}:{port}"
    # Somebody may stand a proxy before it; then people see the proxy's origin.
    base_url = environment.get("PORTICO_BASE_URL") or listens_at
    data_dir = options.data_dir.absolute()
    if options.split:
        from portico.host.split.run import run_split  # noqa: PLC0415 (only here)

        settings = {**environment, "PORTICO_BASE_URL": base_url, "PORTICO_DATA_DIR": str(data_dir)}
        config = _config(options, settings)
        await run_split(config, settings, deploy=options.deploy, address=options.address, port=port)
        return
    async with AsyncExitStack() as stack:
        stack.enter_context(folder_lock(data_dir))
        nats_url = environment.get("NATS_URL") or await _bundled_nats(stack, data_dir)
        settings = {
            **environment,
            "PORTICO_BASE_URL": base_url,
            "PORTICO_DATA_DIR": str(data_dir),
            "NATS_URL": nats_url,
        }
        config = _config(options, settings)
        await prepare(config, options.deploy)
        await _lake(stack, settings, data_dir)

        async def announce(_url: str) -> None:
            run_file = data_dir / RUN_FILE
            run_file.touch(mode=0o600)
            run_file.write_text(json.dumps({"url": base_url, "pid": os.getpid(), "nats": nats_url}) + "\n")
            stack.callback(run_file.unlink, missing_ok=True)
            click.echo(f"Portico is running at {click.style(base_url, bold=True)}")
            click.echo(f"State and deploy token are in {_short(data_dir)}; Ctrl-C stops everything.")

        host = create_app(config, owns_folder=True)
        await serve(host, address=options.address, port=port, ready=announce, stopping=host.drain)


def _config(options: UpOptions, settings: dict[str, str]) -> HostConfig:
    """The host's; raises ConfigurationError for one that may not start."""
    config = HostConfig.from_environment(settings)
    config = replace(
        config,
        demo=options.demo,
        services=config.services or ((ALL,) if options.demo else ()),
        people_file=options.people,
        # Behind a proxy it may be anybody's, and is held to what production is held to.
        development=is_loopback(urlsplit(config.base_url).hostname or ""),
    )
    check_start(config)
    return config


async def _bundled_nats(stack: AsyncExitStack, data_dir: Path) -> str:
    server = NatsServer(data_dir / "nats")
    stack.push_async_callback(server.stop)
    return await server.start()


async def _lake(stack: AsyncExitStack, settings: dict[str, str], data_dir: Path) -> None:
    """Keep the hub's events for as long as the platform runs."""
    from portico.lake.config import LakeConfig  # noqa: PLC0415 (half a second, and only here)
    from portico.lake.keeper import Keeper  # noqa: PLC0415

    config = LakeConfig.from_environment(settings, data_dir)
    lake, keys = await stack.enter_async_context(config.opened())
    keeper = Keeper(lake, keys, config.read_schemas(), settings["NATS_URL"])
    keeper.start()
    stack.push_async_callback(keeper.stop)


def _short(path: Path) -> str:
    try:
        return f"./{path.relative_to(Path.cwd())}"
    except ValueError:
        return str(path)
