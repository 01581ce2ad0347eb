"""`portico up --split`: plan the processes of a data folder, and keep them running."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from secrets import token_urlsafe

import click

from portico.host.assembly.channel import live_releases
from portico.host.config import HostConfig, ProviderConfig
from portico.host.gateway.mounted import installed_bffs
from portico.host.lock import RUN_FILE, folder_lock
from portico.host.nats import NatsServer
from portico.host.prepare import open_manifest, prepare
from portico.host.provider import DEV_PROVIDER_PATH
from portico.host.secretfile import read_or_create
from portico.host.services import services_of
from portico.host.split.output import sayer
from portico.host.split.plan import HOST, HUB, PROVIDER, Site, Unit, names, programs, units
from portico.host.split.ports import choose_ports
from portico.host.split.program import LOOPBACK, Program
from portico.host.split.state import read_state
from portico.host.split.supervisor import Supervisor
from portico.serving import SANDBOXES, MakeSandbox

Order = Callable[[list[Program]], Sequence[Program]]
"""In which order they are started. Every one is right."""


async def run_split(
    config: HostConfig,
    environment: Mapping[str, str],
    *,
    deploy: Sequence[Path],
    address: str,
    port: int,
    order: Order = list,
) -> None:
    """Run every part in a process of its own until SIGINT or SIGTERM. `config` is that of the host, without a hub's
    URL where one is to be run here.

    Raises ConfigurationError for what cannot be deployed, and for a port that somebody else has.
    """
    with ExitStack() as stack:
        stack.enter_context(folder_lock(config.data_dir))
        await prepare(config, deploy)
        bffs = await _units(config)
        sandboxes = _sandboxes() if config.demo else {}
        ports = choose_ports(names(bffs, sandboxes), _known_ports(config.data_dir))
        site = await _site(config, environment, ports, address=address, port=port)
        planned = programs(site, bffs, ports, sandboxes)
        say = sayer([one.name for one in planned])

        announced = _Announcement(site, [one.name for one in planned], stack)
        supervisor = Supervisor(
            order(planned),
            data_dir=config.data_dir,
            url=config.base_url,
            say=say,
            clock=time.time,
            running=announced.running,
        )
        await supervisor.run()


async def _units(config: HostConfig) -> list[Unit]:
    async with await open_manifest(config) as manifest:
        live = list(await live_releases(manifest))
    return units(live, services_of(config.services, installed_bffs()), config.bff_urls)


async def _site(
    config: HostConfig, environment: Mapping[str, str], ports: Mapping[str, int], *, address: str, port: int
) -> Site:
    hub: list[str] = []
    if not config.nats_url:
        hub, token = await NatsServer(config.data_dir / "nats", port=ports[HUB]).prepared()
        config = replace(config, nats_url=f"nats://{token}@{LOOPBACK}:{ports[HUB]}")
    secret = partial(_secret, config.data_dir)
    provider = config.provider or ProviderConfig(
        issuer=f"http://{LOOPBACK}:{ports[PROVIDER]}{DEV_PROVIDER_PATH}",
        client_id="portico",
        client_secret=secret(PROVIDER),
    )
    return Site(
        config=config,
        provider=provider,
        environment=environment,
        address=address,
        port=port,
        hub=hub,
        own_provider=config.provider is None,
        secret=secret,
    )


def _sandboxes() -> dict[str, MakeSandbox]:
    return {entry.name: entry.load() for entry in entry_points(group=SANDBOXES)}


def _known_ports(data_dir: Path) -> dict[str, int]:
    """The ports of the last run; a host's is said at every start."""
    known = read_state(data_dir)
    processes = () if known is None else known.processes
    return {one.name: one.port for one in processes if one.port is not None and one.name != HOST}


def _secret(data_dir: Path, name: str) -> str:
    return read_or_create(data_dir / "run" / f"{name}.secret", lambda: token_urlsafe(32).encode()).decode()


class _Announcement:
    """Tells people, and other commands, where the platform is, once the host answers; and when all of it does."""

    def __init__(self, site: Site, names: Sequence[str], stack: ExitStack) -> None:
        self._site = site
        self._stack = stack
        self._all = len(names)
        self._missing = set(names)

    def running(self, name: str) -> None:
        """Note that a process answers, for the first time or again."""
        first = name in self._missing
        self._missing.discard(name)
        if first and name == HOST:
            self._announce()
        if first and not self._missing:
            click.echo(f"All {self._all} processes run; `portico status` tells of each. Ctrl-C ends them.")

    def _announce(self) -> None:
        url, run_file = self._site.config.base_url, self._site.config.data_dir / RUN_FILE
        run_file.touch(mode=0o600)
        run_file.write_text(json.dumps({"url": url, "pid": os.getpid(), "nats": self._site.config.nats_url}) + "\n")
        self._stack.callback(run_file.unlink, missing_ok=True)
        click.echo(f"Portico is running at {click.style(url, bold=True)}")
