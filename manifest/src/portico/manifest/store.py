"""The store port: where releases and channels are kept. ``sql_store`` is the adapter over ``portico.sql``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from portico.manifest.access.signatures import Signed
from portico.manifest.access.store import AccessStore
from portico.manifest.app_manifest import AppManifest
from portico.manifest.channel_store import ChannelStore
from portico.manifest.flags.store import FlagStore
from portico.manifest.release import Release, ReleaseFile

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A page of a list; ``cursor`` asks for the next one, ``None`` at the end."""

    items: tuple[Item, ...]
    cursor: str | None = None


class ManifestStore(ChannelStore, Protocol):
    """Rows of the manifest: releases are immutable, revisions only appended, and a write that returned is durable."""

    @property
    def access(self) -> AccessStore:
        """Who may deploy."""
        ...

    @property
    def flags(self) -> FlagStore:
        """The feature flags."""
        ...

    async def add_release(self, release: Release, signed: Signed | None = None) -> bool:
        """Keep a release, and its app as the team's when it is new; tells whether the release is new.

        One that is there already is left alone, except that a signature by another key is added. Raises
        ``AppNameTaken`` or ``VersionTaken``.
        """
        ...

    async def check_new(self, release: Release) -> None:
        """Raise ``AppNameTaken`` or ``VersionTaken`` when ``add_release`` would."""
        ...

    async def release(self, app: str, digest: str) -> Release:
        """Return a release; raises ``UnknownRelease``."""
        ...

    async def releases(self, app: str | None, *, before: str | None, limit: int) -> Page[Release]:
        """Return releases (of every app without ``app``), newest first; ``before`` is the cursor to go on from.

        Raises ``InvalidCursor``.
        """
        ...

    async def team_of(self, app: str) -> str | None:
        """Return the team that owns the app's short name, or ``None``."""
        ...

    async def teams(self) -> frozenset[str]:
        """Return the names of the teams that own an app or ever had a deploy token."""
        ...

    async def guests(self, manifest: AppManifest) -> frozenset[str]:
        """Return the packages that an app shares and another team owns: the team that first shared them."""
        ...

    async def claim_packages(self) -> None:
        """Give the packages of releases that were kept before packages had owners to who shared them first."""
        ...

    async def has_platform(self, digest: str) -> bool:
        """Tell whether the platform's build is kept."""
        ...

    async def add_platform(self, digest: str, files: Sequence[ReleaseFile]) -> None:
        """Keep which files a build of the platform has, all or none; one that is there already is left alone."""
        ...

    async def platform_file(self, digest: str, path: str) -> ReleaseFile | None:
        """Return a file of a build of the platform, or ``None``."""
        ...

    async def close(self) -> None:
        """Release what the store holds."""
        ...
