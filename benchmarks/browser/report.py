"""The browser benchmark's table: a row per contestant, ratios against the page by hand, and the goals."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from operator import attrgetter

from benchmarks.browser.contestants import FLOOR, PORTICO, SINGLE_SPA
from benchmarks.browser.driver import Start, Switching, Throttle, all_samples
from benchmarks.measure import Figure
from benchmarks.table import Table

COLUMNS = (
    "",
    "first mount ms",
    "times floor",
    "kB to it",
    "requests to it",
    "kB in all",
    "requests in all",
    "switch ms",
    "times floor",
    "p95 ms",
    "heap of 2nd half, kB",
    "layout shift",
    "long tasks",
)
_NAMES = {SINGLE_SPA: "single-spa + layout", FLOOR: "by hand (floor)", PORTICO: "Portico"}


def table(
    starts: Mapping[str, Sequence[Start]], switched: Mapping[str, Switching], throttle: Throttle, loaded: str
) -> Table:
    """What was measured; ratios are the medians of the ratios within the rounds."""
    firsts = {name: Figure(tuple(start.first_ms for start in found)) for name, found in starts.items()}
    medians = {name: Figure(tuple(map(statistics.median, found.blocks))) for name, found in switched.items()}
    rows = []
    for name, found in starts.items():
        samples = all_samples(switched[name].blocks)
        heap = switched[name].heap
        rows.append(
            [
                _NAMES.get(name, name),
                f"{firsts[name].median:.0f}",
                _ratio(name, firsts),
                _kb(statistics.median(start.early_bytes for start in found)),
                f"{statistics.median(start.early_requests for start in found):.0f}",
                _kb(statistics.median(start.bytes for start in found)),
                f"{statistics.median(start.requests for start in found):.0f}",
                f"{statistics.median(samples):.2f}",
                _ratio(name, medians),
                f"{samples[int(len(samples) * 0.95)]:.2f}",
                _kb(heap[2] - heap[1]),
                f"{max(switched[name].shift, *(start.shift for start in found)):.3f}",
                _long_tasks(found),
            ]
        )
    return Table(f"Browser: {_about(throttle)}", COLUMNS, rows, [*_goals(firsts, medians, starts, switched), loaded])


def _goals(
    firsts: Mapping[str, Figure],
    medians: Mapping[str, Figure],
    starts: Mapping[str, Sequence[Start]],
    switched: Mapping[str, Switching],
) -> list[str]:
    first, switch = firsts[PORTICO].ratio(firsts[FLOOR]), medians[PORTICO].ratio(medians[FLOOR])
    peer = firsts[PORTICO].ratio(firsts[SINGLE_SPA])
    early, whole = (
        statistics.median(get(one) for one in starts[PORTICO])
        / statistics.median(get(one) for one in starts[SINGLE_SPA])
        for get in (attrgetter("early_bytes"), attrgetter("bytes"))
    )
    grown, floor_grown = (switched[name].heap[2] - switched[name].heap[1] for name in (PORTICO, FLOOR))
    shift = max(switched[PORTICO].shift, *(start.shift for start in starts[PORTICO]))
    longest = max((task for start in starts[PORTICO] for task in start.long_tasks), default=0)
    goals = [
        (f"first mount {first:.2f} times the floor's, goal at most 1.10", first <= 1.10),
        (f"first mount {peer:.2f} times single-spa's, goal under 1", peer < 1),
        (f"switch {switch:.2f} times the floor's, goal at most 1.3", switch <= 1.3),
        (f"bytes to the first mount {early:.2f} of single-spa's, goal under 1", early < 1),
        (f"bytes in all {whole:.2f} of single-spa's, goal under 1", whole < 1),
        (
            f"heap grew by {grown / 1000:.0f} kB in the second half of the switches, goal under 100 "
            f"(the floor's by {floor_grown / 1000:.0f})",
            grown < 100_000,
        ),
        (f"layout shift {shift:.3f}, goal 0", shift == 0),
        (f"longest task {longest:.0f} ms, goal at most 50", longest <= 50),
    ]
    return [f"{'met' if met else 'MISSED'}: {goal}" for goal, met in goals]


def _about(throttle: Throttle) -> str:
    cpu = f"processor {throttle.cpu:g} times slower" if throttle.cpu != 1 else "full speed"
    return f"{cpu}, {throttle.network or 'loopback'}"


def _ratio(name: str, figures: Mapping[str, Figure]) -> str:
    return "" if name == FLOOR else f"{figures[name].ratio(figures[FLOOR]):.2f}"


def _kb(count: float) -> str:
    return f"{count / 1000:.1f}"


def _long_tasks(starts: Sequence[Start]) -> str:
    """How many of the cold starts had one, and the longest of all."""
    having = [max(start.long_tasks) for start in starts if start.long_tasks]
    return f"{len(having)} of {len(starts)}, {max(having):.0f} ms" if having else "none"
