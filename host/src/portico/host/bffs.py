"""Where each app's BFF is: in this process, or behind a URL; of two versions side by side, each person's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from urllib.parse import urlsplit

from aiohttp import ClientSession

from portico.host.config import HostConfig, ProviderConfig
from portico.host.errors import BackendUnavailable
from portico.host.gateway import Backend, MountedBackends, RemoteBackend
from portico.host.gateway.gateway import audience
from portico.host.gateway.headers import Header, header
from portico.host.gateway.mounted import MountedBackend, installed_bffs
from portico.host.page import RELEASE_HEADER
from portico.host.services import own_settings, services_of
from portico.host.tokens import Identity, verification_settings
from portico.manifest import Release, Snapshot

Sees = Callable[[list[Header], Identity], Awaitable[Snapshot]]
"""What the person behind a request with these headers sees: one release per app."""

OwnBff = Callable[[list[Header], Identity, str], str | None]
"""Where a developer runs an app's BFF, for the calls of that developer's session alone."""


def _none(_headers: list[Header], _identity: Identity, _app: str) -> None:
    """Nobody runs one."""


class BffDirectory:
    """Resolves an app to the BFF of the release that its caller sees: by the operator's settings first, else by that
    release's manifest. `live` gives every release that the channel holds, on both sides of every rollout; `services`
    are the import paths of services that no app brings, by name.
    """

    def __init__(
        self,
        config: HostConfig,
        *,
        sees: Sees,
        live: Callable[[], Awaitable[Iterable[Release]]],
        mounted: MountedBackends,
        client: ClientSession,
        own_bff: OwnBff = _none,
        services: Mapping[str, str] | None = None,
    ) -> None:
        self._config = config
        self._sees = sees
        self._live = live
        self._mounted = mounted
        self._client = client
        self._own_bff = own_bff
        self._services = services or {}
        self._kept_at: int | None = None
        self._known: dict[tuple[str, str | None], Backend] = {}

    async def backend(self, app: str, identity: Identity, headers: list[Header]) -> Backend | None:
        """The BFF of `app` for this person now; `None` when no such app is live or it has none."""
        snapshot = await self._sees(headers, identity)
        if snapshot.revision != self._kept_at:
            await self._let_go(snapshot.revision)
        own = self._own_bff(headers, identity, app)
        if own is not None and snapshot.release(app) is not None:
            return RemoteBackend(self._client, own)
        release = await self._of_page(snapshot.release(app), headers)
        key = app, None if release is None else release.digest
        if key not in self._known and (backend := self.of_release(app, release)) is not None:
            self._known[key] = backend
        return self._known.get(key)

    def of_release(self, app: str, release: Release | None) -> Backend | None:
        """The BFF of `app` for who sees this release of it; raises `BackendUnavailable` for one not allowed here."""
        routed = self._routed(app, release)
        if routed is not None:
            return RemoteBackend(self._client, routed)
        if release is None and app in self._services:
            return MountedBackend(self._mounted, app, self._services[app])
        if release is None or release.manifest.bff is None:
            return None
        bff = release.manifest.bff
        if bff.app is not None:
            return MountedBackend(self._mounted, app, bff.app)
        return RemoteBackend(self._client, self._allowed(app, bff.url or ""))

    async def _of_page(self, release: Release | None, headers: list[Header]) -> Release | None:
        """The release that the calling page has, as long as the channel holds it; else the one a new page would have.

        A rollout moves people while their pages are open: what such a page calls must be what it was made for.
        """
        named = header(headers, RELEASE_HEADER.lower().encode())
        if release is None or named in {None, release.digest}:
            return release
        sides = (one for one in await self._live() if one.app == release.app and one.digest == named)
        return next(sides, release)

    async def start_mounted(self) -> None:
        """Start every BFF of this process that the live channel names, so that the first call waits for nothing.

        One that does not start is logged by `MountedBackends` and answered with 503; it holds up nobody else.
        """
        for app, import_path in await self._wanted():
            try:
                await self._mounted.start(app, import_path)
            except BackendUnavailable:
                continue

    async def services_alone(self) -> dict[str, str]:
        """The import paths of the services that the operator asks for and no app of the channel brings, by name."""
        brought = {release.app for release in await self._live()}
        return {name: path for name, path in self._services.items() if name not in brought}

    async def _let_go(self, revision: int) -> None:
        """Stop what no release of the channel names any more. A developer's own release starts its BFF again."""
        self._kept_at = revision
        self._known.clear()
        self._mounted.keep(await self._wanted())

    async def _wanted(self) -> set[tuple[str, str]]:
        """App and import path of each BFF that runs in this process. A service that an app brings is that app's."""
        return {*(await self.services_alone()).items()} | {
            (release.app, release.manifest.bff.app)
            for release in await self._live()
            if release.manifest.bff is not None
            and release.manifest.bff.app is not None
            and self._routed(release.app, release) is None
        }

    def _routed(self, app: str, release: Release | None) -> str | None:
        """Where the operator sends calls: for this version of the BFF, else of the app, else for the app."""
        urls = self._config.bff_urls
        if release is not None and release.manifest.bff is not None:
            for version in (release.manifest.bff.version, release.version):
                if version is not None and (url := urls.get(f"{app}@{version}")) is not None:
                    return url
        return urls.get(app)

    def _allowed(self, app: str, url: str) -> str:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._config.bff_origins:
            raise BackendUnavailable(
                f"The manifest of app {app!r} names a BFF at {origin}, which this host may not call. Allow it with "
                "PORTICO_BFF_ORIGINS, or route the app with PORTICO_BFF_URLS."
            )
        return url


async def resources(config: HostConfig, live: Callable[[], Awaitable[Iterable[Release]]]) -> list[str]:
    """The audiences of every BFF there is: what a sign-in asks for, where the provider issues tokens for each."""
    if config.bff_tokens != "resource":
        return []
    apps = {one.app for one in await live() if one.manifest.bff is not None} | {*config.bff_urls}
    apps |= services_of(config.services, installed_bffs()).keys()
    return sorted({audience(app.partition("@")[0]) for app in apps})


def bff_settings(config: HostConfig, provider: ProviderConfig, app: str) -> dict[str, str]:
    """The settings of a mounted BFF: the same keys as its environment when it runs alone."""
    return {
        **own_settings(config.service_settings, app),
        "PORTICO_APP": app,
        **verification_settings(config, provider),
        "PORTICO_AUDIENCE": audience(app),
        "PORTICO_REGION": config.region,
        "PORTICO_DEMO": "1" if config.demo else "0",
        "DATABASE_URL": config.database(f"bff-{app}"),
        "NATS_URL": config.nats_url,
        "PORTICO_AUDITOR_ROLE": config.auditor_role,
        "PORTICO_OPERATOR_ROLE": config.operator_role,
        "PORTICO_METRICS_ROLE": config.metrics_role,
        "PORTICO_LAKE": config.lake_place,
        "PORTICO_LAKE_KEYS": config.lake_keys_url,
        **{key: value for key, value in config.service_settings.items() if key.startswith("AWS_ENDPOINT_URL")},
        "PORTICO_AUDIT_DAYS": str(config.audit_days),
    }
