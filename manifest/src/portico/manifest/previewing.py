"""What a change would do: the channel's changes, and those of the import map that people are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portico.manifest.channel_entry import change_document
from portico.manifest.import_map import ImportMap, Module, import_map
from portico.manifest.release import Release
from portico.manifest.state import ChannelState


@dataclass(frozen=True, slots=True)
class Preview:
    """A channel before and after a change that was checked and not made. Both are one when nothing would change."""

    before: ChannelState
    after: ChannelState

    def to_document(self, platform: Mapping[str, Module]) -> dict[str, Any]:
        """Return ``{changes, importMap: {added, removed, changed}}``.

        The import map is that of those who get the change: a candidate's people, when an app is given one. A module of
        a scope is named ``<specifier> in <scope>``.
        """
        changes = self.after.revision.diff(self.before.revision)
        before = _modules(import_map(self.before.select(), platform))
        after = _modules(import_map(self.after.select(overrides=self._candidates()), platform))
        return {
            "changes": [change_document(change) for change in changes],
            "importMap": {
                "added": {name: after[name] for name in sorted(after.keys() - before.keys())},
                "removed": {name: before[name] for name in sorted(before.keys() - after.keys())},
                "changed": {
                    name: {"before": before[name], "after": after[name]}
                    for name in sorted(before.keys() & after.keys())
                    if before[name] != after[name]
                },
            },
        }

    def _candidates(self) -> dict[str, Release]:
        """Return the candidates that the change brings, by app."""
        apps = {change.name for change in self.after.revision.diff(self.before.revision) if change.kind == "app"}
        return {
            entry.app: self.after.releases[entry.candidate.digest]
            for entry in self.after.split
            if entry.candidate is not None and entry.app in apps
        }


def _modules(mapped: ImportMap) -> dict[str, str]:
    scoped = {
        f"{specifier} in {scope}": url for scope, imports in mapped.scopes.items() for specifier, url in imports.items()
    }
    return {**mapped.imports, **scoped}
