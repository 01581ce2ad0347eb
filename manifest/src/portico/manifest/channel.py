"""Channels: named pointers to releases. Every change makes the next revision; history is never rewritten."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from portico.manifest.errors import UnknownApp

WHOLE = 100
"""The weights of an app's releases add up to this."""


@dataclass(frozen=True, slots=True)
class WeightedRelease:
    """A release with its share of the people, in hundredths."""

    digest: str
    weight: int = WHOLE


@dataclass(frozen=True, slots=True)
class ChannelEntry:
    """What a channel points to for one app."""

    app: str
    releases: tuple[WeightedRelease, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of one app between two revisions: releases before and after, empty where it was not there."""

    app: str
    before: tuple[WeightedRelease, ...]
    after: tuple[WeightedRelease, ...]


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who changes a channel, when (aware, UTC) and why."""

    who: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class ChannelRevision:
    """One numbered state of a channel, with what made it. ``entries`` are in the order of their apps' names.

    Number 0 is the empty channel that every channel begins as; it is never stored. ``parent`` is the revision it was
    made from, ``None`` for number 0.
    """

    channel: str
    number: int
    parent: int | None
    who: str
    at: datetime
    why: str
    entries: tuple[ChannelEntry, ...]

    @classmethod
    def empty(cls, channel: str) -> "ChannelRevision":
        """Return revision 0 of a channel."""
        return cls(channel, 0, None, "", datetime.fromtimestamp(0, UTC), "", ())

    def entry(self, app: str) -> ChannelEntry | None:
        """Return what the channel points to for ``app``, or ``None``."""
        return next((entry for entry in self.entries if entry.app == app), None)

    @property
    def digests(self) -> tuple[str, ...]:
        """Every release that the channel points to."""
        return tuple(weighted.digest for entry in self.entries for weighted in entry.releases)

    def promote(self, app: str, digest: str, by: Authorship) -> "ChannelRevision":
        """Return the next revision, in which ``app`` is this release alone; ``self`` when it is already."""
        return self._with(app, ChannelEntry(app, (WeightedRelease(digest),)), by)

    def retire(self, app: str, by: Authorship) -> "ChannelRevision":
        """Return the next revision, without ``app``; raises ``UnknownApp`` when it is not there."""
        if self.entry(app) is None:
            raise UnknownApp(f"channel {self.channel} does not hold {app}")
        return self._with(app, None, by)

    def rollback(self, target: "ChannelRevision", by: Authorship, *, app: str | None = None) -> "ChannelRevision":
        """Return the next revision, equal to ``target`` in whole or, with ``app``, in that app alone.

        ``self`` when it is equal already. Raises ``UnknownApp`` when neither revision holds ``app``.
        """
        if app is None:
            return self._next(target.entries, by)
        wanted = target.entry(app)
        if wanted is None and self.entry(app) is None:
            raise UnknownApp(f"channel {self.channel} holds {app} in neither revision")
        return self._with(app, wanted, by)

    def diff(self, parent: "ChannelRevision") -> tuple[Change, ...]:
        """Return what changed from ``parent`` to here, by app."""
        before = {entry.app: entry.releases for entry in parent.entries}
        after = {entry.app: entry.releases for entry in self.entries}
        return tuple(
            Change(app, before.get(app, ()), after.get(app, ()))
            for app in sorted(before.keys() | after.keys())
            if before.get(app) != after.get(app)
        )

    def to_document(self) -> dict[str, Any]:
        """Return the revision as the API answers it."""
        return {
            "channel": self.channel,
            "revision": self.number,
            "parent": self.parent,
            "who": self.who,
            "at": self.at.isoformat(timespec="milliseconds"),
            "why": self.why,
            "apps": entries_document(self.entries),
        }

    def _with(self, app: str, entry: ChannelEntry | None, by: Authorship) -> "ChannelRevision":
        others = (other for other in self.entries if other.app != app)
        return self._next(others if entry is None else (*others, entry), by)

    def _next(self, entries: Iterable[ChannelEntry], by: Authorship) -> "ChannelRevision":
        ordered = tuple(sorted(entries, key=lambda entry: entry.app))
        if ordered == self.entries:
            return self
        return ChannelRevision(self.channel, self.number + 1, self.number, by.who, by.at, by.why, ordered)


def entries_document(entries: Iterable[ChannelEntry]) -> dict[str, list[dict[str, Any]]]:
    """Return entries as JSON: app to ``[{release, weight}]``."""
    return {
        entry.app: [{"release": weighted.digest, "weight": weighted.weight} for weighted in entry.releases]
        for entry in entries
    }


def entries_from(document: Mapping[str, Any]) -> tuple[ChannelEntry, ...]:
    """Read what ``entries_document`` wrote."""
    return tuple(
        ChannelEntry(app, tuple(WeightedRelease(one["release"], one["weight"]) for one in releases))
        for app, releases in sorted(document.items())
    )
