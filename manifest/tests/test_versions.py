"""Ranges mean what npm says they mean."""

import pytest

from portico.manifest.versions import InvalidRange, check_range, satisfies


@pytest.mark.parametrize(
    ("version", "wanted", "inside"),
    [
        ("11.2.0", "^11.0.0", True),
        ("12.0.0", "^11.0.0", False),
        ("11.0.0-beta.1", "^11.0.0", False),
        ("0.2.5", "^0.2.3", True),
        ("0.3.0", "^0.2.3", False),
        ("0.0.4", "^0.0.3", False),
        ("1.2.9", "~1.2.3", True),
        ("1.3.0", "~1.2.3", False),
        ("2.3.4", "1.2.3 - 2.3.4", True),
        ("2.9.9", "1.2 - 2", True),
        ("5.0.0", "1.x || >=5.0.0 <6", True),
        ("2.0.0-rc.1", "<2", False),
        ("1.0.0", "1.0.0-rc.1", False),
        ("1.2.3-beta.4", "^1.2.3-beta.2", True),
        ("1.2.4-beta.4", "^1.2.3-beta.2", False),
        ("1.2.3+build.7", "1.2.3", True),
        ("3.1.4", "*", True),
        ("3.1.4", "", True),
        ("1.5.0", ">= 1.2.3 < 2", True),
    ],
)
def test_a_version_lies_in_a_range_or_not(version: str, wanted: str, inside: bool) -> None:
    assert satisfies(version, wanted) is inside


@pytest.mark.parametrize("wanted", ["latest", "workspace:*", "not a range", "^1.2.3 || next", "file:../x"])
def test_what_npm_would_not_read_as_a_range_is_refused(wanted: str) -> None:
    with pytest.raises(InvalidRange):
        check_range(wanted)
