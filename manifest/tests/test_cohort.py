"""Cohorts: even, independent, and never moved back by a greater weight."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portico.manifest.cohort import BUCKETS, bucket, chosen

PEOPLE = [f"sub:{number}" for number in range(10_000)]
names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(names, names, names)
def test_a_bucket_is_one_of_the_buckets_and_always_the_same(name: str, seed: str, visitor: str) -> None:
    found = bucket(name, seed, visitor)
    assert 0 <= found < BUCKETS
    assert bucket(name, seed, visitor) == found


def test_buckets_are_those_of_every_other_version() -> None:
    assert [bucket("shop", "d1", f"sub:{name}") for name in ("ada", "bob", "eve")] == [7303, 915, 4642]


def test_people_are_spread_evenly() -> None:
    counts = [0] * 100
    for person in PEOPLE:
        counts[bucket("shop", "d1", person) // 100] += 1
    chi_square = sum((count - 100) ** 2 / 100 for count in counts)
    assert chi_square < 148.2  # of 99 degrees of freedom, exceeded once in a thousand; these people are always the same


def test_two_apps_and_two_candidates_are_independent() -> None:
    for name, seed in (("account", "d1"), ("shop", "d2")):
        both = sum(chosen("shop", "d1", one, 50) and chosen(name, seed, one, 50) for one in PEOPLE)
        assert 2_300 < both < 2_700  # 2,500 and seven standard deviations to either side


@given(st.integers(0, 100), st.integers(0, 100), names)
def test_a_greater_weight_keeps_everyone_who_was_in(one: int, other: int, visitor: str) -> None:
    less, more = sorted((one, other))
    assert not chosen("shop", "d1", visitor, less) or chosen("shop", "d1", visitor, more)


def test_the_ends_are_nobody_and_everybody() -> None:
    assert not any(chosen("shop", "d1", person, 0) for person in PEOPLE)
    assert all(chosen("shop", "d1", person, 100) for person in PEOPLE)


def test_each_step_moves_as_many_as_it_says() -> None:
    sides = [{one for one in PEOPLE if chosen("shop", "d1", one, weight)} for weight in (1, 5, 25, 50, 100)]
    assert all(before < after for before, after in pairwise(sides))
    assert [round(len(side) / 100) for side in sides] == [1, 5, 25, 50, 100]


def test_a_share_is_the_first_of_the_buckets_and_no_other() -> None:
    places = {one: bucket("shop", "d1", one) for one in PEOPLE}
    edges = [weight for weight in range(1, 100) if weight * BUCKETS // 100 in places.values()]
    assert len(edges) > 30  # people who stand right at an edge
    for weight in edges:
        assert all(chosen("shop", "d1", one, weight) == (place < weight * 100) for one, place in places.items())
