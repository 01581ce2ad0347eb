"""Where each app's BFF is: in this process, or behind a URL; of two versions side by side, each person's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from aiohttp import ClientSession

from portico.host.config import HostConfig, ProviderConfig
from portico.host.errors import BackendUnavailable
from portico.host.gateway import Backend, MountedBackends, RemoteBackend
from portico.host.gateway.gateway import audience
from portico.host.gateway.headers import Header, header
from portico.host.gateway.mounted import MountedBackend
from portico.host.page import RELEASE_HEADER
from portico.host.tokens import Identity, verification_settings
from portico.manifest import Release, Snapshot

Sees = Callable[[list[Header], Identity], Awaitable[Snapshot]]
"""What the person behind a request with these headers sees: one release per app."""


class BffDirectory:
    """Resolves an app to the BFF of the release that its caller sees: by the operator's settings first, else by that
    release's manifest. `live` gives every release that the channel holds, on both sides of every rollout.
    """

    def __init__(
        self,
        config: HostConfig,
        *,
        sees: Sees,
        live: Callable[[], Awaitable[Iterable[Release]]],
        mounted: MountedBackends,
        client: ClientSession,
    ) -> None:
        self._config = config
        self._sees = sees
        self._live = live
        self._mounted = mounted
        self._client = client
        self._kept_at: int | None = None

    async def backend(self, app: str, identity: Identity, headers: list[Header]) -> Backend | None:
        """The BFF of `app` for this person now; `None` when no such app is live or it has none."""
        snapshot = await self._sees(headers, identity)
        if snapshot.revision != self._kept_at:
            await self._let_go(snapshot.revision)
        return self.of_release(app, await self._of_page(snapshot.release(app), headers))

    def of_release(self, app: str, release: Release | None) -> Backend | None:
        """The BFF of `app` for who sees this release of it; raises `BackendUnavailable` for one not allowed here."""
        routed = self._routed(app, release)
        if routed is not None:
            return RemoteBackend(self._client, routed)
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

    async def _let_go(self, revision: int) -> None:
        """Stop what no release of the channel names any more. A developer's own release starts its BFF again."""
        self._kept_at = revision
        self._mounted.keep(await self._wanted())

    async def _wanted(self) -> set[tuple[str, str]]:
        """App and import path of each BFF that runs in this process."""
        return {
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
    return sorted({audience(app.partition("@")[0]) for app in apps})


def bff_settings(config: HostConfig, provider: ProviderConfig, app: str) -> dict[str, str]:
    """The settings of a mounted BFF: the same keys as its environment when it runs alone."""
    return {
        "PORTICO_APP": app,
        **verification_settings(config, provider),
        "PORTICO_AUDIENCE": audience(app),
        "PORTICO_REGION": config.region,
        "PORTICO_DEMO": "1" if config.demo else "0",
        "DATABASE_URL": config.database(f"bff-{app}"),
        "NATS_URL": config.nats_url,
        "PORTICO_AUDITOR_ROLE": config.auditor_role,
        "PORTICO_AUDIT_DAYS": str(config.audit_days),
    }
