"""The cache of keys under any order of callers, rotations, outages and clocks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from bffs.kit.tests.key_sets import document, jwk
from portico.keys import JwksKeys, KeysUnavailable, KeyTimes

POOL = [jwk(ECKey.generate_key("P-256"), kid=f"k{n}") for n in range(3)]
TIMES = KeyTimes()
DEAD_AFTER = TIMES.fresh + TIMES.revalidate

Step = tuple[str, int]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.sampled_from([1, 5, 29, 30, 31, 59, 60, 299, 300, 301, 600, 3600])),
        st.tuples(st.just("find"), st.integers(0, 2)),
        st.tuples(st.just("guess"), st.integers(0, 5)),
        st.tuples(st.just("publish"), st.integers(0, 2)),
        st.tuples(st.just("withdraw"), st.integers(0, 2)),
    ),
    max_size=40,
)
WITH_OUTAGES = st.lists(st.tuples(STEPS, st.booleans()), max_size=4)


@dataclass
class Published:
    """An issuer: which keys it has now, since when it has not the others, and when it was asked."""

    now: float = 0.0
    down: bool = False
    failed: bool = False
    kids: set[int] = field(default_factory=lambda: {0})
    gone_at: dict[int, float] = field(default_factory=lambda: {1: float("-inf"), 2: float("-inf")})
    asked_at: list[float] = field(default_factory=list)

    async def fetch(self) -> bytes:
        self.asked_at.append(self.now)
        if self.down:
            self.failed = True
            raise KeysUnavailable("down")
        return document(*(POOL[kid] for kid in sorted(self.kids)))

    def change(self, what: str, kid: int) -> None:
        if what == "publish":
            self.kids.add(kid)
        elif kid in self.kids:
            self.kids.discard(kid)
            self.gone_at[kid] = self.now


async def play(published: Published, keys: JwksKeys, steps: list[Step]) -> None:
    for what, value in steps:
        match what:
            case "wait":
                published.now += value
            case "find" | "guess":
                await look(published, keys, f"k{value}" if what == "find" else f"guess-{value}")
            case _:
                published.change(what, value)


async def look(published: Published, keys: JwksKeys, kid: str) -> None:
    """Find a key, and check that it may be used now."""
    try:
        found = await keys.find(kid)
    except KeysUnavailable:
        assert published.down or published.now < published.asked_at[-1] + TIMES.retry_most, "an issuer that is there"
        return
    await asyncio.sleep(0)  # lets a refresh in the background come to its end
    if found is None:
        return
    number = int(kid.removeprefix("k"))
    assert kid == found.kid
    if number not in published.kids:
        # After an outage there may be a pause before the issuer is asked again.
        most = TIMES.grace if published.failed else DEAD_AFTER
        assert published.now - published.gone_at[number] < most, f"{kid} is used long after it was withdrawn"


@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_a_withdrawn_key_dies_and_no_minute_has_a_third_request(steps: list[Step]) -> None:
    published = Published()
    asyncio.run(play(published, JwksKeys(published.fetch, frozenset({"ES256"}), clock=lambda: published.now), steps))
    asked = published.asked_at
    assert all(third - first >= 60 for first, third in zip(asked, asked[2:], strict=False))


@settings(max_examples=100, deadline=None)
@given(parts=WITH_OUTAGES)
def test_an_outage_lets_no_key_live_beyond_its_grace(parts: list[tuple[list[Step], bool]]) -> None:
    published = Published()

    async def run() -> None:
        keys = JwksKeys(published.fetch, frozenset({"ES256"}), clock=lambda: published.now)
        for steps, down in parts:
            published.down = down
            await play(published, keys, steps)
        # Whatever happened: once the issuer is there again, its keys are found within the longest pause.
        published.down, published.kids = False, {0, 1, 2}
        published.now += max(60.0, DEAD_AFTER)
        assert await keys.find("k2") is not None

    asyncio.run(run())
