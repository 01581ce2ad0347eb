"""The asset store in a folder: whole files or none, whatever the disk does."""

import os
from pathlib import Path

import pytest

from portico.manifest import AssetMissing, FolderAssets
from portico.manifest.compression import Effort
from portico.manifest.release import integrity_of

TEXT = b"export const a = 1;\n" * 50
INTEGRITY = integrity_of(TEXT)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.js"
    path.write_bytes(TEXT)
    return path


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_a_file_that_is_there_is_left_alone(tmp_path: Path, source: Path) -> None:
    assets = FolderAssets(tmp_path / "assets")
    await assets.put(INTEGRITY, source, effort=Effort.THOROUGH)
    before = [(path, path.stat().st_mtime_ns, path.stat().st_ino) for path in files(tmp_path / "assets")]
    await assets.put(INTEGRITY, source, effort=Effort.THOROUGH)
    assert [(path, path.stat().st_mtime_ns, path.stat().st_ino) for path in files(tmp_path / "assets")] == before


async def test_a_disk_that_fails_leaves_no_half_file_and_the_next_try_succeeds(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = FolderAssets(tmp_path / "assets")
    synced = 0
    real_fsync = os.fsync

    def failing(descriptor: int) -> None:
        nonlocal synced
        synced += 1
        if synced == 3:  # two variants are there, the third is not
            raise OSError(28, "No space left on device")
        real_fsync(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        with pytest.raises(OSError, match="No space"):
            await assets.put(INTEGRITY, source, effort=Effort.THOROUGH)
    assert len(files(tmp_path / "assets")) == 2
    with pytest.raises(AssetMissing):
        await assets.sizes(INTEGRITY)
    await assets.put(INTEGRITY, source, effort=Effort.THOROUGH)
    assert set(await assets.sizes(INTEGRITY)) == {None, "br", "zstd", "gzip"}
    assert not [path for path in files(tmp_path / "assets") if path.name.startswith(".")]
