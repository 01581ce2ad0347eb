"""The verdict over a schedule: what the ledger says against what the person was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """What a person was told of one command. Not `kept`: they were told nothing, as the browser died that moment."""

    mark: str
    lane: str | None
    kept: bool
    discarded: bool = False


def complaints(told: Sequence[Told], waiting: Collection[str], lines: Sequence[tuple[str, str]]) -> list[str]:
    """What is wrong, in words; nothing when the promise held.

    `told` is in the order in which the person did things; `waiting` are the marks that they can see in the queue;
    `lines` is the ledger, `(place, mark)` in the order of the commits.
    """
    written = Counter(mark for _, mark in lines)
    known = {one.mark: one for one in told}
    found = [f"{mark} took effect {times} times" for mark, times in written.items() if times > 1]
    found += [f"{mark} took effect, and nobody asked for it" for mark in written if mark not in known]
    found += [f"{one.mark} is lost" for one in told if _is_lost(one, waiting, written)]
    found += [f"{mark} took effect, and is still shown as waiting" for mark in waiting if written[mark]]
    for lane in {one.lane for one in told if one.lane is not None}:
        asked = [one.mark for one in told if one.lane == lane and written[one.mark]]
        done = list(dict.fromkeys(mark for place, mark in lines if place == lane and mark in known))
        if asked != done:
            found.append(f"lane {lane} ran as {done}, not as {asked}")
    return found


def _is_lost(one: Told, waiting: Collection[str], written: Counter[str]) -> bool:
    return one.kept and not one.discarded and one.mark not in waiting and not written[one.mark]
