"""Checks of a channel that follow it: what a change touches is checked against indexes of all the rest."""

from collections.abc import Mapping

from portico.manifest.channel_index import ChannelIndex
from portico.manifest.errors import Finding
from portico.manifest.externals import check_scopes
from portico.manifest.import_map import Module
from portico.manifest.release import Release
from portico.manifest.state import ChannelState


class ChannelChecks:
    """The indexes of one channel, brought to the state that a change is made from."""

    def __init__(self, platform: Mapping[str, Module]) -> None:
        self._index = ChannelIndex(platform)
        self._at: ChannelState | None = None

    def findings(self, before: ChannelState, after: ChannelState) -> list[Finding]:
        """Return what would be wrong after the change from ``before`` to ``after``."""
        self._follow(before)
        found = self._index.check(_changed(before, after), after.revision.externals)
        return found + (check_scopes(after.revision.scopes) if after.revision.scopes != before.revision.scopes else [])

    def _follow(self, state: ChannelState) -> None:
        if self._at is not state:
            for app, releases in _changed(self._at, state).items():
                self._index.put(app, releases)
            self._index.set_externals(state.revision.externals)
            self._at = state


def _changed(before: ChannelState | None, after: ChannelState) -> Mapping[str, list[Release]]:
    if before is None:
        return {entry.app: [after.releases[one.digest] for one in entry.releases] for entry in after.revision.entries}
    return {
        change.name: [after.releases[one.digest] for one in change.after]
        for change in after.revision.diff(before.revision)
        if change.kind == "app"
    }
