"""How many lines there were of each kind, since the process began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from portico.host.rum.batch import Batch

OTHER = "other"
"""Stands for every app that the channel does not hold: names come from anybody, and a counter's labels must be few."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is counted: lines of an app at a level."""

    app: str
    level: str


class Counts:
    """Counters that only grow, for whoever reads metrics."""

    def __init__(self) -> None:
        self._lines: Counter[Label] = Counter()
        self.dropped = 0
        self.refused = 0

    @property
    def lines(self) -> Mapping[Label, int]:
        """The lines so far."""
        return self._lines

    def add(self, batch: Batch, apps: frozenset[str]) -> None:
        """Count a batch; ``apps`` are the full names that there are."""
        for record in batch.records:
            self._lines[Label(record.app if record.app in apps else OTHER, record.level)] += 1
        self.dropped += batch.dropped
