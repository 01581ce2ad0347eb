"""Where documents lie: a folder, or a bucket that speaks Amazon's S3 protocol."""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from portico.bff import SettingsError


class Documents:
    """Documents by name (``2026/05/<id>.pdf``). Whatever goes wrong is raised as ``OSError``; it may pass."""

    def __init__(self, store: LocalStore | S3Store, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def at(cls, place: str) -> "Documents":
        """Keep them at ``place``: a folder, or ``s3://bucket/prefix`` (credentials come from ``AWS_*``).

        ``s3+http://`` reaches an endpoint without TLS. Raises ``SettingsError``.
        """
        parts = urlsplit(place)
        try:
            if parts.scheme in {"s3", "s3+http"} and parts.netloc:
                plain = parts.scheme == "s3+http"
                prefix = parts.path.strip("/") or None
                return cls(S3Store(parts.netloc, prefix=prefix, client_options={"allow_http": plain, "timeout": "60s"}))
            folder = Path(place).absolute()
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls(LocalStore(folder), folder)
        except (BaseError, OSError, ValueError) as error:
            raise SettingsError(f"ARCHIVE_DOCUMENTS is {place!r}, where nothing can be kept: {error}") from error

    async def put(self, name: str, document: bytes) -> None:
        """Keep a document, in place of one with the same name; it is on disk, or in the bucket, when this returns."""
        with _meaning(name):
            await obstore.put_async(self._store, name, document)
        if self._folder is not None:
            await asyncio.to_thread(_sync, self._folder, name)

    async def get(self, name: str) -> bytes:
        """Return a document. Raises ``FileNotFoundError``."""
        with _meaning(name):
            found = await obstore.get_async(self._store, name)
            return bytes(await found.bytes_async())

    async def delete(self, name: str) -> None:
        """Take a document away; none is fine."""
        with _meaning(name), contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, name)


def _sync(folder: Path, name: str) -> None:
    """Have the disk keep a new file and the folders that name it."""
    path = folder / name
    for one in (path, *list(path.parents)[: len(Path(name).parts)]):
        opened = os.open(one, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


@contextlib.contextmanager
def _meaning(name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except BaseError as error:
        raise OSError(f"{name}: {error}") from error
