"""Whether apps understand what others publish: every publisher against every consumer that it can meet in a page."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from portico.manifest.app_manifest import AppManifest
from portico.manifest.assets import AssetStore
from portico.manifest.contracts.comparison import compared, misfits, wrong
from portico.manifest.contracts.documents import new_texts, text_of
from portico.manifest.errors import Finding
from portico.manifest.release import Release
from portico.manifest.well_formed import pointer


def named_schemas(manifest: AppManifest) -> Iterator[tuple[str, str]]:
    """Yield the place and the path of each schema of a message; one file may be named in several places."""
    for member, schemas in (("publishes", manifest.publishes), ("consumes", manifest.consumes)):
        for name, path in schemas.items():
            yield pointer(member, name), path


class EventContracts:
    """Reads the schemas of messages and compares them. Files are immutable, so what was read is remembered."""

    def __init__(self, assets: AssetStore) -> None:
        self._assets = assets

    async def check_own(self, manifest: AppManifest, files: Mapping[str, Path]) -> list[Finding]:
        """Return what is wrong with the schemas of a release that is not kept yet, each and beside one another."""
        places = list(named_schemas(manifest))
        texts, findings = await new_texts({path: place for place, path in places}, files)
        findings += [
            Finding(place, f"{path}: {why}"[:500])
            for place, path in places
            if path in texts and (why := await asyncio.to_thread(wrong, texts[path])) is not None
        ]
        if findings:
            return findings
        for name in manifest.publishes.keys() & manifest.consumes.keys():
            sent, taken = texts.get(manifest.publishes[name]), texts.get(manifest.consumes[name])
            if sent is not None and taken is not None:
                found = await asyncio.to_thread(misfits, sent, taken)
                findings += [Finding(pointer("consumes", name), f"the app itself publishes it: {why}") for why in found]
        return findings

    async def check_beside(
        self, release: Release, others: Iterable[Release], files: Mapping[str, Path] | None = None
    ) -> list[Finding]:
        """Return where ``release`` publishes what others do not take, or does not take what others publish.

        ``files`` are the release's own while the asset store does not have them yet.
        """
        own = release.manifest
        findings: list[Finding] = []
        for other in others:
            there = f"{other.name} {other.version}, which is in the channel,"
            for name in sorted(own.publishes.keys() & other.manifest.consumes.keys()):
                sent = await text_of(self._assets, release, own.publishes[name], files)
                taken = await text_of(self._assets, other, other.manifest.consumes[name])
                findings += await compared(pointer("publishes", name), f"{there} consumes it", sent, taken)
            for name in sorted(own.consumes.keys() & other.manifest.publishes.keys()):
                sent = await text_of(self._assets, other, other.manifest.publishes[name])
                taken = await text_of(self._assets, release, own.consumes[name], files)
                findings += await compared(pointer("consumes", name), f"{there} publishes it", sent, taken)
        return findings
