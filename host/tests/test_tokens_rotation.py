"""Signing keys that follow one another: published before they sign, dropped when nothing they signed lives."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws

from host.tests.identity_world import TestClock
from portico.host.errors import ConfigurationError
from portico.host.tokens.keys import HostKeys, new_key
from portico.host.tokens.ring import AFTER_S, AHEAD_S, KeyRing
from portico.host.tokens.rotating import LOOK_EVERY_S, KeyFile, RotatingKeys
from portico.host.tokens.source import LIFETIME_S

DAY = 86_400


class Replicas:
    """Two hosts with one key file and one clock."""

    def __init__(self, path: Path) -> None:
        self.clock = TestClock()
        self.path = path
        self.one, self.other = (RotatingKeys(KeyFile(path, self.clock), self.clock) for _ in range(2))

    def published(self) -> list[set[str]]:
        return [{key["kid"] for key in keys.public_jwks()["keys"]} for keys in (self.one, self.other)]


@pytest.fixture
def replicas(tmp_path: Path) -> Replicas:
    return Replicas(tmp_path / "keys" / "tokens.json")


def test_a_key_is_published_then_signs_then_stays_until_what_was_signed_before_is_over(replicas: Replicas) -> None:
    first, second = replicas.one.kid, replicas.one.rotate()
    replicas.clock.now += LOOK_EVERY_S
    assert replicas.published() == [{first, second}] * 2
    assert (replicas.one.kid, replicas.other.kid) == (first, first)
    replicas.clock.now += AHEAD_S
    assert (replicas.one.kid, replicas.other.kid) == (second, second)
    assert replicas.published() == [{first, second}] * 2
    replicas.clock.now += AFTER_S
    assert replicas.published() == [{second}] * 2


def test_a_key_that_is_old_enough_is_followed_by_the_next_one_of_all_replicas(replicas: Replicas) -> None:
    seen = [replicas.one.kid]
    for _ in range(100):
        replicas.clock.now += DAY
        kids = {replicas.one.kid, replicas.other.kid}
        assert len(kids) == 1
        seen += kids - set(seen)
        assert seen[-1] in replicas.published()[0] & replicas.published()[1]
    assert len(seen) == 4  # 100 days of keys that sign for 30
    assert len(json.loads(replicas.path.read_bytes())["keys"]) <= 2


def test_keys_stay_when_no_age_is_set(tmp_path: Path) -> None:
    clock = TestClock()
    keys = RotatingKeys(KeyFile(tmp_path / "tokens.json", clock), clock, days=0)
    kid = keys.kid
    clock.now += 10_000 * DAY
    assert keys.kid == kid


@given(
    rotations=st.lists(st.integers(min_value=0, max_value=3 * AHEAD_S), max_size=8),
    moments=st.lists(st.integers(min_value=0, max_value=24 * AHEAD_S), min_size=1, max_size=20),
)
def test_whatever_is_rotated_when_no_verifier_meets_an_unknown_key_or_loses_a_living_one(
    rotations: list[int], moments: list[int]
) -> None:
    """A verifier has any key set of the last fifteen minutes; a token lives for five."""
    now, ring = 0, KeyRing.of_one(new_key(), 0)
    history = [(0, ring)]
    for pause in rotations:
        now += pause
        ring = ring.with_next(new_key(), now)
        history.append((now, ring))

    def at(moment: int) -> KeyRing:
        return next(one for since, one in reversed(history) if since <= max(moment, 0))

    for moment in moments:
        signer = at(moment).signer(moment)
        for age in (0, 60, 600, 900):
            assert signer in at(moment - age).without_spent(moment - age).keys or moment - age < 0
        assert signer in at(moment + LIFETIME_S + 60).without_spent(moment + LIFETIME_S + 60).keys


def test_replicas_that_find_it_due_at_once_make_one_key(tmp_path: Path) -> None:
    clock = TestClock()
    file = KeyFile(tmp_path / "tokens.json", clock)
    file.read()
    clock.now += 40 * DAY
    with ThreadPoolExecutor(8) as pool:
        replicas = [RotatingKeys(KeyFile(file.path, clock), clock) for _ in range(8)]
        sets = list(pool.map(lambda keys: keys.public_jwks(), replicas))
    assert len(file.read().keys) == 2
    assert all(len(found["keys"]) == 2 for found in sets)


def test_a_stolen_key_is_withdrawn_at_once(replicas: Replicas) -> None:
    stolen = replicas.one.kid
    fresh = replicas.one.replace_all()
    replicas.clock.now += LOOK_EVERY_S
    assert replicas.published() == [{fresh}] * 2
    assert (replicas.one.kid, replicas.other.kid) == (fresh, fresh)
    assert fresh != stolen


@pytest.mark.parametrize("how", ["due", "told"])
def test_a_key_withdrawn_while_another_process_writes_the_file_signs_nowhere(tmp_path: Path, how: str) -> None:
    clock = TestClock()
    file = _Interrupted(tmp_path / "tokens.json", clock)
    keys = RotatingKeys(file, clock)
    file.interrupt = lambda: RotatingKeys(KeyFile(file.path, clock), clock).replace_all()
    if how == "told":
        keys.rotate()
    clock.now += 40 * DAY if how == "due" else LOOK_EVERY_S
    assert keys.kid
    clock.now += LOOK_EVERY_S
    assert keys.kid == KeyFile(file.path, clock).read().signer(clock()).key.kid == file.interrupted_by


class _Interrupted(KeyFile):
    """A key file that somebody else changes right after it was changed here."""

    interrupt: Callable[[], str] | None = None
    interrupted_by = ""

    def change(self, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
        changed = super().change(change)
        if self.interrupt is not None:
            interrupt, self.interrupt = self.interrupt, None
            self.interrupted_by = interrupt()
        return changed


def test_what_is_published_holds_neither_private_parts_nor_times(replicas: Replicas) -> None:
    replicas.one.rotate()
    for key in replicas.one.public_jwks()["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    header = jws.extract_compact(replicas.one.sign({"sub": "ada"}, typ="at+jwt").encode()).headers()
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": replicas.one.kid}


def test_a_file_from_before_there_were_times_keeps_its_first_key_as_the_signer(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    pair = [new_key(), new_key()]
    path.write_text(json.dumps({"keys": [key.as_dict(private=True) for key in pair]}))
    path.chmod(0o600)
    clock = TestClock()
    keys = RotatingKeys(KeyFile(path, clock), clock, days=0)
    assert keys.kid == HostKeys.open(path).kid == pair[0].kid
    assert {key["kid"] for key in keys.public_jwks()["keys"]} >= {pair[0].kid}


def test_the_file_is_its_owners_alone_after_a_rotation_too(replicas: Replicas) -> None:
    replicas.one.rotate()
    assert stat.S_IMODE(replicas.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"keys": []}', '{"keys": [{"kty": "oct"}]}', "times", "twice"])
def test_a_file_that_is_no_ring_stops_the_start_and_changes_nothing_later(replicas: Replicas, content: str) -> None:
    key: dict[str, Any] = new_key().as_dict(private=True)
    told = {"times": {"keys": [{**key, "signs_from": "soon"}]}, "twice": {"keys": [key, key]}}
    replicas.path.write_text(json.dumps(told[content]) if content in told else content)
    replicas.clock.now += LOOK_EVERY_S
    assert replicas.one.kid == replicas.other.kid
    with pytest.raises(ConfigurationError, match=r"tokens\.json"):
        RotatingKeys(KeyFile(replicas.path, replicas.clock), replicas.clock)


@pytest.mark.parametrize("days", [-1, 0.01])
def test_keys_cannot_rotate_faster_than_they_are_published(tmp_path: Path, days: float) -> None:
    clock = TestClock()
    with pytest.raises(ConfigurationError, match="sign for"):
        RotatingKeys(KeyFile(tmp_path / "tokens.json", clock), clock, days=days)
