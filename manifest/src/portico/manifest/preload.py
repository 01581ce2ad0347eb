"""Which modules a page will need as soon as it loads one: its static imports, theirs, and so on."""

from portico.manifest.import_map import ImportMap, Module
from portico.manifest.release import Release, ReleaseFile
from portico.manifest.snapshot import Snapshot
from portico.manifest.validation import resolve


def preloads(snapshot: Snapshot, imports: ImportMap, release: Release, path: str) -> tuple[Module, ...]:
    """Return the module at ``path`` of ``release`` and all that it imports statically, each once, in loading order.

    For ``<link rel="modulepreload" integrity>``. Modules of the platform are listed, not followed. ``imports`` is the
    snapshot's own map.
    """
    found: dict[str, Module] = {}
    waiting = [release.url(path)]
    while waiting:
        url = waiting.pop(0)
        if url in found or url not in imports.integrity:
            continue
        found[url] = Module(url, imports.integrity[url])
        if url in snapshot.modules:
            waiting += _imported(*snapshot.modules[url], imports)
    return tuple(found.values())


def _imported(release: Release, file: ReleaseFile, imports: ImportMap) -> list[str]:
    urls = []
    for one in file.imports:
        if one.dynamic:
            continue
        if one.specifier in imports.imports:
            urls.append(imports.imports[one.specifier])
        elif path := resolve(file.path, one.specifier):
            urls.append(release.url(path))
    return urls
