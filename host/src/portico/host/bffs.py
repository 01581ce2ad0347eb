"""Where each app's BFF is: in this process, or behind a URL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import ClientSession

from portico.host.config import HostConfig
from portico.host.errors import BackendUnavailable
from portico.host.gateway import Backend, MountedBackends, RemoteBackend
from portico.host.gateway.gateway import audience
from portico.host.gateway.mounted import MountedBackend
from portico.manifest import Snapshot


class BffDirectory:
    """Resolves an app to its BFF by the operator's settings first, else by the manifest of its live release."""

    def __init__(
        self,
        config: HostConfig,
        *,
        snapshot: Callable[[], Awaitable[Snapshot]],
        mounted: MountedBackends,
        client: ClientSession,
    ) -> None:
        self._config = config
        self._snapshot = snapshot
        self._mounted = mounted
        self._client = client

    async def backend(self, app: str) -> Backend | None:
        """The BFF of `app` now; `None` when no such app is live or it has none."""
        routed = self._config.bff_urls.get(app)
        if routed is not None:
            return RemoteBackend(self._client, routed)
        release = (await self._snapshot()).release(app)
        if release is None or release.manifest.bff is None:
            return None
        bff = release.manifest.bff
        if bff.app is not None:
            return MountedBackend(self._mounted, app, bff.app)
        return RemoteBackend(self._client, self._allowed(app, bff.url or ""))

    async def start_mounted(self) -> None:
        """Start every BFF of this process that the live channel names, so that the first call waits for nothing.

        One that does not start is logged by `MountedBackends` and answered with 503; it holds up nobody else.
        """
        for release in (await self._snapshot()).releases:
            bff = release.manifest.bff
            if bff is not None and bff.app is not None and release.app not in self._config.bff_urls:
                try:
                    await self._mounted.start(release.app, bff.app)
                except BackendUnavailable:
                    continue

    def _allowed(self, app: str, url: str) -> str:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._config.bff_origins:
            raise BackendUnavailable(
                f"The manifest of app {app!r} names a BFF at {origin}, which this host may not call. Allow it with "
                "PORTICO_BFF_ORIGINS, or route the app with PORTICO_BFF_URLS."
            )
        return url


def bff_settings(config: HostConfig, app: str) -> dict[str, str]:
    """The settings of a mounted BFF: the same keys as its environment when it runs alone."""
    return {
        "PORTICO_APP": app,
        "PORTICO_ISSUER": config.base_url,
        "PORTICO_JWKS_URL": config.jwks_url,
        "PORTICO_AUDIENCE": audience(app),
        "PORTICO_REGION": config.region,
        "PORTICO_DEMO": "1" if config.demo else "0",
        "DATABASE_URL": config.database(f"bff-{app}"),
        "NATS_URL": config.nats_url,
    }
