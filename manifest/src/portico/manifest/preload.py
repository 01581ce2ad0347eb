"""Which modules a page will need as soon as it loads one: its static imports, theirs, and so on; or ever."""

from collections.abc import Iterable

from portico.manifest.import_map import ImportMap, Module
from portico.manifest.release import Release, ReleaseFile
from portico.manifest.snapshot import Snapshot
from portico.manifest.specifiers import is_bare, resolve


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


def reachable(snapshot: Snapshot, imports: ImportMap, releases: Iterable[Release]) -> tuple[Module, ...]:
    """Return every module of these releases and all that they import, now or later, of whatever release; each once.

    That is what a browser must hold to run them without a network. Of imports whose specifier is an expression only
    modules of the same release are known. ``imports`` is the snapshot's own map.
    """
    waiting = [release.url(file.path) for release in releases for file in release.modules]
    found: dict[str, Module] = {}
    while waiting:
        url = waiting.pop()
        if url in found or url not in imports.integrity:
            continue
        found[url] = Module(url, imports.integrity[url])
        if url in snapshot.modules:
            waiting += _imported(*snapshot.modules[url], imports, dynamic=True)
    return tuple(found[url] for url in sorted(found))


def _imported(release: Release, file: ReleaseFile, imports: ImportMap, *, dynamic: bool = False) -> list[str]:
    urls = []
    referrer = release.url(file.path)
    for one in file.imports:
        if one.dynamic and not dynamic:
            continue
        if is_bare(one.specifier):
            url = imports.resolve(one.specifier, referrer)
        else:
            path = resolve(file.path, one.specifier)
            url = None if path is None else release.url(path)
        if url is not None:
            urls.append(url)
    return urls
