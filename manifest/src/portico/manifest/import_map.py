"""The import map: one typed value, made by a pure function of a snapshot and the platform's own modules."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from portico.manifest.canonical import canonical_json
from portico.manifest.errors import SpecifierClash
from portico.manifest.release import Release
from portico.manifest.snapshot import Snapshot

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the platform: its URL and its integrity (``sha384-...``)."""

    url: str
    integrity: str


@dataclass(frozen=True)
class ImportMap:
    """An import map (HTML Standard). ``extra`` holds members that this version does not know; they survive.

    Raises nothing: what may be in a map is decided by who makes one.
    """

    imports: Mapping[str, str]
    integrity: Mapping[str, str]
    scopes: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _EMPTY)
    extra: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)

    @classmethod
    def from_json(cls, content: bytes) -> "ImportMap":
        """Read a map, unknown members included; raises ``ValueError`` when it is not one."""
        document = json.loads(content)
        if not isinstance(document, dict):
            raise ValueError("an import map is a JSON object")
        known = {"imports", "integrity", "scopes"}
        return cls(
            imports=_strings(document, "imports"),
            integrity=_strings(document, "integrity"),
            scopes={scope: _strings(document["scopes"], scope) for scope in document.get("scopes", {})},
            extra={name: value for name, value in document.items() if name not in known},
        )

    def with_module(self, specifier: str, module: Module) -> "ImportMap":
        """Return a map in which ``specifier`` means ``module``; everything else is as it was."""
        return replace(
            self,
            imports={**self.imports, specifier: module.url},
            integrity={**self.integrity, module.url: module.integrity},
        )

    def to_json(self) -> bytes:
        """Return the map as canonical JSON: equal maps, equal bytes, safe inside a ``script`` element."""
        return self._json

    @property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the canonical JSON."""
        return hashlib.sha256(self._json).hexdigest()

    @cached_property
    def _json(self) -> bytes:
        document: dict[str, Any] = {**self.extra, "imports": dict(self.imports), "integrity": dict(self.integrity)}
        if self.scopes:
            document["scopes"] = {scope: dict(imports) for scope, imports in self.scopes.items()}
        return canonical_json(document)


def import_map(snapshot: Snapshot, platform: Mapping[str, Module]) -> ImportMap:
    """Return the map of a snapshot: pure, so the same revision and platform give the same bytes.

    It holds the platform's specifiers, each app's name for its entry and every shared specifier, with the integrity of
    every module of every release. Raises ``SpecifierClash`` when two modules answer to one specifier, which no stored
    revision does.
    """
    return import_map_of(snapshot.releases, platform)


def import_map_of(releases: Iterable[Release], platform: Mapping[str, Module]) -> ImportMap:
    """Return the map of these releases; see ``import_map``."""
    imports = {specifier: module.url for specifier, module in platform.items()}
    integrity = {module.url: module.integrity for module in platform.values()}
    owners = dict.fromkeys(platform, "the platform")
    for release in releases:
        integrity |= {release.url(file.path): file.integrity for file in release.modules}
        for specifier, path in specifiers(release).items():
            if specifier in owners:
                raise SpecifierClash(specifier, (owners[specifier], release.name))
            owners[specifier] = release.name
            imports[specifier] = release.url(path)
    return ImportMap(imports=MappingProxyType(imports), integrity=MappingProxyType(integrity))


def specifiers(release: Release) -> dict[str, str]:
    """Return what a release adds to the map: specifier to the path of its file."""
    manifest = release.manifest
    added = {} if manifest.entry is None else {manifest.name: manifest.entry}
    for share in manifest.shares.values():
        added |= share.entries
    return added


def _strings(document: Any, name: str) -> dict[str, str]:
    members = document.get(name, {}) if isinstance(document, dict) else None
    if not isinstance(members, dict) or not all(isinstance(value, str) for value in members.values()):
        raise ValueError(f"{name!r} of an import map is an object of strings")
    return members
