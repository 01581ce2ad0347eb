"""From the settings to a lake with its keys and schemas."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from portico.lake.errors import UnsupportedLake
from portico.lake.keys import KeyStore
from portico.lake.lake import Lake
from portico.lake.schemas import Schemas
from portico.lake.storage import FolderStorage, Storage
from portico.secrets import with_secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeConfig:
    """``place`` is a folder or ``s3://bucket/prefix``; ``keys`` the URL of the keys' database; ``schemas`` folders."""

    place: str
    keys: str
    schemas: tuple[Path, ...] = ()
    plain: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], data_dir: Path) -> LakeConfig:
        """Read the settings; what is not set is in the data folder. Raises ``SecretRefused``."""
        settings = with_secrets(environment)
        endpoint = settings.get("AWS_ENDPOINT_URL_S3") or settings.get("AWS_ENDPOINT_URL") or ""
        folders = settings.get("PORTICO_LAKE_SCHEMAS") or ""
        return cls(
            place=settings.get("PORTICO_LAKE") or str(data_dir.absolute() / "lake"),
            keys=settings.get("PORTICO_LAKE_KEYS") or f"sqlite:///{data_dir.absolute() / 'lake-keys.db'}",
            schemas=tuple(Path(folder) for folder in folders.split(os.pathsep) if folder),
            plain=endpoint.startswith("http://"),
        )

    def lake(self) -> Lake:
        """The lake; nothing is read yet. Raises ``UnsupportedLake``."""
        return Lake(open_storage(self.place, plain=self.plain), now)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[Lake, KeyStore]]:
        """The lake with its keys, for as long as the block runs. Raises what they raise."""
        lake = self.lake()
        keys = await KeyStore.open(self.keys, now)
        try:
            yield lake, keys
        finally:
            await keys.close()

    def read_schemas(self) -> Schemas:
        """Read the schemas: those in the folders, else those of the services installed. Raises ``UnsupportedLake``."""
        return Schemas.read(self.schemas) if self.schemas else Schemas.installed()


def open_storage(place: str, *, plain: bool = False) -> Storage:
    """Return the storage at a folder or ``s3://bucket/prefix``. Raises ``UnsupportedLake``."""
    if "://" not in place:
        return FolderStorage(Path(place))
    parts = urlsplit(place)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
        raise UnsupportedLake("the lake is kept in a folder or in s3://bucket/prefix")
    from portico.lake.s3_storage import S3Storage  # noqa: PLC0415 (with a folder, start without its client)

    return S3Storage(parts.netloc, parts.path.strip("/"), plain=plain)


def now() -> int:
    """The time, in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
