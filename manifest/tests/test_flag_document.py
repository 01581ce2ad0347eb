"""A flag's document: what is taken, what is refused and where."""

from typing import Any

import pytest

from portico.manifest.flags.errors import InvalidFlag
from portico.manifest.flags.parsing import flag_from, parse_flag

BANNER: dict[str, Any] = {
    "description": "The new banner",
    "variants": {"on": True, "off": False},
    "defaultVariant": "off",
    "rules": [
        {"roles": ["tester"], "variant": "on"},
        {"channels": ["live"], "attributes": {"language": ["de", "fr"]}, "percentages": {"on": 12.34, "off": 87.66}},
    ],
}


def refused(document: Any) -> dict[str, str]:
    with pytest.raises(InvalidFlag) as caught:
        parse_flag("banner", "sales", document)
    return {finding.pointer: finding.detail for finding in caught.value.findings}


def test_what_is_read_is_shown_again() -> None:
    flag = parse_flag("banner", "sales", BANNER)
    shown = flag.to_document()
    assert shown == BANNER | {"key": "banner", "team": "sales", "enabled": True}
    assert flag_from("banner", "sales", shown) == flag


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"variants": {}}, "/variants", "non-empty"),
        ({"variants": {"on": None, "off": None}}, "/variants/on", "None is not of type"),
        ({"variants": {"on": True, "off": 0}}, "/variants", "boolean, number"),
        ({"defaultVariant": "of"}, "/defaultVariant", "'of' is none of the variants (off, on)"),
        ({"enabled": "yes"}, "/enabled", "'yes' is not of type 'boolean'"),
        ({"colour": 1}, "", "'colour' was unexpected"),
        ({"key": "baner"}, "/key", "address of 'banner'"),
        ({"team": "Sales Team"}, "/team", "does not match"),
        ({"rules": [{"variant": "up"}]}, "/rules/0/variant", "none of the variants"),
        ({"rules": [{"roles": ["a"]}]}, "/rules/0", "exactly one of: variant or percentages"),
        ({"rules": [{"variant": "on", "percentages": {"on": 100}}]}, "/rules/0", "exactly one of"),
        ({"rules": [{"roles": [], "variant": "on"}]}, "/rules/0/roles", "non-empty"),
        ({"rules": [{"role": ["a"], "variant": "on"}]}, "/rules/0", "'role' was unexpected"),
        ({"rules": [{"percentages": {"on": 10}}]}, "/rules/0/percentages", "add up to 10, not 100"),
        ({"rules": [{"percentages": {"on": 60, "off": 60}}]}, "/rules/0/percentages", "add up to 120, not 100"),
        ({"rules": [{"percentages": {"on": -1, "off": 101}}]}, "/rules/0/percentages/on", "minimum"),
        ({"rules": [{"percentages": {"on": 0.001, "off": 99.999}}]}, "/rules/0/percentages/on", "finer"),
        ({"rules": [{"percentages": {"up": 100}}]}, "/rules/0/percentages/up", "none of the variants"),
        ({"rules": [{"variant": "on"}, {"roles": ["a"], "variant": "off"}]}, "/rules/1", "is never asked: rule 0"),
        ({"rules": [{"attributes": {"roles": ["a"]}, "variant": "on"}]}, "/rules/0/attributes/roles", "of its own"),
        ({"rules": [{"attributes": {"a/b": [{}]}, "variant": "on"}]}, "/rules/0/attributes/a~1b/0", "is not of type"),
        ({"description": "a\x00b"}, "/description", "control character"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(change: dict[str, Any], pointer: str, words: str) -> None:
    found = refused(BANNER | change)
    assert words in found[pointer], found


@pytest.mark.parametrize("document", [None, [], "on", 1, {}])
def test_anything_else_is_refused(document: Any) -> None:
    assert "" in refused(document)


@pytest.mark.parametrize("hundredths", [0, 7, 29, 57, 58, 113, 5_799, 10_000])
def test_hundredths_that_floats_cannot_hold_are_taken(hundredths: int) -> None:
    """0.29 * 100 is not 29 in binary, and 0.07 + 99.93 not always 100."""
    shares = {"on": hundredths / 100, "off": (10_000 - hundredths) / 100}
    rule = parse_flag("banner", "sales", BANNER | {"rules": [{"percentages": shares}]}).rules[0]
    assert rule.percentages == {"on": hundredths, "off": 10_000 - hundredths}
