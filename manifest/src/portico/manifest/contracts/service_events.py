"""Whether services understand each other's events: every teller in a channel against every listener.

Events are not like messages in a page: the hub keeps them, and a rule hears a type in whichever version it comes. So
who hears a type must take every version of it that its teller's releases name, and those are all that are still on the
hub. A type that somebody hears may not cease while they do.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from portico.manifest.app_manifest import AppManifest, HeardEvent, ServiceEvents
from portico.manifest.assets import AssetStore
from portico.manifest.contracts.comparison import compared, wrong
from portico.manifest.contracts.documents import new_texts, text_of
from portico.manifest.errors import Finding
from portico.manifest.release import Release
from portico.manifest.well_formed import pointer

_NOTHING = ServiceEvents()


def events_of(manifest: AppManifest) -> ServiceEvents:
    """What the app's service tells and hears."""
    return manifest.bff.events if manifest.bff is not None else _NOTHING


def named_event_schemas(manifest: AppManifest) -> Iterator[tuple[str, str]]:
    """Yield the place and the path of each schema; one file may be named in several places."""
    events = events_of(manifest)
    for name, path in events.publishes.items():
        yield pointer("bff", "events", "publishes", name), path
    for number, heard in enumerate(events.consumes):
        if heard.schema is not None:
            yield pointer("bff", "events", "consumes", number, "schema"), heard.schema


class _Side:
    """One release with the texts of its schemas."""

    def __init__(self, manifest: AppManifest, texts: Mapping[str, str]) -> None:
        self.app = manifest.app
        self.events = events_of(manifest)
        self.texts = texts
        self.there = f"{manifest.name} {manifest.version}, which is in the channel,"

    def heard_of(self, teller: str) -> dict[str, list[tuple[int, HeardEvent]]]:
        """What it hears of a service, by type, each with its place in the list."""
        found: dict[str, list[tuple[int, HeardEvent]]] = {}
        for number, heard in enumerate(self.events.consumes):
            if heard.teller == teller:
                found.setdefault(heard.type, []).append((number, heard))
        return found

    def told(self, type_: str) -> list[str]:
        """The versions of a type that it tells, as ``type/version``."""
        return sorted(name for name in self.events.publishes if name.partition("/")[0] == type_)


class ServiceEventContracts:
    """Compares what services tell with what others, or they themselves, hear."""

    def __init__(self, assets: AssetStore) -> None:
        self._assets = assets

    async def check_own(self, manifest: AppManifest, files: Mapping[str, Path]) -> list[Finding]:
        """Return what is wrong with the schemas of a release that is not kept yet, each and beside one another."""
        places = list(named_event_schemas(manifest))
        texts, findings = await new_texts({path: place for place, path in places}, files)
        findings += [
            Finding(place, f"{path}: {why}"[:500])
            for place, path in places
            if path in texts and (why := wrong(texts[path])) is not None
        ]
        own = _Side(manifest, texts)
        return findings or await _hears(own, own, "the service itself")

    async def check_beside(
        self, release: Release, before: Iterable[Release], files: Mapping[str, Path] | None = None
    ) -> list[Finding]:
        """Return what would not be understood once ``release`` is in a channel beside the releases ``before``.

        ``files`` are the release's own while the asset store does not have them yet.
        """
        others = [one for one in before if events_of(one.manifest) != _NOTHING]
        own = await self._side(release, files)
        findings: list[Finding] = []
        told_before = {
            name.partition("/")[0] for one in others if one.app == own.app for name in events_of(one.manifest).publishes
        }
        for other in others:
            there = await self._side(other)
            findings += await _is_heard(own, there)
            findings += await _hears(own, there, there.there)
            if there.app != own.app:
                findings += _ceases(own, there, told_before)
        return list(dict.fromkeys(findings))

    async def _side(self, release: Release, files: Mapping[str, Path] | None = None) -> _Side:
        paths = {path for _, path in named_event_schemas(release.manifest)}
        return _Side(
            release.manifest, {path: await text_of(self._assets, release, path, files) for path in sorted(paths)}
        )


async def _hears(own: _Side, teller: _Side, who: str) -> list[Finding]:
    """Find what of a teller's events ``own`` does not take; the places are in what it consumes."""
    findings: list[Finding] = []
    for type_, heard in own.heard_of(teller.app).items():
        for name, entries in _by_version(teller.told(type_), heard):
            if not entries:
                place = pointer("bff", "events", "consumes", heard[0][0], "event")
                findings.append(Finding(place, f"{who} also tells {name}; say that it is read as well"))
            for number, one in entries:
                place = pointer("bff", "events", "consumes", number)
                findings += await _compared(place, f"{who} tells {name}", teller, own, one)
    return findings


async def _is_heard(own: _Side, hearer: _Side) -> list[Finding]:
    """Find what of ``own``'s events a service that hears them does not take; the places are in what it publishes."""
    findings: list[Finding] = []
    for type_, heard in hearer.heard_of(own.app).items():
        for name, entries in _by_version(own.told(type_), heard):
            place = pointer("bff", "events", "publishes", name)
            if not entries:
                known = ", ".join(sorted({one.event for _, one in heard}))
                findings.append(Finding(place, f"{hearer.there} reads {known} alone; it has to learn {name} first"))
            for _, one in entries:
                findings += await _compared(place, f"{hearer.there} reads it", own, hearer, one)
    return findings


async def _compared(place: str, who: str, teller: _Side, hearer: _Side, heard: HeardEvent) -> list[Finding]:
    sent = teller.texts.get(teller.events.publishes[heard.event])
    taken = None if heard.schema is None else hearer.texts.get(heard.schema)
    return [] if sent is None or taken is None else await compared(place, who, sent, taken)


def _ceases(own: _Side, hearer: _Side, told_before: set[str]) -> list[Finding]:
    place = pointer("bff", "events", "publishes")
    return [
        Finding(place, f"{hearer.there} reads {type_}, which is told no more")
        for type_ in sorted(hearer.heard_of(own.app).keys() & told_before)
        if not own.told(type_)
    ]


def _by_version(
    told: Iterable[str], heard: Iterable[tuple[int, HeardEvent]]
) -> Iterator[tuple[str, list[tuple[int, HeardEvent]]]]:
    entries = list(heard)
    for name in told:
        yield name, [(number, one) for number, one in entries if one.event == name]
