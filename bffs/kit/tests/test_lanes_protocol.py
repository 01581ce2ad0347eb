"""Whatever a network, several tabs and an impatient person do with commands in lanes, the ledger is right."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from bffs.kit.tests.lane_world import Entry, Lane, ledger, open_ledger
from portico.bff.ids import new_id
from portico.bff.store import EntityStore

LONGEST = 4
OFTEN_NEXT = st.sampled_from([0, 0, 0, 0, 1, -1])


class Act(NamedTuple):
    """Something that happens to a command; `place` counts from the next one of its lane, `via` is who hears of it."""

    kind: Literal["send", "refuse", "edit", "late", "skip"]
    place: int
    via: int


class Moment(NamedTuple):
    """What happens at once, in one lane."""

    lane: int
    acts: list[Act]


KINDS = st.sampled_from(["send", "send", "send", "refuse", "edit", "late", "skip"])
ACTS = st.builds(Act, KINDS, OFTEN_NEXT, st.integers(0, 1))
MOMENTS = st.lists(st.builds(Moment, st.integers(0, 4), st.lists(ACTS, min_size=1, max_size=6)), max_size=14)


class World:
    """Two lanes of one device, one of another, one of another person on the first, and one that is no lane at all."""

    def __init__(self, stores: list[EntityStore]) -> None:
        self.stores = stores
        device, self.mark = new_id(), new_id()
        self.lanes = [
            Lane("x", "ada", device),
            Lane("y", "ada", device),
            Lane("x", "ada", new_id()),
            Lane("x", "bob", device),
            Lane("", "ada", device, free=True),
        ]
        self.keys: dict[tuple[int, int], list[str]] = defaultdict(list)
        self.told: dict[tuple[str, str], set[str]] = defaultdict(set)

    def versions(self, lane: int, seq: int, *, edit: bool = False) -> list[str]:
        """The keys under which the command was ever made, oldest first. Bob's are the same as Ada's."""
        versions = self.keys[lane, seq]
        if edit or not versions:
            whose = "ada-bob" if self.lanes[lane].name == "x" and lane != 2 else lane
            versions.append(f"{self.mark}-{whose}-{seq}-{len(versions)}")
        return list(versions)

    async def happen(self, moment: Moment) -> None:
        lane = self.lanes[moment.lane]
        following = await self.following(moment.lane)
        await asyncio.gather(*(self.act(moment.lane, lane, following, act) for act in moment.acts))

    async def act(self, number: int, lane: Lane, following: int, act: Act) -> None:
        seq = min(max(following + act.place, 1), LONGEST)
        versions, store = self.versions(number, seq, edit=act.kind == "edit"), self.stores[act.via]
        *earlier, key = versions[:1] if act.kind == "late" else versions
        if act.kind == "skip":
            answer = await lane.skip(store, seq, key, replaces=earlier)
        else:
            answer = await lane.send(store, seq, key, replaces=earlier, refuse=act.kind == "refuse")
        event(answer)
        self.told[lane.sub, key].add(answer)

    async def following(self, number: int) -> int:
        """The place that is next in a lane; of what is no lane, the first that nothing was done about."""
        lane = self.lanes[number]
        if lane.free:
            return max((entry.seq for entry in await self.entries() if entry.lane == lane.name), default=0) + 1
        return await lane.expected(self.stores[0])

    async def entries(self) -> list[Entry]:
        return await ledger(self.stores[0], self.mark)

    async def check(self) -> None:
        """What must hold at any time."""
        entries = await self.entries()
        done = Counter((entry.sub, entry.key) for entry in entries)
        for lane in self.lanes:
            places = [entry.seq for entry in entries if entry.is_of(lane)]
            assert len(places) == len(set(places)), "a command and its edited form both took effect"
            assert lane.free or places == sorted(places), "a lane out of order"
            assert lane.free or await lane.expected(self.stores[1]) > max(places, default=0)
        assert max(done.values(), default=1) == 1, "a command took effect twice"
        for who, answers in self.told.items():
            if answers & {"applied", "replayed"}:
                assert done[who] == 1, "a command that was confirmed is lost"
                assert not answers & {"command-skipped", "lane-seq-used"}, "confirmed, and said not to be"
            if "command-skipped" in answers:
                assert done[who] == 0, "a command that was given up took effect"

    async def drain(self) -> None:
        """Send what is left, in order: no lane may be stuck."""
        for number, lane in enumerate(self.lanes):
            for seq in range(1, LONGEST + 1):
                *earlier, key = self.versions(number, seq)
                answer = await lane.send(self.stores[0], seq, key, replaces=earlier)
                assert answer != "lane-gap", "the lane is stuck"
                assert lane.free or await lane.expected(self.stores[1]) > seq
                self.told[lane.sub, key].add(answer)

    async def check_the_end(self) -> None:
        """Every place was used by one command, or given up; and nothing that still is on its way changes it."""
        await self.check()
        before = await self.entries()
        for (number, seq), versions in self.keys.items():
            lane = self.lanes[number]
            done = [entry.key for entry in before if entry.is_of(lane) and entry.seq == seq]
            given_up = any("command-skipped" in self.told[lane.sub, key] for key in versions)
            assert len(done) == 1 or given_up, "a command is lost"
            for at, key in enumerate(versions):
                late = await lane.send(self.stores[0], seq, key, replaces=versions[:at])
                assert (late == "replayed") == (key in done)
        assert await self.entries() == before


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[list[EntityStore]]:
    """Two of them on one file, each with a writer of its own, as two processes have."""
    opened = [await open_ledger(tmp_path) for _ in range(2)]
    yield opened
    for store in opened:
        await store.close()


@given(moments=MOMENTS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_key_at_most_once_every_lane_in_order_and_none_stuck(
    stores: list[EntityStore], moments: list[Moment]
) -> None:
    world = World(stores)
    for moment in moments:
        await world.happen(moment)
        await world.check()
    await world.drain()
    await world.check_the_end()
