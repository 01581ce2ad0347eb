"""Decision tables: what may stand in them, what they decide, and what is refused when they are read."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.bff import DeclarationError
from portico.bff.control import DecisionTable, Hit, NoRuleApplies

NUMBER = {"n": Decimal}
OUT = {"out": str}


def table(rules: str, *, hit: Hit = Hit.FIRST) -> DecisionTable:
    return DecisionTable("test", inputs=NUMBER, outputs=OUT, rules=f"| n | out |\n{rules}", hit=hit)


def postage() -> DecisionTable:
    return DecisionTable(
        "postage",
        inputs={"grams": Decimal, "zone": str},
        outputs={"cents": Decimal},
        rules="""
            | grams    | zone           | cents |
            | < 50     | "home", "near" | 85    |
            | [50..99] | "home"         | 100.5 |
            | -        | "home"         | 160   |
            | -        | -              | 370   |
        """,
    )


@pytest.mark.parametrize(
    ("grams", "zone", "cents"),
    [(0, "home", "85"), (49, "near", "85"), (50, "home", "100.5"), (99, "home", "100.5"), (100, "home", "160"),
     (50, "near", "370"), (Decimal("49.99"), "far", "370")],
)  # fmt: skip
def test_the_first_rule_that_holds_decides(grams: int, zone: str, cents: str) -> None:
    assert postage().decide(grams=grams, zone=zone) == {"cents": Decimal(cents)}


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("| < 5 | a |\n| > 5 | b |", "no rule for n = 5"),
        ("| < 5 | a |\n| [5..7) | b |\n| > 7 | c |", "no rule for n = 7"),
        ("| - | a |\n| < 5 | b |", r"rules \[2\] can never decide"),
        ("| about 5 | a |", "rule 1: 'about 5' is no condition on a number"),
        ("| [7..5] | a |", "begins after its end"),
        ("| - | a | b |", "rule 1 has 3 cells"),
        ("", "has no rules"),
    ],
)
def test_a_table_that_is_not_well_formed_is_refused(rules: str, words: str) -> None:
    with pytest.raises(DeclarationError, match=words):
        table(rules)


def test_other_columns_are_refused() -> None:
    with pytest.raises(DeclarationError, match=r"they are to be \['n', 'out'\]"):
        DecisionTable("test", inputs=NUMBER, outputs=OUT, rules="| m | out |\n| - | a |")


def test_a_text_is_quoted() -> None:
    with pytest.raises(DeclarationError, match="no condition on a text"):
        DecisionTable("test", inputs={"t": str}, outputs=OUT, rules="| t | out |\n| home | a |")


def test_unique_refuses_two_rules_for_one_value() -> None:
    with pytest.raises(DeclarationError, match=r"rules \[1, 2\] all hold for n = 5"):
        table("| <= 5 | a |\n| >= 5 | b |", hit=Hit.UNIQUE)
    table("| <= 5 | a |\n| > 5 | b |", hit=Hit.UNIQUE)


@pytest.mark.parametrize("value", ["5", True, Decimal("NaN")])
def test_a_value_of_another_kind_is_refused(value: Decimal | str) -> None:
    with pytest.raises(NoRuleApplies, match="test: n is"):
        table("| - | a |").decide(n=value)
    with pytest.raises(NoRuleApplies, match="decides on n"):
        table("| - | a |").decide(m=1)


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=6, unique=True), st.decimals(-30, 30, places=2))
def test_steps_that_touch_are_complete_and_decide_as_they_read(bounds: list[int], value: Decimal) -> None:
    steps = sorted(bounds)
    rows = [f"| < {steps[0]} | 0 |"]
    rows += [f"| [{low}..{high}) | {n} |" for n, (low, high) in enumerate(itertools.pairwise(steps), 1)]
    rows.append(f"| >= {steps[-1]} | {len(steps)} |")
    decided = table("\n".join(rows), hit=Hit.UNIQUE).decide(n=value)
    assert decided == {"out": str(sum(value >= step for step in steps))}
