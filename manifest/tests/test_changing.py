"""The writer of a channel: changes in turn, one group for all that came together, nobody told before it is durable."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from manifest.tests.manifest_world import NOON, ManifestWorld
from portico.manifest import Authorship, ChannelRevision, External, Finding, InvalidChannel, Manifest, RevisionConflict
from portico.manifest.changing import ChangeRequest
from portico.manifest.manifest import utc_now
from portico.sql import Database, Row, Statement, Value

BY = Authorship("ada", NOON)


@dataclass
class CountingDatabase(Database):
    """A database that counts write groups, and can be told to act before one."""

    inner: Database
    groups: list[Sequence[Statement]] = field(default_factory=list)

    async def read(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        return await self.inner.read(sql, params)

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.groups.append(statements)
        return await self.inner.write(statements)

    async def close(self) -> None:
        await self.inner.close()


def putting(name: str, base: int | None = None) -> ChangeRequest:
    put = {name: External(f"https://cdn.test/{name}.js")}
    return ChangeRequest(lambda now: now.with_externals(put, BY), base)


def refusing(now: ChannelRevision) -> ChannelRevision:
    raise InvalidChannel([Finding("/x", "is never taken")])


async def test_changes_that_come_together_are_one_group_and_each_its_own_revision(world: ManifestWorld) -> None:
    counting = CountingDatabase(world.database)
    world.manifest.store._database = counting  # type: ignore[attr-defined]
    wishes = [putting(f"lib{number}") for number in range(100)]
    made = await asyncio.gather(*(world.manifest.change(wish) for wish in wishes))
    assert [revision.number for revision in made] == list(range(1, 101))
    assert len(counting.groups) == 1
    assert len((await world.manifest.revision()).externals) == 100


async def test_a_change_that_is_refused_fails_alone(world: ManifestWorld) -> None:
    wishes = [putting("a"), ChangeRequest(refusing, None), putting("b", base=0), putting("c")]
    told = await asyncio.gather(*(world.manifest.change(wish) for wish in wishes), return_exceptions=True)
    assert [type(one) for one in told] == [ChannelRevision, InvalidChannel, RevisionConflict, ChannelRevision]
    assert list((await world.manifest.revision()).externals) == ["a", "c"]


async def test_what_is_not_bound_to_a_revision_is_done_again_when_another_process_was_faster(
    world: ManifestWorld,
) -> None:
    other = Manifest(world.manifest.store, world.manifest.assets, platform=world.manifest.platform, clock=utc_now)
    both = [
        manifest.change(putting(f"{who}{n}")) for n in range(20) for who, manifest in ((1, world.manifest), (2, other))
    ]
    bound = world.manifest.change(putting("bound", base=0))
    told = await asyncio.gather(*both, bound, return_exceptions=True)
    assert sorted(one.number for one in told if isinstance(one, ChannelRevision)) == list(range(1, 41))
    assert isinstance(told[-1], RevisionConflict)
    assert len((await world.manifest.revision()).externals) == 40


async def test_who_no_longer_waits_holds_nobody_up(world: ManifestWorld) -> None:
    gone = asyncio.create_task(world.manifest.change(putting("gone")))
    kept = asyncio.create_task(world.manifest.change(putting("kept")))
    await asyncio.sleep(0)
    gone.cancel()
    assert "kept" in (await kept).externals
    with pytest.raises(asyncio.CancelledError):
        await gone
