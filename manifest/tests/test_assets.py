"""What every asset store does: whole files with their variants, kept for good. One suite over a folder and S3."""

import asyncio
import gzip
import os
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import obstore
import pytest
import zstandard
from obstore.store import S3Store

from portico.manifest import AssetMissing, AssetStore, AssetsUnavailable, FolderAssets, UnsupportedAssets
from portico.manifest.asset_places import open_assets
from portico.manifest.compression import Effort, Encoding
from portico.manifest.release import integrity_of
from portico.manifest.s3_assets import S3Assets

TEXT = b"export const a = 1;\n" * 50
INTEGRITY = integrity_of(TEXT)


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where each kind of store keeps its files."""
    if request.param == "folder":
        return str(tmp_path / "assets")
    bucket: str = request.getfixturevalue("s3_place")
    return bucket


@pytest.fixture
def assets(place: str) -> AssetStore:
    return open_assets(place, os.environ)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "source"
    path.write_bytes(content)
    return path


async def read(assets: AssetStore, integrity: str = INTEGRITY, encoding: Encoding | None = None) -> bytes:
    return b"".join([block async for block in assets.read(integrity, encoding)])


@pytest.mark.parametrize("effort", [Effort.QUICK, Effort.THOROUGH])
async def test_a_file_is_kept_with_its_variants(assets: AssetStore, tmp_path: Path, effort: Effort) -> None:
    source = written(tmp_path, TEXT)
    await assets.put(INTEGRITY, source, effort=effort)
    sizes = await assets.sizes(INTEGRITY)
    assert set(sizes) == {None, "br", "zstd", "gzip"}
    kept = {encoding: await read(assets, encoding=encoding) for encoding in sizes}
    assert {encoding: len(content) for encoding, content in kept.items()} == sizes
    assert kept[None] == TEXT
    assert brotli.decompress(kept["br"]) == TEXT
    assert zstandard.ZstdDecompressor().decompress(kept["zstd"]) == TEXT
    assert gzip.decompress(kept["gzip"]) == TEXT
    assert source.read_bytes() == TEXT


async def test_what_does_not_shrink_has_no_variants(assets: AssetStore, tmp_path: Path) -> None:
    noise = os.urandom(5000)
    await assets.put(integrity_of(noise), written(tmp_path, noise), effort=Effort.THOROUGH)
    await assets.put(INTEGRITY, written(tmp_path, TEXT), effort=Effort.NONE)
    assert await assets.sizes(integrity_of(noise)) == {None: 5000}
    assert await assets.sizes(INTEGRITY) == {None: len(TEXT)}


async def test_variants_that_were_made_already_are_kept_as_they_are(assets: AssetStore, tmp_path: Path) -> None:
    made: dict[Encoding | None, bytes] = {None: TEXT, "br": b"made before", "zstd": TEXT + b"larger"}
    await assets.put(INTEGRITY, written(tmp_path, TEXT), effort=made)
    assert await assets.sizes(INTEGRITY) == {None: len(TEXT), "br": len(b"made before")}
    assert await read(assets, encoding="br") == b"made before"
    assert await read(assets) == TEXT


async def test_a_file_of_many_parts_comes_back_whole(assets: AssetStore, tmp_path: Path) -> None:
    large = os.urandom(1 << 20) * 17 + b"end"
    integrity = integrity_of(large)
    await assets.put(integrity, written(tmp_path, large), effort=Effort.NONE)
    assert await assets.sizes(integrity) == {None: len(large)}
    blocks = [block async for block in assets.read(integrity, None)]
    assert b"".join(blocks) == large
    assert len(blocks) > 10


async def test_an_empty_file_is_a_file(assets: AssetStore, tmp_path: Path) -> None:
    await assets.put(integrity_of(b""), written(tmp_path, b""), effort=Effort.THOROUGH)
    assert await assets.sizes(integrity_of(b"")) == {None: 0}
    assert await read(assets, integrity_of(b"")) == b""


async def test_what_is_not_there_is_missing(assets: AssetStore, tmp_path: Path) -> None:
    with pytest.raises(AssetMissing):
        await assets.sizes(INTEGRITY)
    with pytest.raises(AssetMissing):
        await read(assets)
    await assets.put(INTEGRITY, written(tmp_path, TEXT), effort=Effort.NONE)
    assert await read(assets) == TEXT
    with pytest.raises(AssetMissing):
        await read(assets, encoding="br")


async def test_another_process_finds_what_one_kept(assets: AssetStore, place: str, tmp_path: Path) -> None:
    another = open_assets(place, os.environ)
    with pytest.raises(AssetMissing):
        await another.sizes(INTEGRITY)
    await assets.put(INTEGRITY, written(tmp_path, TEXT), effort=Effort.QUICK)
    assert await another.sizes(INTEGRITY) == await assets.sizes(INTEGRITY)
    assert await read(another) == TEXT


async def test_two_that_keep_the_same_file_at_once_keep_it_once(place: str, tmp_path: Path) -> None:
    source = written(tmp_path, TEXT)
    stores = [open_assets(place, os.environ) for _ in range(8)]
    await asyncio.gather(*(store.put(INTEGRITY, source, effort=Effort.QUICK) for store in stores))
    assert {await read(store) for store in stores} == {TEXT}


async def test_a_file_that_is_there_is_not_sent_again(s3_place: str, tmp_path: Path) -> None:
    assets = open_assets(s3_place, os.environ)
    source = written(tmp_path, TEXT)
    await assets.put(INTEGRITY, source, effort=Effort.QUICK)
    source.unlink()
    await assets.put(INTEGRITY, source, effort=Effort.QUICK)
    await open_assets(s3_place, os.environ).put(INTEGRITY, source, effort=Effort.QUICK)


async def test_a_file_whose_last_part_never_came_is_not_there_and_can_be_kept_again(
    s3_place: str, tmp_path: Path
) -> None:
    assets = open_assets(s3_place, os.environ)
    await assets.put(INTEGRITY, written(tmp_path, TEXT), effort=Effort.QUICK)
    bucket = S3Store.from_url(s3_place, client_options={"allow_http": True})
    (key,) = [one["path"] for one in obstore.list(bucket).collect() if one["path"].endswith("/identity")]
    await obstore.delete_async(bucket, key)
    fresh = open_assets(s3_place, os.environ)
    with pytest.raises(AssetMissing):
        await fresh.sizes(INTEGRITY)
    await fresh.put(INTEGRITY, written(tmp_path, TEXT), effort=Effort.QUICK)
    assert await read(fresh) == TEXT


async def test_a_bucket_that_is_not_there_is_unavailable_and_not_an_empty_one(s3_place: str, tmp_path: Path) -> None:
    assets = open_assets("s3://nowhere/at/all", os.environ)
    with pytest.raises(AssetsUnavailable):
        await assets.sizes(INTEGRITY)
    with pytest.raises(AssetsUnavailable):
        await assets.put(INTEGRITY, written(tmp_path, TEXT), effort=Effort.NONE)
    with pytest.raises(AssetsUnavailable):
        await read(assets)


def test_a_place_is_a_folder_or_a_bucket(tmp_path: Path, s3_place: str) -> None:
    assert isinstance(open_assets(tmp_path, {}), FolderAssets)
    assert isinstance(open_assets("some/folder", {}), FolderAssets)
    assert isinstance(open_assets(s3_place, os.environ), S3Assets)
    for wrong in ("gs://bucket", "s3://", "s3:///prefix", "s3://key:secret@bucket", "s3://bucket?region=x"):
        with pytest.raises(UnsupportedAssets) as caught:
            open_assets(wrong, {})
        assert "secret" not in str(caught.value)
