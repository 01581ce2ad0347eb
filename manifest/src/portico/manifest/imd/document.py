"""The whole map of a channel, as clients of import-map-deployer read it."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from portico.manifest.import_map import Module, import_map
from portico.manifest.snapshot import Snapshot


class MapDocuments:
    """Maps as JSON, each made once for a snapshot: what changes together is answered with the same bytes."""

    def __init__(self, platform: Mapping[str, Module], *, alphabetical: bool) -> None:
        self._platform = platform
        self._alphabetical = alphabetical
        self._made: WeakKeyDictionary[Snapshot, bytes] = WeakKeyDictionary()

    def of(self, snapshot: Snapshot) -> bytes:
        """Return the map of a snapshot."""
        known = self._made.get(snapshot)
        if known is None:
            known = self._made[snapshot] = _encoded(self._document(snapshot), self._alphabetical)
        return known

    def _document(self, snapshot: Snapshot) -> dict[str, Any]:
        made = import_map(snapshot, self._platform)
        document = {**made.extra, "imports": dict(made.imports), "scopes": dict(made.scopes)}
        if made.integrity:
            document["integrity"] = dict(made.integrity)
        return document


def _encoded(document: dict[str, Any], alphabetical: bool) -> bytes:
    return msgspec.json.encode(document, order="sorted" if alphabetical else None)
