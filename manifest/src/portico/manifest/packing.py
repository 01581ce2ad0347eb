"""From a built folder to an upload: the same files give the same bytes, on every machine and at any time."""

import gzip
import io
import tarfile
from pathlib import Path
from typing import BinaryIO

from portico.manifest.unpacked import UnpackedApp


def pack(app: UnpackedApp, target: BinaryIO) -> None:
    """Write a tar.gz of the app's files: by name, without times, owners or modes of this machine."""
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=target, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in sorted(app.files):
            tar.addfile(*_entry(name, app.files[name]))


def _entry(name: str, path: Path) -> tuple[tarfile.TarInfo, BinaryIO]:
    content = path.read_bytes()
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o644
    return entry, io.BytesIO(content)
