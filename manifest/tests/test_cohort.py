"""Cohorts: the split is as wide as its weight says, the same everywhere, and moves nobody back."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.manifest.cohort import BUCKETS, bucket, chosen

SEED = "ab" * 32
OTHER = "cd" * 32
PEOPLE = [f"sub:{number}" for number in range(10_000)]
_random = random.Random(20_251)
BROWSERS = [f"anon:{_random.getrandbits(128):032x}" for _ in range(10_000)]
# Critical values of the chi-square distribution at 0.1 %: whoever splits at random is above one time in a thousand.
# Nothing is random here: the people are fixed, so each test gives the same number every time.
ONE_DEGREE = 10.83
NINETY_NINE_DEGREES = 148.23

names = st.text(min_size=1, max_size=30).filter(lambda text: "\0" not in text)
weights = st.integers(0, 100)


def chi_square(observed: Mapping[Any, int], expected: Mapping[Any, float]) -> float:
    return sum((observed.get(key, 0) - value) ** 2 / value for key, value in expected.items())


@pytest.mark.parametrize("weight", [1, 5, 20, 50, 80, 99])
@pytest.mark.parametrize("people", [PEOPLE, BROWSERS], ids=["people", "browsers"])
@pytest.mark.parametrize("seed", [SEED, OTHER])
def test_as_many_are_chosen_as_the_weight_says(weight: int, people: Sequence[str], seed: str) -> None:
    observed = Counter(chosen("shop", seed, person, weight) for person in people)
    expected = {True: len(people) * weight / 100, False: len(people) * (100 - weight) / 100}
    assert chi_square(observed, expected) < ONE_DEGREE


@pytest.mark.parametrize("people", [PEOPLE, BROWSERS], ids=["people", "browsers"])
def test_people_are_spread_evenly_over_all_of_it(people: Sequence[str]) -> None:
    observed = Counter(bucket("shop", SEED, person) * 100 // BUCKETS for person in people)
    assert chi_square(observed, {part: len(people) / 100 for part in range(100)}) < NINETY_NINE_DEGREES


@pytest.mark.parametrize(
    ("first", "second"), [(("shop", SEED), ("notes", SEED)), (("shop", SEED), ("shop", OTHER))], ids=["apps", "seeds"]
)
def test_it_is_not_always_the_same_people(first: tuple[str, str], second: tuple[str, str]) -> None:
    """Who tries one candidate is no likelier than others to try the next."""
    observed = Counter((chosen(*first, person, 50), chosen(*second, person, 50)) for person in PEOPLE)
    sides = (True, False)
    assert chi_square(observed, {(one, other): len(PEOPLE) / 4 for one in sides for other in sides}) < 16.27


@given(names, names, names, weights, weights)
def test_a_greater_weight_keeps_everyone_who_was_in(name: str, seed: str, visitor: str, one: int, other: int) -> None:
    smaller, greater = sorted((one, other))
    assert chosen(name, seed, visitor, greater) or not chosen(name, seed, visitor, smaller)


@given(names, names, names)
def test_nobody_is_in_nothing_and_everybody_in_the_whole(name: str, seed: str, visitor: str) -> None:
    assert not chosen(name, seed, visitor, 0)
    assert chosen(name, seed, visitor, 100)


@pytest.mark.parametrize(
    ("name", "seed", "visitor", "place"),
    [
        ("shop", SEED, "sub:ada", 3804),
        ("shop", OTHER, "sub:ada", 7030),
        ("notes", SEED, "anon:AAAAAAAAAAAAAAAAAAAAAA", 3871),
        ("shop", SEED, "sub:Zoë", 8126),
    ],
)
def test_every_process_and_every_version_says_the_same(name: str, seed: str, visitor: str, place: int) -> None:
    """Changing the hash would move people back in the middle of every rollout."""
    assert bucket(name, seed, visitor) == place
