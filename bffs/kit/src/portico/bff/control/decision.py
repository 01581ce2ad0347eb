"""Decision tables: rules that people who know the business can read, proven complete when they are read."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from portico.bff.control.cells import Cell, Value, read_cell, samples
from portico.bff.control.policies import Hit
from portico.bff.errors import BffError, DeclarationError

_MOST: Final = 100_000  # combinations that are looked at; a table with more is for nobody to read


class NoRuleApplies(BffError):
    """A value that no decision can be made for, such as a text where the table has a number."""

    code = "no-rule-applies"


@dataclass(frozen=True)
class _Row:
    number: int
    cells: tuple[Cell, ...]
    result: Mapping[str, Value]

    def holds(self, values: tuple[Value, ...]) -> bool:
        return all(cell.holds(value) for cell, value in zip(self.cells, values, strict=True))


class DecisionTable:
    """A table as it stands in the text, one column per input and output, in this order::

        DecisionTable("postage", inputs={"grams": Decimal, "zone": str}, outputs={"cents": Decimal}, rules='''
            | grams     | zone        | cents |
            | < 50      | "home"      | 85    |
            | >= 50     | "home"      | 160   |
            | -         | -           | 370   |
        ''')

    ``hit`` is the policy. Raises ``DeclarationError`` when a cell cannot be read, when no rule holds for some values
    (they are named), when two could under ``unique``, and when one never could under ``first``.
    """

    def __init__(
        self,
        name: str,
        *,
        inputs: Mapping[str, type[Value]],
        outputs: Mapping[str, type[Value]],
        rules: str,
        hit: Hit = Hit.FIRST,
    ) -> None:
        self.name = name
        self.hit = hit
        self._inputs = dict(inputs)
        self._outputs = dict(outputs)
        self._rows = self._read(rules)
        self._check()

    def decide(self, **values: int | Decimal | str) -> Mapping[str, Value]:
        """The outputs for these inputs, each given by name. Raises ``NoRuleApplies`` for values of another kind."""
        if values.keys() != self._inputs.keys():
            raise NoRuleApplies(f"{self.name} decides on {', '.join(self._inputs)}")
        given = tuple(self._value(name, values[name]) for name in self._inputs)
        return next(row.result for row in self._rows if row.holds(given))

    def _value(self, name: str, value: int | Decimal | str) -> Value:
        kind = self._inputs[name]
        if kind is Decimal and isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        if not isinstance(value, kind) or (isinstance(value, Decimal) and not value.is_finite()):
            raise NoRuleApplies(f"{self.name}: {name} is {value!r}, and no {'number' if kind is Decimal else 'text'}")
        return value

    def _read(self, rules: str) -> list[_Row]:
        lines = [line.strip() for line in rules.strip().splitlines()]
        columns, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line]
        names = [*self._inputs, *self._outputs]
        if columns != names:
            raise DeclarationError(f"table {self.name!r} has the columns {columns}; they are to be {names}")
        if not rows:
            raise DeclarationError(f"table {self.name!r} has no rules")
        return [self._row(number, row) for number, row in enumerate(rows, 1)]

    def _row(self, number: int, row: list[str]) -> _Row:
        if len(row) != len(self._inputs) + len(self._outputs):
            raise DeclarationError(f"table {self.name!r}, rule {number} has {len(row)} cells")
        try:
            cells = tuple(read_cell(text, kind) for text, kind in zip(row, self._inputs.values(), strict=False))
            texts = zip(self._outputs.items(), row[len(cells) :], strict=True)
            result = {name: text if kind is str else Decimal(text) for (name, kind), text in texts}
        except (ValueError, InvalidOperation) as error:
            raise DeclarationError(f"table {self.name!r}, rule {number}: {error}") from error
        return _Row(number, cells, result)

    def _check(self) -> None:
        """Look at one case of every kind there is."""
        columns = zip(*(row.cells for row in self._rows), strict=True)
        kinds = [samples(column, kind) for column, kind in zip(columns, self._inputs.values(), strict=True)]
        if math.prod(len(kind) for kind in kinds) > _MOST:
            raise DeclarationError(f"table {self.name!r} is too large to be proven complete: split it")
        first: set[int] = set()
        for values in itertools.product(*kinds):
            holding = [row.number for row in self._rows if row.holds(values)]
            if not holding:
                raise DeclarationError(f"table {self.name!r} has no rule for {self._told(values)}")
            if self.hit is Hit.UNIQUE and len(holding) > 1:
                raise DeclarationError(f"table {self.name!r}: rules {holding} all hold for {self._told(values)}")
            first.add(holding[0])
        if dead := [row.number for row in self._rows if row.number not in first]:
            raise DeclarationError(f"table {self.name!r}: rules {dead} can never decide, earlier ones always do")

    def _told(self, values: tuple[Value, ...]) -> str:
        shown = (str(value).replace("\0any other", "any other text") for value in values)
        return ", ".join(f"{name} = {value}" for name, value in zip(self._inputs, shown, strict=True))
