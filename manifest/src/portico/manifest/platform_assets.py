"""The platform's own built files (runtime, sdk, styles), served as a release's are."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from portico.manifest.compression import Encoding, variants_of
from portico.manifest.content_types import content_type, effort_of
from portico.manifest.errors import AssetMissing
from portico.manifest.import_map import Module
from portico.manifest.release import ReleaseFile, asset_url, content_digest, integrity_of

PLATFORM = "_portico"
"""Stands where an app's short name stands in URLs; no app can be called so."""


@dataclass(frozen=True)
class PlatformAssets:
    """A folder of built files, kept in memory with their compressed variants; ``digest`` names their content."""

    digest: str
    files: Mapping[str, ReleaseFile]
    _variants: Mapping[str, Mapping[Encoding | None, bytes]]

    @classmethod
    def load(cls, folder: Path) -> "PlatformAssets":
        """Read every file below ``folder`` and compress it; CPU-bound, a few ten milliseconds for a small runtime."""
        contents = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        files = {
            name: ReleaseFile(name, len(content), content_type(name), integrity_of(content))
            for name, content in sorted(contents.items())
        }
        variants = {name: variants_of(content, effort_of(name)) for name, content in contents.items()}
        return cls(content_digest(files.values()), MappingProxyType(files), MappingProxyType(variants))

    def url(self, path: str) -> str:
        """Return the path-absolute URL of a file; raises ``KeyError`` when there is none."""
        return asset_url(PLATFORM, self.digest, self.files[path].path)

    def integrity(self, path: str) -> str:
        """Return the integrity of a file (``sha384-...``); raises ``KeyError`` when there is none."""
        return self.files[path].integrity

    def module(self, path: str) -> Module:
        """Return a file as a module for the import map; raises ``KeyError`` when there is none."""
        return Module(self.url(path), self.integrity(path))

    def content(self, path: str) -> bytes:
        """Return the content of a file; raises ``KeyError`` when there is none."""
        return self._variants[path][None]

    def variants(self, path: str) -> Mapping[Encoding | None, bytes]:
        """Return the content (``None``) and each variant; raises ``KeyError`` when there is no such file."""
        return self._variants[path]

    async def sizes(self, path: str) -> Mapping[Encoding | None, int]:
        """Return the bytes of the file (``None``) and of each variant."""
        return {encoding: len(content) for encoding, content in self._variants[path].items()}

    async def read(self, path: str, encoding: Encoding | None) -> AsyncIterator[bytes]:
        """Yield the content of the file or of a variant."""
        try:
            yield self._variants[path][encoding]
        except KeyError as error:
            raise AssetMissing(path) from error
