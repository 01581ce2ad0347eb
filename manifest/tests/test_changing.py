"""The writer of a channel: changes in turn, one group for all that came together, nobody told before it is durable."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from manifest.tests.manifest_world import NOON, ManifestWorld
from portico.manifest import Authorship, ChannelRevision, External, Finding, InvalidChannel, Manifest, RevisionConflict
from portico.manifest.answers import AnsweredBefore, RequestKey
from portico.manifest.changing import ChangeRequest
from portico.manifest.channel_entry import Change
from portico.manifest.errors import IdempotencyKeyReused, NotYourApp
from portico.manifest.manifest import utc_now
from portico.manifest.sql_store import SqlManifestStore
from portico.sql import Database, Row, Statement, Value

BY = Authorship("ada", NOON)


@dataclass
class CountingDatabase(Database):
    """A database that counts write groups, and can be told to act before one."""

    inner: Database
    groups: list[Sequence[Statement]] = field(default_factory=list)
    before: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    async def read(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        return await self.inner.read(sql, params)

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.groups.append(statements)
        if self.before:
            await self.before.pop()()
        return await self.inner.write(statements)

    async def close(self) -> None:
        await self.inner.close()


def putting(name: str, base: int | None = None, key: str | None = None) -> ChangeRequest:
    put = {name: External(f"https://cdn.test/{name}.js")}
    named = None if key is None else RequestKey("ada", key, f"put {name}")
    return ChangeRequest(lambda now: now.with_externals(put, BY), base, key=named)


def another_process(world: ManifestWorld) -> Manifest:
    """A manifest over the same store, which shares nothing in memory."""
    store = SqlManifestStore(world.database)
    return Manifest(store, world.manifest.assets, platform=world.manifest.platform, clock=utc_now)


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


async def test_a_change_that_breaks_while_it_is_checked_fails_alone_too(world: ManifestWorld) -> None:
    """Such as one whose files cannot be read just now."""

    async def unreadable(_changes: Sequence[Change]) -> None:
        raise OSError("the assets are away")

    wishes = [putting("a"), replace(putting("b", key="k"), permit=unreadable), putting("c")]
    told = await asyncio.gather(*(world.manifest.change(wish) for wish in wishes), return_exceptions=True)
    assert [type(one) for one in told] == [ChannelRevision, OSError, ChannelRevision]
    assert list((await world.manifest.revision()).externals) == ["a", "c"]
    assert (await world.manifest.change(putting("b", key="k"))).number == 3


async def test_what_is_not_bound_to_a_revision_is_done_again_when_another_process_was_faster(
    world: ManifestWorld,
) -> None:
    other = another_process(world)
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


async def test_one_key_at_once_is_one_change(world: ManifestWorld) -> None:
    wishes = [putting("a", 0, "k"), putting("a", 0, "k"), putting("b", 0, "k"), putting("c")]
    told = await asyncio.gather(*(world.manifest.change(wish) for wish in wishes), return_exceptions=True)
    assert [type(one) for one in told] == [ChannelRevision, AnsweredBefore, IdempotencyKeyReused, ChannelRevision]
    assert isinstance(told[1], AnsweredBefore)
    assert told[1].answer.body == b"1"
    assert list((await world.manifest.revision()).externals) == ["a", "c"]


async def test_a_key_that_another_process_has_done_is_not_done_again(world: ManifestWorld) -> None:
    assert (await another_process(world).change(putting("a", key="k"))).number == 1
    await world.manifest.edit(lambda now: now.with_externals({"a": None}, BY))
    with pytest.raises(AnsweredBefore):
        await world.manifest.change(putting("a", key="k"))
    assert not (await world.manifest.revision()).externals


async def test_of_one_key_in_two_processes_at_the_same_moment_one_is_done(world: ManifestWorld) -> None:
    """The other is written after this one was found to be new, and before it is written itself."""
    other = another_process(world)
    racing = CountingDatabase(world.database, before=[lambda: other.change(putting("a", key="k"))])
    world.manifest.store._database = racing  # type: ignore[attr-defined]
    with pytest.raises(AnsweredBefore):
        await world.manifest.change(putting("a", key="k"))
    assert await world.manifest.store.head("live") == 1
    racing.before.append(lambda: other.change(putting("a", key="none")))  # changes nothing, and keeps its answer
    with pytest.raises(AnsweredBefore):
        await world.manifest.change(putting("a", key="none"))
    assert await world.manifest.store.head("live") == 1


async def test_what_is_only_tried_is_refused_as_if_it_were_done(world: ManifestWorld) -> None:
    await world.manifest.change(putting("a"))
    with pytest.raises(RevisionConflict):
        await world.manifest.preview(putting("b", base=0))

    async def never(_changes: Sequence[Change]) -> None:
        raise NotYourApp("not yours")

    with pytest.raises(NotYourApp):
        await world.manifest.preview(replace(putting("b"), permit=never))
    assert (await world.manifest.preview(putting("b", base=1))).after.revision.number == 2
    assert await world.manifest.store.head("live") == 1
