"""Results as tables, for the terminal and for the record."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Figure

_LIBRARIES = ("granian", "starlette", "strawberry-graphql", "joserfc", "aiohttp", "apsw")


@dataclass(frozen=True, slots=True)
class Table:
    """One benchmark's result. The first column is words, the others are figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    remarks: Sequence[str] = ()

    def text(self) -> str:
        """The table for a terminal."""
        widths = [max(len(row[place]) for row in (self.columns, *self.rows)) for place in range(len(self.columns))]
        lines = [_line(row, widths) for row in (self.columns, *self.rows)]
        lines.insert(1, "-" * len(lines[0]))
        return "\n".join([self.title, "", *lines, *(f"  {remark}" for remark in self.remarks)])

    def markdown(self) -> str:
        """The table for a Markdown document."""
        rows = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *self.rows]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([f"## {self.title}", "", *lines, *(f"\n{remark}" for remark in self.remarks)])


COST_COLUMNS = ("", "CPU µs", "times floor", "over floor", "least to most")


def cost_rows(figures: Mapping[str, Figure], floors: Mapping[str, str]) -> list[list[str]]:
    """A row per figure, for COST_COLUMNS; `floors` names the floor of each case that has one."""
    return [_cost_row(name, figure, figures.get(floors.get(name, ""))) for name, figure in figures.items()]


def machine() -> str:
    """One line about this machine and what runs on it."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores ({_processor()}), Python {platform.python_version()}, {libraries}"


def _cost_row(name: str, figure: Figure, floor: Figure | None) -> list[str]:
    low, high = figure.spread
    against = ["floor", ""] if floor is None else [f"{figure.ratio(floor):.2f}", f"{figure.over(floor):+.0f}"]
    return [name, _micro(figure.median), *against, f"{_micro(low)} to {_micro(high)}"]


def _micro(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)])


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
