"""A keeper in a process of its own, which dies by SIGKILL at a step of its disk."""

import asyncio
from pathlib import Path

from bffs.kit.tests.lake_disks import SteppedDisk
from bffs.kit.tests.lake_world import schemas
from portico.lake.config import now
from portico.lake.keeper import Keeper
from portico.lake.keys import KeyStore
from portico.lake.lake import Lake
from portico.lake.storage import FolderStorage


def keep(folder: Path, servers: str, last: int, until: int) -> None:
    """Keep what the hub has until so many events are in the lake; die before the ``last``-th step of the disk."""
    asyncio.run(_keep(folder, servers, last, until))


async def _keep(folder: Path, servers: str, last: int, until: int) -> None:
    lake = Lake(FolderStorage(folder / "lake", SteppedDisk(last)), now)
    keys = await KeyStore.open(f"sqlite:///{folder}/keys.db", now)
    keeper = Keeper(lake, keys, schemas(), servers, linger=0.02, tidy=1)
    keeper.start()
    async with asyncio.timeout(30):
        while sum(one.rows for one in lake.snapshot.files.values()) < until:  # noqa: ASYNC110 (threads)
            await asyncio.sleep(0.01)
    await keeper.stop()
    await keys.close()
