"""The power goes at every step of the lake's work: what was acknowledged is there, nothing is there twice or half."""

import shutil
from pathlib import Path

import pytest

from bffs.kit.tests.lake_disks import CutDisk, PowerCut
from bffs.kit.tests.lake_world import STREAM, Clock, LakeWorld, lake_world, positions, row
from portico.lake.errors import LakeError
from portico.lake.lake import Lake
from portico.lake.log import EPOCH
from portico.lake.storage import FolderStorage

BATCHES = ([1, 2], [3], [4, 5])
ALL = [1, 2, 3, 4, 5]


def work(lake: Lake, acknowledged: list[int]) -> None:
    """What a keeper does: append, append, append, compact."""
    for batch in BATCHES:
        lake.append([row(n) for n in batch], EPOCH + batch[-1], STREAM)
        acknowledged += batch
    lake.compact(wholly=True)


def cut_at(step: int, folder: Path, disk: CutDisk) -> tuple[bool, list[int]]:
    """Work until the power goes at this step; return whether it went, and what was acknowledged."""
    acknowledged: list[int] = []
    folder.mkdir(parents=True)
    disk.last = step
    try:
        work(Lake(FolderStorage(folder, disk), Clock()), acknowledged)
    except PowerCut:
        return True, acknowledged
    return False, acknowledged


async def check(left: Path, tmp_path: Path, acknowledged: list[int]) -> None:
    """Everything acknowledged is in what is left; and a keeper that goes on makes it whole."""
    async with lake_world(tmp_path, FolderStorage(left)) as world:
        found = positions(await world.all())
        assert found == ALL[: len(found)]
        assert len(found) >= len(acknowledged)
        work(world.lake, [])
        assert positions(await LakeWorld(world.storage, world.keys, world.clock).all()) == ALL


async def every_step(tmp_path: Path, disk: type[CutDisk], *, names_kept: bool) -> int:
    step, cut = 0, True
    while cut:
        step += 1
        live, left = tmp_path / "live", tmp_path / "left"
        cut, acknowledged = cut_at(step, live, one := disk())
        one.left(live, left, names_kept=names_kept)
        await check(left, tmp_path, acknowledged)
        shutil.rmtree(live)
        shutil.rmtree(left)
    return step


@pytest.mark.parametrize("names_kept", [False, True])
async def test_the_power_goes_at_every_step(tmp_path: Path, names_kept: bool) -> None:
    assert await every_step(tmp_path, CutDisk, names_kept=names_kept) > 40


class NoContents(CutDisk):
    """A mutant: contents are not synced."""

    def sync_file(self, path: Path) -> None:
        self.step()


class NoNames(CutDisk):
    """A mutant: names are not synced."""

    def sync_folder(self, path: Path) -> None:
        self.step()


@pytest.mark.parametrize(("mutant", "names_kept"), [(NoContents, True), (NoNames, False)])
async def test_a_mutant_that_does_not_sync_is_caught(tmp_path: Path, mutant: type[CutDisk], names_kept: bool) -> None:
    with pytest.raises((AssertionError, LakeError)):
        await every_step(tmp_path, mutant, names_kept=names_kept)
