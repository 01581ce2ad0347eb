"""The asset store: files by the digest of their content, kept for good, with their compressed variants."""

import base64
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from anyio import open_file, to_thread

from portico.manifest.compression import ENCODINGS, Compression, Effort, Encoding, compress_file
from portico.manifest.errors import AssetMissing

_BLOCK = 1 << 18


class AssetStore(Protocol):
    """Where the files of releases are kept, addressed by integrity (``sha384-<base64>``). Nothing is ever replaced."""

    async def put(self, integrity: str, source: Path, *, effort: Compression) -> None:
        """Keep the file at ``source`` (left where it is) and its variants; returning means durable.

        The caller has computed ``integrity`` from these bytes. A file that is kept already is left alone.
        """
        ...

    async def sizes(self, integrity: str) -> Mapping[Encoding | None, int]:
        """Return the bytes of the file (``None``) and of each variant there is; raises ``AssetMissing``."""
        ...

    def read(self, integrity: str, encoding: Encoding | None) -> AsyncIterator[bytes]:
        """Return the content of the file or of a variant, in blocks; raises ``AssetMissing``."""
        ...


class FolderAssets(AssetStore):
    """An asset store in a local folder, which several processes may share.

    Each file is written under another name, synced, and renamed. The file itself comes after its variants, so that a
    file that is there is there with all of them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, integrity: str, source: Path, *, effort: Compression) -> None:
        """Keep the file at ``source``; see ``AssetStore.put``."""
        await to_thread.run_sync(self._put, integrity, source, effort)

    async def sizes(self, integrity: str) -> Mapping[Encoding | None, int]:
        """Return the bytes of each variant; see ``AssetStore.sizes``."""
        return await to_thread.run_sync(self._sizes, integrity)

    async def read(self, integrity: str, encoding: Encoding | None) -> AsyncIterator[bytes]:
        """Yield the content in blocks; see ``AssetStore.read``."""
        try:
            file = await open_file(self._path(integrity, encoding), "rb")
        except FileNotFoundError as error:
            raise AssetMissing(integrity) from error
        async with file:
            while block := await file.read(_BLOCK):
                yield block

    def _path(self, integrity: str, encoding: Encoding | None = None) -> Path:
        name = asset_name(integrity)
        return self._folder / name[:2] / (f"{name}.{encoding}" if encoding else name)

    def _sizes(self, integrity: str) -> dict[Encoding | None, int]:
        sizes: dict[Encoding | None, int] = {}
        for encoding in (None, *ENCODINGS):
            try:
                sizes[encoding] = self._path(integrity, encoding).stat().st_size
            except FileNotFoundError:
                continue
        if None not in sizes:
            raise AssetMissing(integrity)
        return sizes

    def _put(self, integrity: str, source: Path, effort: Compression) -> None:
        target = self._path(integrity)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with encoded(source, effort) as variants:
            for encoding, variant in variants:
                _write(self._path(integrity, encoding), variant)
        _write(target, source)
        _sync_folder(target.parent)
        _sync_folder(self._folder)


def asset_name(integrity: str) -> str:
    """Return the name that a file is kept under: its digest in hexadecimal."""
    return base64.b64decode(integrity.removeprefix("sha384-"), validate=True).hex()


@contextmanager
def encoded(source: Path, effort: Compression) -> Iterator[Iterator[tuple[Encoding, Path]]]:
    """Offer the encodings of ``source`` that are smaller than it, one at a time, as files that are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="portico-encoded-") as scratch:
        yield _encoded(source, effort, Path(scratch, "encoded"))


def _encoded(source: Path, effort: Compression, target: Path) -> Iterator[tuple[Encoding, Path]]:
    if effort is Effort.NONE:
        return
    for encoding in ENCODINGS:
        if isinstance(effort, Effort):
            compress_file(source, target, encoding, effort)
        elif encoding in effort:
            target.write_bytes(effort[encoding])
        else:
            continue
        if target.stat().st_size < source.stat().st_size:
            yield encoding, target


def _write(target: Path, content: Path) -> None:
    """Write a file so that it is there whole or not at all, whatever happens in between."""
    descriptor, name = tempfile.mkstemp(prefix=".incoming-", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with content.open("rb") as source:
                while block := source.read(_BLOCK):
                    file.write(block)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
