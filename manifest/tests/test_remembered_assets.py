"""Assets in memory: a small file is read from its store once, a large one each time, and the oldest make room."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portico.manifest import AssetMissing, FolderAssets
from portico.manifest.compression import Effort, Encoding
from portico.manifest.release import integrity_of
from portico.manifest.remembered_assets import RememberedAssets


class CountedAssets(FolderAssets):
    """A folder that counts what is asked of it."""

    asked = 0

    async def sizes(self, integrity: str) -> dict[Encoding | None, int]:
        self.asked += 1
        return dict(await super().sizes(integrity))

    async def read(self, integrity: str, encoding: Encoding | None) -> AsyncIterator[bytes]:
        self.asked += 1
        async for block in super().read(integrity, encoding):
            yield block


async def keep(assets: RememberedAssets, folder: Path, content: bytes) -> str:
    source = folder / "source"
    source.write_bytes(content)
    await assets.put(integrity_of(content), source, effort=Effort.NONE)
    return integrity_of(content)


async def read(assets: RememberedAssets, integrity: str) -> bytes:
    await assets.sizes(integrity)
    return b"".join([block async for block in assets.read(integrity, None)])


async def test_a_small_file_is_asked_for_once(tmp_path: Path) -> None:
    store = CountedAssets(tmp_path / "assets")
    assets = RememberedAssets(store)
    small = await keep(assets, tmp_path, b"small")
    assert [await read(assets, small) for _ in range(3)] == [b"small"] * 3
    assert store.asked == 2  # its sizes, its content


async def test_a_large_file_is_read_each_time(tmp_path: Path) -> None:
    store = CountedAssets(tmp_path / "assets")
    assets = RememberedAssets(store)
    content = bytes(300 << 10)
    large = await keep(assets, tmp_path, content)
    assert [await read(assets, large) == content for _ in range(3)] == [True] * 3
    assert store.asked == 4


async def test_what_nobody_has_asked_for_the_longest_makes_room(tmp_path: Path) -> None:
    store = CountedAssets(tmp_path / "assets")
    assets = RememberedAssets(store, remembered=25)
    first, second, third = [await keep(assets, tmp_path, letter * 10) for letter in (b"a", b"b", b"c")]
    for integrity in (first, second, first, third):
        await read(assets, integrity)
    before = store.asked
    assert await read(assets, first) == b"a" * 10
    assert store.asked == before
    assert await read(assets, second) == b"b" * 10
    assert store.asked == before + 1


async def test_what_is_kept_stays_within_its_room(tmp_path: Path) -> None:
    store = CountedAssets(tmp_path / "assets")
    assets = RememberedAssets(store, remembered=25)
    kept = [await keep(assets, tmp_path, bytes([n]) * size) for n, size in enumerate((20, 4, 10, 10))]
    for integrity in kept:
        await read(assets, integrity)
    # Two that read the same at the same time count it once.
    both = await keep(assets, tmp_path, b"both")
    await asyncio.gather(*(read(assets, both) for _ in range(5)))
    before = store.asked
    for integrity in (*kept[2:], both):
        await read(assets, integrity)
    assert store.asked == before, "24 bytes have room in 25"
    await read(assets, kept[1])
    await read(assets, kept[2])
    assert store.asked == before + 2, "28 have not"


async def test_sizes_are_remembered_of_so_many_files_alone(tmp_path: Path) -> None:
    store = CountedAssets(tmp_path / "assets")
    assets = RememberedAssets(store)
    store.sizes = one_size  # type: ignore[method-assign,assignment]
    for n in range(10_000):
        await assets.sizes(integrity_of(n.to_bytes(2)))
    assert len(assets._sizes) <= 8192


async def one_size(_integrity: str) -> dict[Encoding | None, int]:
    return {None: 1}


async def test_a_file_that_is_not_there_yet_is_not_remembered_as_missing(tmp_path: Path) -> None:
    assets = RememberedAssets(FolderAssets(tmp_path / "assets"))
    with pytest.raises(AssetMissing):
        await read(assets, integrity_of(b"late"))
    assert await read(assets, await keep(assets, tmp_path, b"late")) == b"late"
