"""Which processes there are for a data folder, and what each is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from portico.host.bffs import bff_settings
from portico.host.config import HostConfig, ProviderConfig
from portico.host.split.environment import without_settings
from portico.host.split.program import LOOPBACK, Program
from portico.manifest import Release
from portico.serving import MakeSandbox

HOST, PROVIDER, LAKE, HUB = "host", "sign-in", "lake", "hub"
_PARTS = (sys.executable, "-m", "portico.host.split")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One BFF or service that gets a process: `route` is how PORTICO_BFF_URLS names it, `app` whose store it has."""

    route: str
    app: str
    import_path: str


def units(live: Iterable[Release], services: Mapping[str, str], routed: Mapping[str, str]) -> list[Unit]:
    """Every installed BFF that the channel names, and the wanted services that no app brings, by name.

    What the operator has routed elsewhere is left out. Where releases of one app side by side have different BFFs,
    each is its version's.
    """
    of_app: dict[str, dict[str, Release]] = {}
    for release in live:
        if release.manifest.bff is not None and release.manifest.bff.app is not None:
            of_app.setdefault(release.app, {})[release.manifest.bff.app] = release
    found = [Unit(route=name, app=name, import_path=path) for name, path in services.items() if name not in of_app]
    for app, releases in of_app.items():
        for path, release in releases.items():
            route = app if len(releases) == 1 else f"{app}@{release.version}"
            found.append(Unit(route=route, app=app, import_path=path))
    return sorted((one for one in found if not {one.route, one.app} & routed.keys()), key=lambda one: one.route)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all processes have in common. `hub` is the command of the hub that is run here, if one is; `secret` gives
    what two processes prove themselves to each other with, the same at every start.
    """

    config: HostConfig
    provider: ProviderConfig
    environment: Mapping[str, str] = field(repr=False)
    address: str
    port: int
    hub: Sequence[str] = ()
    own_provider: bool = True
    secret: Callable[[str], str]


def programs(
    site: Site, bffs: Sequence[Unit], ports: Mapping[str, int], make: Mapping[str, MakeSandbox]
) -> list[Program]:
    """All processes, those that people reach first. `make` gives services their sandboxes."""
    plain = without_settings(site.environment, [one.app for one in bffs])
    platform = {**plain, **_platform_settings(site, {one.route: ports[one.route] for one in bffs})}
    found = [
        Program(
            name=HOST,
            command=(*_PARTS, "host", "--address", site.address, "--port", str(site.port)),
            environment=platform,
            port=site.port,
            address=site.address,
        )
    ]
    if site.own_provider:
        people = ("--people", str(site.config.people_file)) if site.config.people_file else ()
        command = (*_PARTS, "sign-in", "--port", str(ports[PROVIDER]), *people)
        found.append(Program(name=PROVIDER, command=command, environment=platform, port=ports[PROVIDER]))
    for one in bffs:
        found += _bff(site, one, plain, ports, make)
    lake = (*_PARTS, "lake", "--data-dir", str(site.config.data_dir))
    found.append(Program(name=LAKE, command=lake, environment={**plain, **_lake_settings(site)}))
    if site.hub:
        found.append(Program(name=HUB, command=tuple(site.hub), environment=plain, port=ports[HUB], last=True))
    return found


def names(bffs: Sequence[Unit], make: Mapping[str, MakeSandbox]) -> list[str]:
    """Who needs a port, besides the host."""
    routes = [one.route for one in bffs]
    return [PROVIDER, *routes, *(_sandbox_of(one) for one in bffs if one.app in make), HUB]


def _bff(
    site: Site, one: Unit, plain: Mapping[str, str], ports: Mapping[str, int], make: Mapping[str, MakeSandbox]
) -> Iterator[Program]:
    settings = bff_settings(site.config, site.provider, one.app)
    if one.app in make:
        name = _sandbox_of(one)
        sandbox = make[one.app](settings, ports[name], site.secret(name))
        if sandbox is not None:
            settings |= sandbox.settings
            command = (sys.executable, "-m", sandbox.module, *sandbox.arguments)
            yield Program(name=name, command=command, environment={**plain, **sandbox.environment}, port=ports[name])
    command = (sys.executable, "-m", "portico.bff", "serve", one.import_path, "--port", str(ports[one.route]))
    yield Program(name=one.route, command=command, environment={**plain, **settings}, port=ports[one.route])


def _sandbox_of(one: Unit) -> str:
    return f"{one.route}-sandbox"


def _platform_settings(site: Site, ports: Mapping[str, int]) -> dict[str, str]:
    """What host and sign-in provider are told: the operator's settings, and where everything is."""
    theirs = ("PORTICO_",) if site.own_provider else ("PORTICO_", "OIDC_")
    urls = {route: f"http://{LOOPBACK}:{port}" for route, port in ports.items()} | dict(site.config.bff_urls)
    settings = {
        **{key: text for key, text in site.environment.items() if key.startswith(theirs) and key != "PORTICO_SERVICES"},
        "PORTICO_BASE_URL": site.config.base_url,
        "PORTICO_DATA_DIR": str(site.config.data_dir),
        "PORTICO_DEVELOPMENT": "1" if site.config.development else "0",
        "PORTICO_DEMO": "1" if site.config.demo else "0",
        "PORTICO_BFF_URLS": " ".join(f"{route}={url}" for route, url in urls.items()),
        "NATS_URL": site.config.nats_url,
    }
    if site.own_provider:
        settings["OIDC_ISSUER"] = site.provider.issuer
        settings["OIDC_CLIENT_ID"] = site.provider.client_id
        settings["OIDC_CLIENT_SECRET"] = site.provider.client_secret
    return settings


def _lake_settings(site: Site) -> dict[str, str]:
    own = {key: text for key, text in site.environment.items() if key.startswith("PORTICO_LAKE")}
    return {**own, "NATS_URL": site.config.nats_url}
