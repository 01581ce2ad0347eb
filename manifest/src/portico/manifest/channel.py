"""Channels: named pointers to releases. Every change makes the next revision; history is never rewritten."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import compress
from operator import attrgetter, is_not
from types import MappingProxyType
from typing import Any, TypeVar

from portico.manifest.channel_entry import (
    WHOLE,
    Authorship,
    Change,
    ChannelEntry,
    External,
    Kind,
    WeightedRelease,
    external_document,
    releases_document,
    releases_from,
)
from portico.manifest.errors import Finding, InvalidChannel, UnknownApp

_EMPTY: Mapping[str, Any] = MappingProxyType({})
_by_app = attrgetter("app")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ChannelRevision:
    """One numbered state of a channel, with what made it. ``entries`` are in the order of their apps' names.

    Number 0 is the empty channel that every channel begins as; it is never stored. ``parent`` is the revision it was
    made from, ``None`` for number 0. ``externals`` are modules hosted elsewhere, by specifier; ``scopes`` and ``extra``
    (unknown members) are parts of an import map that clients of import-map-deployer put in.
    """

    channel: str
    number: int
    parent: int | None
    who: str
    at: datetime
    why: str
    entries: tuple[ChannelEntry, ...]
    externals: Mapping[str, External] = field(default_factory=lambda: _EMPTY)
    scopes: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _EMPTY)
    extra: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)

    @classmethod
    def empty(cls, channel: str) -> "ChannelRevision":
        """Return revision 0 of a channel."""
        return cls(channel, 0, None, "", datetime.fromtimestamp(0, UTC), "", ())

    def entry(self, app: str) -> ChannelEntry | None:
        """Return what the channel points to for ``app``, or ``None``."""
        place = bisect_left(self.entries, app, key=_by_app)
        found = self.entries[place] if place < len(self.entries) else None
        return found if found is not None and found.app == app else None

    @property
    def digests(self) -> tuple[str, ...]:
        """Every release that the channel points to."""
        return tuple(weighted.digest for entry in self.entries for weighted in entry.releases)

    def promote(self, app: str, digest: str, by: Authorship, weight: int = WHOLE) -> "ChannelRevision":
        """Return the next revision, in which this release has ``weight`` hundredths of the people of ``app``.

        100: it is there alone. 1 to 99: it is the candidate, in place of another one, and the app's first release has
        the others. 0: it is the candidate no longer. ``self`` when all is so already. Raises ``InvalidChannel`` when
        the app is not in the channel, or this release is not what can have that weight.
        """
        return self._with(app, (WeightedRelease(digest),) if weight == WHOLE else self._split(app, digest, weight), by)

    def retire(self, app: str, by: Authorship) -> "ChannelRevision":
        """Return the next revision, without ``app``; raises ``UnknownApp`` when it is not there."""
        if self.entry(app) is None:
            raise UnknownApp(f"channel {self.channel} does not hold {app}")
        return self._with(app, (), by)

    def rollback(self, target: "ChannelRevision", by: Authorship, *, app: str | None = None) -> "ChannelRevision":
        """Return the next revision, equal to ``target`` in whole or, with ``app``, in that app alone.

        ``self`` when it is equal already. Raises ``UnknownApp`` when neither revision holds ``app``.
        """
        if app is None:
            return self.applied(target.diff(self), by)
        wanted = target.entry(app)
        if wanted is None and self.entry(app) is None:
            raise UnknownApp(f"channel {self.channel} holds {app} in neither revision")
        return self._with(app, wanted.releases if wanted else (), by)

    def with_externals(
        self,
        changes: Mapping[str, External | None],
        by: Authorship,
        *,
        scopes: Mapping[str, Mapping[str, str] | None] = _EMPTY,
        extra: Mapping[str, Any] = _EMPTY,
    ) -> "ChannelRevision":
        """Return the next revision with these modules, scopes and unknown members set, each by name; ``None`` removes.

        What is not named stays. ``self`` when all is so already.
        """
        wanted: tuple[tuple[Kind, Mapping[str, Any], Mapping[str, Any]], ...] = (
            ("import", self.externals, changes),
            ("scope", self.scopes, scopes),
            ("extra", self.extra, extra),
        )
        different = [
            Change(kind, name, held.get(name), after)
            for kind, held, named in wanted
            for name, after in named.items()
            if held.get(name) != after
        ]
        return self.applied(different, by)

    def applied(self, changes: Iterable[Change], by: Authorship) -> "ChannelRevision":
        """Return the next revision, in which every change's name is what it is after; ``self`` without changes."""
        changes = tuple(changes)
        return self.following(changes, by) if changes else self

    def following(self, changes: Iterable[Change], by: Authorship) -> "ChannelRevision":
        """Return the next revision, as ``applied`` does, also without changes."""
        of: dict[Kind, dict[str, Any]] = {"app": {}, "import": {}, "scope": {}, "extra": {}}
        for change in changes:
            of[change.kind][change.name] = change.after
        return replace(
            self,
            number=self.number + 1,
            parent=self.number,
            who=by.who,
            at=by.at,
            why=by.why,
            entries=_entries(self.entries, of["app"]),
            externals=_merged(self.externals, of["import"]),
            scopes=_merged(self.scopes, of["scope"]),
            extra=_merged(self.extra, of["extra"]),
        )

    def diff(self, parent: "ChannelRevision") -> tuple[Change, ...]:
        """Return what changed from ``parent`` to here: apps, then imports, scopes, unknown members, each by name."""
        same = parent.entries is self.entries
        before, after = ({}, {}) if same else (_releases(parent.entries), _releases(self.entries))
        return (
            *_differences("app", before, after, ()),
            *_differences("import", parent.externals, self.externals, None),
            *_differences("scope", parent.scopes, self.scopes, None),
            *_differences("extra", parent.extra, self.extra, None),
        )

    def to_document(self) -> dict[str, Any]:
        """Return the revision as the API answers it."""
        imports = {name: external_document(external) for name, external in sorted(self.externals.items())}
        rest = {"imports": imports, "scopes": dict(self.scopes), "extra": dict(self.extra)}
        return {
            "channel": self.channel,
            "revision": self.number,
            "parent": self.parent,
            "who": self.who,
            "at": self.at.isoformat(timespec="milliseconds"),
            "why": self.why,
            "apps": entries_document(self.entries),
            **{name: value for name, value in rest.items() if value},
        }

    def _split(self, app: str, digest: str, weight: int) -> tuple[WeightedRelease, ...]:
        entry = self.entry(app)
        if entry is None:
            raise _refused_weight(f"the first release of {app} in channel {self.channel} must have weight {WHOLE}")
        if digest == entry.stable.digest:
            raise _refused_weight(
                f"release {digest} is the stable one of {app}: give the candidate its weight, or this one {WHOLE}"
            )
        if weight:
            return (WeightedRelease(entry.stable.digest, WHOLE - weight), WeightedRelease(digest, weight))
        if entry.candidate is not None and entry.candidate.digest != digest:
            raise _refused_weight(f"the candidate of {app} is {entry.candidate.digest}, not {digest}")
        return (WeightedRelease(entry.stable.digest),)

    def _with(self, app: str, releases: tuple[WeightedRelease, ...], by: Authorship) -> "ChannelRevision":
        entry = self.entry(app)
        before = entry.releases if entry else ()
        return self if before == releases else self.applied([Change("app", app, before, releases)], by)


