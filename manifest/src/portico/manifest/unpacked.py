"""The files of a built app on this machine's disk, before they become a release."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portico.manifest.app_manifest import FILE_NAME, AppManifest
from portico.manifest.content_types import content_type, is_module
from portico.manifest.errors import Finding, InvalidArchive, InvalidRelease
from portico.manifest.release import ReleaseFile, integrity_of

MAX_MANIFEST = 64 << 10
"""The largest ``app.json``, in bytes."""
MAX_MODULES = 300
"""How many JavaScript modules a release may have: each has its integrity in every page's import map."""


@dataclass(frozen=True, slots=True)
class UnpackedApp:
    """A built app: the path of each file in the release, and where its content is now."""

    files: Mapping[str, Path]

    @classmethod
    def of_folder(cls, folder: Path) -> "UnpackedApp":
        """Return the app built into ``folder``: every file below it, except hidden ones."""
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        relative = {path.relative_to(folder): path for path in found}
        visible = {name: path for name, path in relative.items() if not any(part[0] == "." for part in name.parts)}
        return cls({name.as_posix(): path for name, path in visible.items()})

    def manifest(self) -> AppManifest:
        """Read ``app.json``; raises ``InvalidArchive`` when it is not there, ``InvalidManifest`` when it is wrong.

        Up to a tenth of a second of work for a hostile one: keep it off the event loop.
        """
        path = self.files.get(FILE_NAME)
        if path is None:
            deeper = next((name for name in sorted(self.files) if name.endswith("/" + FILE_NAME)), None)
            hint = f"; found {deeper}: pack what is inside that folder, not the folder" if deeper else ""
            raise InvalidArchive([Finding(f"file:{FILE_NAME}", f"is not at the top of the archive{hint}")])
        if path.stat().st_size > MAX_MANIFEST:
            raise InvalidArchive([Finding(f"file:{FILE_NAME}", f"is larger than {MAX_MANIFEST} bytes")])
        return AppManifest.parse(path.read_bytes())

    def describe(self) -> tuple[ReleaseFile, ...]:
        """Return what a release keeps of every file, without imports. Reads and hashes everything."""
        return tuple(_described(name, path) for name, path in self.files.items())

    def modules(self) -> dict[str, Path]:
        """Return the JavaScript modules and where they are; raises ``InvalidRelease`` when there are too many."""
        found = {name: path for name, path in self.files.items() if is_module(name)}
        if len(found) > MAX_MODULES:
            detail = f"has {len(found)} JavaScript modules; at most {MAX_MODULES} are taken: let the build join them"
            raise InvalidRelease([Finding("archive", detail)])
        return found


def _described(name: str, path: Path) -> ReleaseFile:
    with path.open("rb") as content:
        integrity = integrity_of(content)
    return ReleaseFile(name, path.stat().st_size, content_type(name), integrity)
