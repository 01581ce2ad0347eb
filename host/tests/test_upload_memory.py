"""An upload of 100 MB passes through a deployer in bounded memory: counted by the system, over the process's life."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import tarfile
from pathlib import Path

import httpx
import pytest

from host.tests.deployer_replicas import new_token, replica
from manifest.tests.manifest_world import app_files, tar_gz

MIB = 1 << 20
ALLOWED = 64 * MIB
"""Above what a deployer needs for the smallest release; the upload is more than half as large again."""


@pytest.mark.timeout(300)  # they are made, sent, unpacked, and packed anew
def test_a_hundred_megabytes_need_no_more_memory_than_a_few(tmp_path: Path) -> None:
    small, large = tmp_path / "small.tar.gz", tmp_path / "large.tar.gz"
    small.write_bytes(tar_gz(app_files()))
    write_large(large)
    assert large.stat().st_size > 100_000_000
    idle = peak_of_upload(tmp_path / "one", small)
    busy = peak_of_upload(tmp_path / "two", large)
    assert busy - idle < ALLOWED, f"{busy // MIB} MiB, {idle // MIB} MiB without the upload"


def peak_of_upload(folder: Path, archive: Path) -> int:
    """The most memory, in bytes, that a deployer had resident in its life, in which it took in one archive."""
    with replica({"PORTICO_DATA_DIR": str(folder)}) as deployer:
        token = new_token({"PORTICO_MANIFEST_DATABASE": f"sqlite:///{folder}/manifest.db"})
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/gzip"}
        with archive.open("rb") as content:
            answer = httpx.post(
                f"{deployer.url}/deploy/apps/shop/releases", content=content, headers=headers, timeout=250
            )
        assert answer.status_code == 201, answer.text
        return peak(deployer.process)


def peak(process: subprocess.Popen[str]) -> int:
    """The most memory, in bytes, that the process ever had resident; it has ended afterwards."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():  # Linux: getrusage(2) would count what the parent had when it forked
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024
    process.terminate()
    _, ended, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(ended)
    return usage.ru_maxrss


def write_large(target: Path) -> None:
    """Write an archive of what large apps have: big binaries, many modules, and text that shrinks."""
    noise = random.Random(7)
    with tarfile.open(target, "w:gz", compresslevel=1) as tar:
        add(tar, "app.json", json.dumps({"name": "@sales/shop", "version": "2.0.0", "entry": "shop.js"}).encode())
        add(tar, "shop.js", b"export const mount = async () => {};\n")
        add(tar, "data/film.webm", noise.randbytes(63 * MIB))
        add(tar, "data/engine.wasm", noise.randbytes(20 * MIB))
        add(tar, "data/words.json", json.dumps([noise.randbytes(8).hex() for _ in range(1_200_000)]).encode())
        for number in range(60):
            add(tar, f"parts/{number}.js", f"export const part = '{noise.randbytes(20_000).hex()}';\n".encode())


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
