"""Releases: an app manifest with its files, immutable, named by the digest of their content."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, BinaryIO
from urllib.parse import quote

from portico.manifest.app_manifest import AppManifest
from portico.manifest.canonical import canonical_json
from portico.manifest.content_types import is_module
from portico.manifest.fragments import Fragment, fragment_of
from portico.manifest.modules import Import
from portico.manifest.specifiers import is_bare, resolve

_BLOCK = 1 << 18
OFFLINE = "@portico/sdk/offline"
_PATH_SAFE = "/~!$&'()*+,;=:@[]|"  # what a browser leaves alone in a path, so that relative imports get the same URL


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file: ``path`` in the release, ``size`` in bytes, media type, ``integrity`` as ``sha384-<base64>``.

    ``imports`` is what a JavaScript module imports; empty for other files.
    """

    path: str
    size: int
    content_type: str
    integrity: str
    imports: tuple[Import, ...] = ()


def integrity_of(content: bytes | BinaryIO) -> str:
    """Return the SHA-384 of the content in the form of Subresource Integrity; a stream is read to its end."""
    hashed = hashlib.sha384()
    if isinstance(content, bytes):
        hashed.update(content)
    else:
        while block := content.read(_BLOCK):
            hashed.update(block)
    return "sha384-" + base64.b64encode(hashed.digest()).decode("ascii")


def content_digest(files: Iterable[ReleaseFile]) -> str:
    """Return the SHA-256 (hexadecimal) over every file's path and integrity.

    ``app.json`` is one of the files, so the manifest is part of it. The order and times in an archive are not, nor is
    the media type, which is ours to correct.
    """
    content = sorted((file.path, file.integrity) for file in files)
    return hashlib.sha256(b"portico-release-1\n" + canonical_json(content)).hexdigest()


@dataclass(frozen=True)
class Release:
    """One immutable release. ``creator`` is the label of the deploy token that published it.

    ``guest`` are the packages it shares that another team owns: its copies of them serve its own team's apps alone.
    """

    app: str
    team: str
    name: str
    digest: str
    version: str
    manifest: AppManifest
    files: tuple[ReleaseFile, ...]
    created_at: datetime
    creator: str
    guest: frozenset[str] = frozenset()

    def file(self, path: str) -> ReleaseFile | None:
        """Return the file at ``path``, or ``None``."""
        return self._by_path.get(path)

    def url(self, path: str) -> str:
        """Return the path-absolute URL at which the file is served for good."""
        return asset_url(self.app, self.digest, path)

    @property
    def modules(self) -> tuple[ReleaseFile, ...]:
        """The JavaScript modules of the release."""
        return tuple(file for file in self.files if is_module(file.path))

    def to_document(self) -> dict[str, Any]:
        """Return the release as its schema says (``manifest/schema/release.schema.json``)."""
        return {
            "app": self.app,
            "team": self.team,
            "name": self.name,
            "version": self.version,
            "digest": self.digest,
            "manifest": dict(self.manifest.document),
            "files": [
                {
                    "path": file.path,
                    "size": file.size,
                    "contentType": file.content_type,
                    "integrity": file.integrity,
                    "url": self.url(file.path),
                }
                for file in self.files
            ],
            "createdAt": self.created_at.isoformat(timespec="milliseconds"),
            "creator": self.creator,
        }

    @cached_property
    def entry_modules(self) -> tuple[str, ...]:
        """URLs of the release's own modules that its entry imports statically, without the entry, in loading order."""
        found: dict[str, None] = {}
        waiting = [] if self.manifest.entry is None else [self.manifest.entry]
        while waiting:
            path = waiting.pop(0)
            file = self.file(path)
            if path in found or file is None:
                continue
            found[path] = None
            own = (one.specifier for one in file.imports if not one.dynamic and not is_bare(one.specifier))
            waiting += [other for specifier in own if (other := resolve(path, specifier)) is not None]
        return tuple(self.url(path) for path in found)[1:]

    @cached_property
    def works_offline(self) -> bool:
        """Whether it keeps anything on the device: its manifest says so, or one of its modules imports what does it."""
        imported = (one.specifier for file in self.files for one in file.imports)
        return self.manifest.offline is not None or OFFLINE in imported

    @cached_property
    def fragment(self) -> Fragment:
        """What the release brings to a channel, worked out once."""
        return fragment_of(self)

    @cached_property
    def _by_path(self) -> dict[str, ReleaseFile]:
        return {file.path: file for file in self.files}


def make_release(
    manifest: AppManifest,
    files: Iterable[ReleaseFile],
    *,
    created_at: datetime,
    creator: str,
    guest: frozenset[str] = frozenset(),
) -> Release:
    """Return the release of these files; its digest depends on them alone."""
    ordered = tuple(sorted(files, key=lambda file: file.path))
    return Release(
        app=manifest.app,
        team=manifest.team,
        name=manifest.name,
        digest=content_digest(ordered),
        version=manifest.version,
        manifest=manifest,
        files=ordered,
        created_at=created_at,
        creator=creator,
        guest=guest,
    )


@lru_cache(maxsize=4096)
def asset_url(app: str, digest: str, path: str) -> str:
    """Return ``/a/<app>/<digest>/<path>``, percent-encoded."""
    return f"/a/{app}/{digest}/{quote(path, safe=_PATH_SAFE)}"
