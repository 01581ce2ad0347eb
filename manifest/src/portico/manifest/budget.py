"""Size budgets: how much a browser must load of a release before the app can mount."""

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from portico.manifest.app_manifest import AppManifest
from portico.manifest.errors import Finding
from portico.manifest.release import ReleaseFile
from portico.manifest.specifiers import is_relative, resolve
from portico.manifest.well_formed import pointer

_BLOCK = 1 << 18
_GZIP = 31
"""zlib's window size for the format of gzip."""


async def check_budget(
    manifest: AppManifest, files: Sequence[ReleaseFile], paths: Mapping[str, Path], default_kb: int | None
) -> list[Finding]:
    """Return a finding when the entry and what it imports statically are larger than the budget, gzip.

    The budget is the app's own or else ``default_kb``, in kilobytes of 1000 bytes; ``None`` is no limit. Modules that
    other releases share do not count: they are loaded once for everybody.
    """
    budget = manifest.entry_budget_kb or default_kb
    if budget is None or manifest.entry is None:
        return []
    modules = static_modules(files, manifest.entry)
    sizes = {path: await asyncio.to_thread(gzip_size, paths[path]) for path in modules}
    total = sum(sizes.values())
    if total <= budget * 1000:
        return []
    largest = sorted(sizes, key=lambda path: (-sizes[path], path))[:3]
    shown = ", ".join(f"{path} {_kb(sizes[path])}" for path in largest)
    whose = "its budget" if manifest.entry_budget_kb else "this host's budget"
    place = pointer("budget", "entryKb") if manifest.entry_budget_kb else pointer("entry")
    what = f"{manifest.entry} and what it imports statically ({len(modules)} modules) have {_kb(total)} gzip"
    return [Finding(place, f"{what}; {whose} is {budget} kB. The largest: {shown}")]


def static_modules(files: Sequence[ReleaseFile], entry: str) -> list[str]:
    """Return the entry and the release's own modules that it imports statically, theirs, and so on."""
    known = {file.path: file for file in files}
    found: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        path = waiting.pop()
        if path not in known or path in found:
            continue
        found[path] = None
        static = (one.specifier for one in known[path].imports if not one.dynamic and is_relative(one.specifier))
        waiting += [target for specifier in static if (target := resolve(path, specifier)) is not None]
    return list(found)


def gzip_size(path: Path) -> int:
    """Return how many bytes a file has as gzip (level 6, as servers send it); reads it in blocks."""
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    size = 0
    with path.open("rb") as content:
        while block := content.read(_BLOCK):
            size += len(packer.compress(block))
    return size + len(packer.flush())


def _kb(size: int) -> str:
    return f"{size / 1000:.1f} kB"
