"""The lake in a bucket that speaks Amazon's S3 protocol."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from portico.lake.errors import LakeDamaged, LakeUnavailable, UnsupportedLake
from portico.lake.storage import Storage, Stored


class S3Storage(Storage):
    """The lake below ``prefix`` in a bucket; region, endpoint and credentials come from ``AWS_*``.

    Commits use conditional writes (``If-None-Match``). ``plain`` allows an endpoint without TLS.
    """

    def __init__(self, bucket: str, prefix: str = "", *, plain: bool = False) -> None:
        self._prefix = prefix.strip("/")
        self._where = f"s3://{bucket}/{self._prefix}".rstrip("/")
        try:
            self._bucket = S3Store(
                bucket,
                prefix=self._prefix or None,
                client_options={"allow_http": plain, "connect_timeout": "5s", "timeout": "60s"},
                retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=20)},
                checksum_algorithm="SHA256",  # S3 refuses what was damaged on the way
            )
        except BaseError as error:
            raise UnsupportedLake(f"the bucket's settings cannot be used: {error}") from error

    @property
    def root(self) -> str:
        """See ``Storage.root``."""
        return self._where

    def put(self, name: str, data: bytes) -> None:
        """See ``Storage.put``."""
        with self._meaning(name):
            obstore.put(self._bucket, name, data)

    def create(self, name: str, data: bytes) -> bool:
        """See ``Storage.create``."""
        with self._meaning(name):
            try:
                obstore.put(self._bucket, name, data, mode="create", use_multipart=False)
            except AlreadyExistsError:
                # A repeated attempt of the client itself may have been the first: then the content is ours.
                return bytes(obstore.get(self._bucket, name).bytes()) == data
        return True

    def get(self, name: str) -> bytes:
        """See ``Storage.get``."""
        with self._meaning(name):
            return bytes(obstore.get(self._bucket, name).bytes())

    def list(self, prefix: str) -> list[Stored]:
        """See ``Storage.list``."""
        with self._meaning(prefix):
            found = [
                Stored(str(one["path"]), int(one["size"]), int(one["last_modified"].timestamp() * 1000))
                for page in obstore.list(self._bucket, prefix)
                for one in page
            ]
        return sorted(found, key=lambda one: one.name)

    def delete(self, name: str) -> None:
        """See ``Storage.delete``."""
        with self._meaning(name), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._bucket, name)

    @contextlib.contextmanager
    def _meaning(self, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise LakeUnavailable(f"there is no such bucket: {self._where}") from error
            raise LakeDamaged(f"{name} is missing in {self._where}") from error
        except (BaseError, OSError) as error:
            raise LakeUnavailable(f"{self._where} does not answer as it should: {error}") from error
