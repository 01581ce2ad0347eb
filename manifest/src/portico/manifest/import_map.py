"""The import map: one typed value, which loses nothing by being read, changed and written."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from portico.manifest.app_manifest import package_of
from portico.manifest.canonical import canonical_json
from portico.manifest.errors import SpecifierClash
from portico.manifest.fragments import member_json
from portico.manifest.release import Release
from portico.manifest.sharing import share
from portico.manifest.snapshot import Snapshot
from portico.manifest.specifiers import mapped

_EMPTY: Mapping[str, Any] = MappingProxyType({})

CHECKS = "integrity"
"""Member of a revision's ``extra``: the integrity of URLs that no specifier has, such as the parts of a module."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the platform: its URL and its integrity (``sha384-...``)."""

    url: str
    integrity: str


@dataclass(frozen=True)
class ImportMap:
    """An import map (HTML Standard). ``extra`` holds members that this version does not know; they survive.

    ``text`` is the map as canonical JSON where whoever made it knows it already.
    Raises nothing: what may be in a map is decided by who makes one.
    """

    imports: Mapping[str, str]
    integrity: Mapping[str, str]
    scopes: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _EMPTY)
    extra: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    text: bytes | None = field(default=None, repr=False, compare=False)

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

    def resolve(self, specifier: str, referrer: str) -> str | None:
        """Return the URL that a bare specifier means in the module at ``referrer``, ``None`` when it means nothing.

        The longest scope that the module is in comes first (HTML Standard, "resolve a module specifier").
        """
        for scope in self._scopes_longest_first:
            inside = referrer.startswith(scope) if scope.endswith("/") else referrer == scope
            if inside and (url := mapped(specifier, self.scopes[scope])) is not None:
                return url
        return mapped(specifier, self.imports)

    def with_module(self, specifier: str, module: Module) -> "ImportMap":
        """Return a map in which ``specifier`` means ``module``; everything else is as it was."""
        return replace(
            self,
            text=None,
            imports={**self.imports, specifier: module.url},
            integrity={**self.integrity, module.url: module.integrity},
        )

    def to_json(self) -> bytes:
        """Return the map as canonical JSON: equal maps, equal bytes, safe inside a ``script`` element."""
        return self._json

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the canonical JSON."""
        return hashlib.sha256(self._json).hexdigest()

    @cached_property
    def _scopes_longest_first(self) -> tuple[str, ...]:
        return tuple(sorted(self.scopes, key=len, reverse=True))

    @cached_property
    def _json(self) -> bytes:
        if self.text is not None:
            return self.text
        document: dict[str, Any] = {**self.extra, "imports": dict(self.imports), "integrity": dict(self.integrity)}
        if self.scopes:
            document["scopes"] = {scope: dict(imports) for scope, imports in self.scopes.items()}
        return canonical_json(document)


_made: WeakKeyDictionary[Snapshot, tuple[Mapping[str, Module], ImportMap]] = WeakKeyDictionary()
"""The latest map of each snapshot that is still in use: equal selections of a revision are one snapshot."""


def import_map(snapshot: Snapshot, platform: Mapping[str, Module]) -> ImportMap:
    """Return the map of a snapshot: pure, so the same selection of a revision and platform give the same bytes.

    It holds the platform's specifiers, each app's name for its entry, every shared specifier (see ``sharing``) and what
    is hosted elsewhere, with the integrity of every module that has one. Raises ``SpecifierClash`` when two modules
    answer to one specifier, which no stored revision does.
    """
    known = _made.get(snapshot)
    if known is not None and known[0] == platform:
        return known[1]
    made = _make(snapshot, platform)
    _made[snapshot] = dict(platform), made
    return made


def _make(snapshot: Snapshot, platform: Mapping[str, Module]) -> ImportMap:
    entries = _entries(snapshot.releases, platform)
    shared = share(snapshot.releases, kept={package_of(specifier) for specifier in platform})
    imports = {specifier: external.url for specifier, external in snapshot.externals.items()}
    imports |= {specifier: module.url for specifier, module in platform.items()} | entries | shared.imports
    scopes = {scope: {**shared.scopes.get(scope, {}), **own} for scope, own in snapshot.scopes.items()}
    scopes = shared.scopes | scopes
    extra = dict(snapshot.extra)
    others = dict(extra.pop(CHECKS, {}))
    others |= {one.url: one.integrity for one in snapshot.externals.values() if one.integrity is not None}
    others = {url: integrity for url, integrity in others.items() if not url.startswith("/a/")}  # ours to say
    others |= {module.url: module.integrity for module in platform.values()}
    integrity = others.copy()
    for release in snapshot.releases:
        integrity |= release.fragment.integrity
    return ImportMap(
        imports=MappingProxyType(imports),
        integrity=MappingProxyType(integrity),
        scopes=MappingProxyType(scopes),
        extra=MappingProxyType(extra),
        text=_text(imports, _integrity_text(snapshot.releases, others), scopes, extra),
    )


def _entries(releases: Iterable[Release], platform: Mapping[str, Module]) -> dict[str, str]:
    """Return the apps' names with their entries; raises ``SpecifierClash`` for what the platform has already."""
    entries: dict[str, str] = {}
    for release in releases:
        if release.fragment.entry is not None:
            entries[release.name] = release.fragment.entry
        for specifier in (release.name, *(one for copy in release.fragment.copies for one in copy.urls)):
            if specifier in platform:
                raise SpecifierClash(specifier, ("the platform", release.name))
    return entries


def _integrity_text(releases: Iterable[Release], others: Mapping[str, str]) -> str:
    """Return ``integrity`` as canonical JSON, joined from the text that each release keeps of its own."""
    parts = {url: member_json(url, integrity) for url, integrity in others.items()}
    for release in releases:
        # All URLs of a release begin with its prefix, and nobody else's: sorted, they stand together.
        parts[release.fragment.prefix] = release.fragment.integrity_json
    return "{" + ",".join(parts[key] for key in sorted(parts) if parts[key]) + "}"


def _text(
    imports: Mapping[str, str], integrity: str, scopes: Mapping[str, Mapping[str, str]], extra: Mapping[str, Any]
) -> bytes:
    members = {name: canonical_json(value) for name, value in extra.items()}
    members |= {"imports": canonical_json(imports), "integrity": integrity.encode()}
    if scopes:
        members["scopes"] = canonical_json(scopes)
    written = (canonical_json(name) + b":" + members[name] for name in sorted(members))
    return b"{" + b",".join(written) + b"}"


def _strings(document: Any, name: str) -> dict[str, str]:
    members = document.get(name, {}) if isinstance(document, dict) else None
    if not isinstance(members, dict) or not all(isinstance(value, str) for value in members.values()):
        raise ValueError(f"{name!r} of an import map is an object of strings")
    return members
