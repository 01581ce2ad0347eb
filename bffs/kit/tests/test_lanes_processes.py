"""Two processes on one file, with the same commands in the same lanes."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec

from bffs.kit.tests.lane_world import ledger, open_ledger

ROOT = Path(__file__).parents[3]
LANES, LENGTH = 6, 15


async def sending(folder: Path) -> dict[str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bffs.kit.tests.lane_process", str(folder), str(LANES), str(LENGTH),
        cwd=ROOT, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return msgspec.json.decode(output, type=dict[str, str])


async def test_each_command_takes_effect_once_and_the_lanes_are_in_order(tmp_path: Path) -> None:
    store = await open_ledger(tmp_path)
    answers = await asyncio.gather(*(sending(tmp_path) for _ in range(2)))
    entries = await ledger(store)
    await store.close()
    for number in range(LANES):
        lane = f"lane-{number}"
        assert [entry.seq for entry in entries if entry.lane == lane] == list(range(1, LENGTH + 1))
    for key in (entry.key for entry in entries):
        assert sorted(answer[key] for answer in answers) == ["applied", "replayed"]
