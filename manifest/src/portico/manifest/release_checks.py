"""The checks of a release that need its files: its size budget, its BFF's contract, the messages of its app."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from portico.manifest.app_manifest import AppManifest
from portico.manifest.assets import AssetStore
from portico.manifest.budget import check_budget
from portico.manifest.channel_entry import Change
from portico.manifest.contracts.checking import BffContracts
from portico.manifest.contracts.events import EventContracts
from portico.manifest.contracts.service_events import ServiceEventContracts
from portico.manifest.contracts.styles import check_styles
from portico.manifest.errors import BudgetExceeded, ContractBroken
from portico.manifest.release import Release, ReleaseFile
from portico.manifest.state import ChannelState

Load = Callable[[str, str], Awaitable[Release]]
"""Returns a release by its app and digest."""


class ReleaseChecks:
    """Budgets and contracts. ``entry_budget_kb`` is for apps without one of their own."""

    def __init__(self, assets: AssetStore, load: Load, *, entry_budget_kb: int | None = None) -> None:
        self._contracts = BffContracts(assets)
        self._events = EventContracts(assets)
        self._service_events = ServiceEventContracts(assets)
        self._load = load
        self._entry_budget_kb = entry_budget_kb

    async def by_itself(self, manifest: AppManifest, files: Sequence[ReleaseFile], paths: Mapping[str, Path]) -> None:
        """Raise ``BudgetExceeded`` or ``ContractBroken`` for a release whose files are at ``paths``."""
        if findings := await check_budget(manifest, files, paths, self._entry_budget_kb):
            raise BudgetExceeded(findings)
        findings = await self._contracts.check_own(manifest, paths) + await self._events.check_own(manifest, paths)
        findings += await self._service_events.check_own(manifest, paths)
        findings += await check_styles(manifest, paths)
        if findings:
            raise ContractBroken(findings)

    async def beside(
        self, release: Release, changes: Sequence[Change], paths: Mapping[str, Path] | None = None
    ) -> None:
        """Raise ``ContractBroken`` when a release that comes into a channel breaks what the app's releases there use.

        Those are the ones before the change: their pages stay open after it. A release that is there already is not
        asked again, so a rollout can always be ended; nor is a rollback, which nothing may stand in the way of.
        """
        for change in changes:
            if change.kind == "app" and change.name == release.app:
                there = [weighted.digest for weighted in change.before]
                if release.digest not in there:
                    others = [await self._load(release.app, digest) for digest in there]
                    if findings := await self._contracts.check_beside(release, others, paths):
                        raise ContractBroken(findings)

    async def among(self, release: Release, before: ChannelState, paths: Mapping[str, Path] | None = None) -> None:
        """Raise ``ContractBroken`` when a release that comes into a channel and the others there do not understand
        each other's messages, or their services each other's events.

        The others are all that the channel holds, on both sides of every rollout, the app's own among them: a page that
        is open goes on with them, and what nobody has taken yet waits for the next page. As with contracts, a release
        that is there already is not asked again, nor is a rollback.
        """
        others = before.releases if release.digest not in before.releases else {}
        findings = await self._events.check_beside(release, others.values(), paths)
        findings += await self._service_events.check_beside(release, others.values(), paths)
        if findings:
            raise ContractBroken(findings)
