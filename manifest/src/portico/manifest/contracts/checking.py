"""Whether releases of one app and their BFFs' contracts fit together."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from portico.manifest.app_manifest import AppManifest, Bff
from portico.manifest.assets import AssetStore
from portico.manifest.contracts import graphql, openapi
from portico.manifest.contracts.documents import new_texts, text_of
from portico.manifest.errors import Finding
from portico.manifest.release import Release
from portico.manifest.well_formed import pointer

_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Documents:
    """What the checks read of a release: the ``bff`` of its manifest, and the text of each file that it names."""

    name: str
    version: str
    bff: Bff
    texts: Mapping[str, str]

    @property
    def contract(self) -> str | None:
        """The text of the contract, ``None`` without one."""
        return None if self.bff.contract is None else self.texts.get(self.bff.contract)


def named_documents(manifest: AppManifest) -> dict[str, str]:
    """Return the files that the checks read, each with its place in the manifest."""
    bff = manifest.bff
    named: dict[str, str] = {}
    if bff is not None and bff.contract is not None:
        named[bff.contract] = pointer("bff", "contract")
    if bff is not None and bff.api == "graphql":
        named |= {use: pointer("bff", "uses", number) for number, use in enumerate(bff.uses)}
    return named


def check_contract(one: Documents, user: Documents) -> list[Finding]:
    """Return what of ``user``'s uses does not fit the contract of ``one``; both may be the same release.

    Up to a second of work for large documents: keep it off the event loop.
    """
    if one.contract is None or one.bff.api != user.bff.api:
        return []
    try:
        misfits = _graphql(one, user) if one.bff.api == "graphql" else _openapi(one, user)
    except ValueError as error:
        return [Finding(pointer("bff", "contract"), f"{one.bff.contract}: {error}"[:500])]
    if one is user:
        return [
            Finding(pointer("bff", "uses", number), f"{user.bff.uses[number]}: {why}"[:500]) for number, why in misfits
        ]
    using = f"{user.name} {user.version}, which is in the channel, uses"
    return [
        Finding(pointer("bff", "contract"), f"{using} {user.bff.uses[number]}: {why}"[:500]) for number, why in misfits
    ]


def _graphql(one: Documents, user: Documents) -> list[tuple[int, str]]:
    schema = graphql.read_schema(one.contract or "")
    texts = [user.texts.get(use, "") for use in user.bff.uses]
    return [(number, why) for number, text in enumerate(texts) for why in graphql.misfits(schema, text)]


def _openapi(one: Documents, user: Documents) -> list[tuple[int, str]]:
    contract = openapi.read_openapi(one.contract or "")
    own = None if one is user or user.contract is None else openapi.read_openapi(user.contract)
    return [(number, why) for number, use in enumerate(user.bff.uses) for why in openapi.misfits(contract, use, own)]


class BffContracts:
    """Reads the documents of releases and checks them. Releases are immutable, so what was read is remembered."""

    def __init__(self, assets: AssetStore) -> None:
        self._assets = assets
        self._remembered: dict[str, Documents] = {}

    async def check_own(self, manifest: AppManifest, files: Mapping[str, Path]) -> list[Finding]:
        """Return what is wrong with a release that is not kept yet: its documents, and its uses of its own contract."""
        if manifest.bff is None:
            return []
        texts, findings = await new_texts(named_documents(manifest), files)
        one = Documents(manifest.name, manifest.version, manifest.bff, texts)
        return findings or await asyncio.to_thread(check_contract, one, one)

    async def check_beside(
        self, release: Release, others: Iterable[Release], files: Mapping[str, Path] | None = None
    ) -> list[Finding]:
        """Return where the contract of ``release`` breaks what other releases of its app use.

        ``files`` are the release's own while the asset store does not have them yet.
        """
        one = await self._documents(release, files)
        findings: list[Finding] = []
        for other in others:
            user = await self._documents(other)
            if one is not None and one.contract is not None and user is not None and user is not one:
                findings += await asyncio.to_thread(check_contract, one, user)
        return findings

    async def _documents(self, release: Release, files: Mapping[str, Path] | None = None) -> Documents | None:
        if release.manifest.bff is None:
            return None
        known = self._remembered.pop(release.digest, None)
        if known is None:
            texts = {
                path: await text_of(self._assets, release, path, files) for path in named_documents(release.manifest)
            }
            known = Documents(release.name, release.version, release.manifest.bff, texts)
        self._remembered[release.digest] = known
        while len(self._remembered) > _REMEMBERED:
            self._remembered.pop(next(iter(self._remembered)))
        return known
