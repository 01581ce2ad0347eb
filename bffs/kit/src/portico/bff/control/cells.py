"""The cells of a decision table: `-`, `< 10`, `[1..5)`, `"a", "b"` (unary tests of DMN's S-FEEL)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

Value = Decimal | str

_NUMBER: Final = r"-?\d+(?:\.\d+)?"
_COMPARISON = re.compile(rf"(<=|>=|<|>|)\s*({_NUMBER})")
_RANGE = re.compile(rf"([\[(])\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*([\])])")
_TEXT = re.compile(r'"([^"]*)"')
_NUMBERS: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


@dataclass(frozen=True)
class Cell:
    """A condition on one input. ``bounds`` are the values at which its answer may change; all between two are alike."""

    text: str
    holds: Callable[[Value], bool]
    bounds: tuple[Value, ...]


def read_cell(text: str, kind: type[Value]) -> Cell:
    """Read a condition on numbers (``Decimal``) or on texts; raises ``ValueError`` that says what may be written."""
    text = text.strip()
    if text in {"-", ""}:
        return Cell("-", lambda _: True, ())
    if kind is str:
        return _texts(text)
    if found := _RANGE.fullmatch(text):
        return _range(text, *found.groups())
    if found := _COMPARISON.fullmatch(text):
        compare, bound = _NUMBERS[found[1]], Decimal(found[2])
        return Cell(text, lambda value: isinstance(value, Decimal) and compare(value, bound), (bound,))
    raise ValueError(f"{text!r} is no condition on a number: write -, 5, < 5, <= 5, > 5, >= 5 or [1..5)")


def samples(cells: Iterable[Cell], kind: type[Value]) -> list[Value]:
    """One value of every range in which all cells answer alike: what holds for these holds for every value."""
    bounds = {bound for cell in cells for bound in cell.bounds}
    if kind is str:
        return [*sorted(str(bound) for bound in bounds), "\0any other"]
    numbers = sorted(bound for bound in bounds if isinstance(bound, Decimal))
    if not numbers:
        return [Decimal(0)]
    between = [(low + high) / 2 for low, high in itertools.pairwise(numbers)]
    return [numbers[0] - 1, *numbers, *between, numbers[-1] + 1]


def _range(text: str, opening: str, low: str, high: str, closing: str) -> Cell:
    first, last = Decimal(low), Decimal(high)
    if first > last:
        raise ValueError(f"{text!r} is empty: it begins after its end")
    above = _NUMBERS[">=" if opening == "[" else ">"]
    below = _NUMBERS["<=" if closing == "]" else "<"]
    return Cell(
        text, lambda value: isinstance(value, Decimal) and above(value, first) and below(value, last), (first, last)
    )


def _texts(text: str) -> Cell:
    parts = [part.strip() for part in text.split(",")]
    found = [_TEXT.fullmatch(part) for part in parts]
    if not all(found):
        raise ValueError(f'{text!r} is no condition on a text: write -, "a" or "a", "b"')
    wanted = tuple(one[1] for one in found if one)
    return Cell(text, lambda value: value in wanted, wanted)