def entries_document(entries: Iterable[ChannelEntry]) -> dict[str, list[dict[str, Any]]]:
    """Return entries as JSON: app to ``[{release, weight}]``."""
    return {entry.app: releases_document(entry.releases) for entry in entries}


def entries_from(document: Mapping[str, Any]) -> tuple[ChannelEntry, ...]:
    """Read what ``entries_document`` wrote."""
    return tuple(ChannelEntry(app, releases_from(releases)) for app, releases in sorted(document.items()))


def _releases(entries: Iterable[ChannelEntry]) -> dict[str, tuple[WeightedRelease, ...]]:
    return {entry.app: entry.releases for entry in entries}


def _entries(
    entries: tuple[ChannelEntry, ...], changed: Mapping[str, tuple[WeightedRelease, ...]]
) -> tuple[ChannelEntry, ...]:
    if not changed:
        return entries
    kept = [entry for entry in entries if entry.app not in changed]
    kept += [ChannelEntry(app, releases) for app, releases in changed.items() if releases]
    return tuple(sorted(kept, key=_by_app))


def _merged(held: Mapping[str, Value], changed: Mapping[str, Value | None]) -> Mapping[str, Value]:
    if not changed:
        return held
    kept = {**held, **changed}
    return MappingProxyType({name: value for name, value in kept.items() if value is not None})


def _differences(kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any], absent: Any) -> Iterable[Change]:
    if before is after:
        return
    # Of thousands of names a revision changes a few; the others' values are the very same objects.
    suspects = list(compress(after, map(is_not, after.values(), map(before.get, after))))
    if len(before) + sum(name not in before for name in suspects) != len(after):
        suspects += before.keys() - after.keys()
    for name in sorted(suspects):
        was, is_now = before.get(name, absent), after.get(name, absent)
        if was != is_now:
            yield Change(kind, name, was, is_now)


def _refused_weight(detail: str) -> InvalidChannel:
    return InvalidChannel([Finding("/weight", detail)])
