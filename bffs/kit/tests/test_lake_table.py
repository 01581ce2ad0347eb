"""The lake over a folder and over S3: each event once, in order, whatever is repeated; few files; nothing half."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from bffs.kit.tests.lake_world import DAY_MS, NOON, STREAM, LakeWorld, lake_world, positions, row
from portico.lake.config import open_storage
from portico.lake.errors import LakeContended, LakeDamaged, LakeUnavailable, UnsupportedLake
from portico.lake.lake import GRACE_MS
from portico.lake.log import EPOCH
from portico.lake.replay import Selection
from portico.lake.storage import FolderStorage


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "lake") if request.param == "folder" else request.getfixturevalue("s3_place")


@pytest.fixture
async def world(place: str, tmp_path: Path) -> AsyncIterator[LakeWorld]:
    async with lake_world(tmp_path, open_storage(place, plain=True)) as world:
        yield world


async def test_what_is_appended_comes_back_in_the_hubs_order(world: LakeWorld) -> None:
    rows = [row(n, service=("notes", "lists")[n % 2], at=NOON + n * DAY_MS // 3) for n in range(1, 10)]
    assert world.append(rows[:4]) == 4
    assert world.append(rows[4:]) == 5
    assert await world.all() == rows
    folders = {name.rpartition("/")[0] for name in world.lake.snapshot.files}
    assert "events/day=2026-05-28/service=lists" in folders
    assert len(folders) == 7


async def test_an_event_is_kept_once_however_often_it_comes(world: LakeWorld) -> None:
    assert world.append([row(1), row(2)]) == 2
    assert world.append([row(1), row(2), row(3)]) == 1, "read again after a crash"
    assert world.append([row(7, id_=2, at=NOON + 2), row(8, id_=3, at=NOON + 3), row(9)]) == 1, "published again"
    assert world.append([row(10), row(11, id_=10, at=NOON + 10)]) == 1, "twice in one batch"
    assert positions(await world.all()) == [1, 2, 3, 9, 10]


async def test_a_repetition_is_known_after_a_restart_and_after_compaction(world: LakeWorld) -> None:
    for n in range(1, 6):
        world.append([row(n)])
    world.lake.compact(wholly=True)
    world.lake = world.again()
    assert world.append([row(20 + n, id_=n, at=NOON + n) for n in range(1, 6)]) == 0
    assert positions(await world.all()) == [1, 2, 3, 4, 5]


async def test_an_id_too_long_for_statistics_is_known_again(world: LakeWorld) -> None:
    long = msgspec.structs.replace(row(1), id="x" * 5000)
    assert world.append([long]) == 1
    world.lake = world.again()
    assert world.append([msgspec.structs.replace(long, position=EPOCH + 2), row(3, at=NOON + 1)]) == 1
    assert positions(await world.all()) == [1, 3]


async def test_the_same_id_of_another_service_is_another_event(world: LakeWorld) -> None:
    first, second = row(1), row(2, service="lists", at=NOON + 1)
    assert world.append([first, msgspec.structs.replace(second, id=first.id)]) == 2


async def test_a_stream_that_was_made_anew_comes_after_what_there_was(world: LakeWorld) -> None:
    world.append([row(1), row(2)])
    assert world.lake.begin(STREAM) == EPOCH + 2
    assert world.lake.begin("EVENTS@later") == 2 * EPOCH
    again = [row(1, id_=1, at=NOON + 1, epoch=2), row(2, id_=77, epoch=2)]
    assert world.lake.append(again, 2 * EPOCH + 2, "EVENTS@later") == 1, "the first was kept under the old stream"
    assert [one.position for one in await world.all()] == [EPOCH + 1, EPOCH + 2, 2 * EPOCH + 2]


async def test_of_two_keepers_one_is_told_and_nothing_is_twice(world: LakeWorld) -> None:
    world.append([row(1)])
    other = world.again()
    other.append([row(1), row(2)], EPOCH + 2, STREAM)
    with pytest.raises(LakeContended):
        world.append([row(2), row(3)])
    assert positions(await world.all()) == [1, 2]
    assert world.append([row(2), row(3)]) == 1
    assert positions(await world.all()) == [1, 2, 3]


async def test_compaction_loses_and_repeats_nothing_and_later_removes_what_it_replaced(world: LakeWorld) -> None:
    for n in range(1, 71):
        world.append([row(n)])
        world.lake.compact()
    assert positions(await world.all()) == list(range(1, 71))
    assert len(world.lake.snapshot.files) < 30
    kept = len(world.storage.list("events/"))
    assert world.lake.vacuum() == 0, "somebody may still read them"
    # A bucket's own clock tells how old a file is.
    world.clock.at = max(one.modified for one in world.storage.list("")) + 2 * GRACE_MS
    world.lake.vacuum()
    assert len(world.storage.list("events/")) == len(world.lake.snapshot.files) < kept
    assert positions(await world.all()) == list(range(1, 71))
    assert world.append([row(200, id_=7, at=NOON + 7)]) == 0


async def test_replay_selects(world: LakeWorld) -> None:
    world.append([row(n, service=("notes", "lists")[n % 2], at=NOON + n * DAY_MS) for n in range(1, 9)])

    async def found(selection: Selection) -> list[int]:
        return positions(await world.all(selection))

    assert await found(Selection(services=frozenset({"notes"}))) == [2, 4, 6, 8]
    assert await found(Selection(since=NOON + 3 * DAY_MS, until=NOON + 6 * DAY_MS)) == [3, 4, 5]
    assert await found(Selection(after=EPOCH + 6)) == [7, 8]
    assert await found(Selection(types=("note.*",), subject="n5")) == [5]
    assert await found(Selection(types=("note.(", "note.change[d]", "note.change."))) == []
    assert await found(Selection(types=("note", "no.changed", "note.changed.twice"))) == []
    partition = (await world.all())[0].partition
    mine = await world.all(Selection(partition=partition))
    assert {one.partition for one in mine} == {partition}
    assert positions(mine)[0] == 1


async def test_an_empty_lake_is_empty(world: LakeWorld) -> None:
    assert await world.all() == []
    assert world.lake.compact() == world.lake.vacuum() == 0


async def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    async with lake_world(tmp_path) as world:
        world.append([row(1)])
        (name,) = world.lake.snapshot.files
        (tmp_path / "lake" / name).write_bytes(b"PAR1")
        with pytest.raises(LakeDamaged, match=name):
            await world.all()
        (tmp_path / "lake" / name).unlink()
        with pytest.raises(LakeDamaged, match=f"{name} is missing"):
            await world.all()
        (tmp_path / "lake/log/00000000000000000001.json").write_text("{")
        with pytest.raises(LakeDamaged, match=r"00000000000000000001\.json is no commit"):
            world.again().refresh()


async def test_a_folder_that_the_lake_makes_is_its_own_alone(tmp_path: Path) -> None:
    for place in ("made", "there"):
        if place == "there":
            (tmp_path / place).mkdir(mode=0o750)
        async with lake_world(tmp_path, open_storage(str(tmp_path / place), plain=True)) as world:
            world.append([row(1)])
    assert [(tmp_path / place).stat().st_mode & 0o777 for place in ("made", "there")] == [0o700, 0o750]


async def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LakeUnavailable, match="file"):
        FolderStorage(tmp_path / "file").put("log/x", b"")
    for place in ("ftp://somewhere", "s3://", "s3://bucket?x=1"):
        with pytest.raises(UnsupportedLake, match="s3://bucket/prefix"):
            open_storage(place)


def test_a_bucket_that_is_not_there_is_named(s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3_environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(LakeUnavailable, match="nowhere"):
        open_storage("s3://nowhere/lake", plain=True).put("log/x", b"")
