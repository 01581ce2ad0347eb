"""The state of a channel: one revision with its releases, from which each person's snapshot is selected."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from portico.manifest.channel import ChannelRevision
from portico.manifest.channel_entry import ChannelEntry
from portico.manifest.cohort import chosen
from portico.manifest.release import Release
from portico.manifest.snapshot import Snapshot, revision_etag

_NOTHING: Mapping[str, Release] = MappingProxyType({})
_MOST_SELECTIONS = 256
"""How many selections of one revision are kept, the latest used."""


@dataclass(frozen=True, eq=False)
class ChannelState:
    """A revision and its releases by digest. Immutable; equal selections are one snapshot as long as it is kept."""

    revision: ChannelRevision
    releases: Mapping[str, Release]
    _selections: dict[tuple[str, ...], Snapshot] = field(default_factory=dict, init=False, repr=False)

    @property
    def is_split(self) -> bool:
        """Whether some people are shown other releases than others."""
        return bool(self.split)

    @cached_property
    def split(self) -> tuple[ChannelEntry, ...]:
        """The apps that have two releases."""
        return tuple(entry for entry in self.revision.entries if entry.candidate is not None)

    def select(self, visitor: str | None = None, overrides: Mapping[str, Release] = _NOTHING) -> Snapshot:
        """Return what a visitor is shown: of each app the release of the visitor's side, or the one in ``overrides``.

        ``visitor`` is a stable key of a person or browser; without one, every app is its stable release. ``overrides``
        holds releases by app, also of apps that the channel does not hold.
        """
        sides = {entry.app: _side(entry, visitor) for entry in self.split}
        key = (*(f"{app}={digest}" for app, digest in sides.items() if app not in overrides),)
        key += (*(f"{app}:{release.digest}" for app, release in sorted(overrides.items())),)
        known = self._selections.pop(key, None)
        if known is None:
            known = self._selected(sides, overrides)
        self._selections[key] = known
        if len(self._selections) > _MOST_SELECTIONS:
            self._selections.pop(next(iter(self._selections)))
        return known

    def _selected(self, sides: Mapping[str, str], overrides: Mapping[str, Release]) -> Snapshot:
        shown = {
            entry.app: self.releases[sides.get(entry.app, entry.stable.digest)]
            for entry in self.revision.entries
            if entry.app not in overrides
        } | dict(overrides)
        return Snapshot(
            channel=self.revision.channel,
            revision=self.revision.number,
            releases=tuple(shown[app] for app in sorted(shown)),
            etag=_etag(self.revision.number, {app: shown[app].digest for app in sides.keys() | overrides.keys()}),
            externals=self.revision.externals,
            scopes=self.revision.scopes,
            extra=self.revision.extra,
        )


def _side(entry: ChannelEntry, visitor: str | None) -> str:
    candidate = entry.candidate
    if candidate is None or visitor is None:
        return entry.stable.digest
    here = chosen(entry.app, candidate.digest, visitor, candidate.weight)
    return candidate.digest if here else entry.stable.digest


def _etag(number: int, selection: Mapping[str, str]) -> str:
    if not selection:
        return revision_etag(number)
    text = "\n".join(f"{app}={digest}" for app, digest in sorted(selection.items()))
    return f'"{number}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
