"""The asset store in a bucket that speaks Amazon's S3 protocol, for deployers that share no folder."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

import obstore
from anyio import to_thread
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from portico.manifest.assets import AssetStore, asset_name, encoded
from portico.manifest.compression import ENCODINGS, Compression, Encoding
from portico.manifest.errors import AssetMissing, AssetsUnavailable, UnsupportedAssets

_BLOCK = 1 << 18
_PART = 5 << 20  # the least that S3 takes for a part of a multipart upload
_PARTS_AT_ONCE = 2
_IDENTITY = "identity"
_REMEMBERED = 65_536
_BY_NAME: Final[Mapping[str, Encoding | None]] = MappingProxyType({_IDENTITY: None} | {one: one for one in ENCODINGS})

Sizes = Mapping[Encoding | None, int]


class S3Assets(AssetStore):
    """An asset store in a bucket, which any number of processes may share.

    A file is ``<prefix>/<ab>/<digest>/identity``, its variants lie beside it. The file itself comes after its variants,
    so that a file that is there is there with all of them. ``plain`` allows an endpoint without TLS.
    """

    def __init__(self, bucket: str, prefix: str = "", *, plain: bool = False) -> None:
        try:
            self._bucket = S3Store(
                bucket,
                prefix=prefix or None,
                client_options={"allow_http": plain, "connect_timeout": "5s", "timeout": "60s"},
                retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=20)},
                checksum_algorithm="SHA256",  # S3 refuses what was damaged on the way
            )
        except BaseError as error:
            raise UnsupportedAssets(f"the bucket's settings cannot be used: {error}") from error
        # What is kept never changes: each file is looked up once per process.
        self._sizes: OrderedDict[str, Sizes] = OrderedDict()

    async def put(self, integrity: str, source: Path, *, effort: Compression) -> None:
        """Keep the file at ``source``; see ``AssetStore.put``."""
        try:
            await self.sizes(integrity)
        except AssetMissing:
            await to_thread.run_sync(self._put, _folder(integrity), source, effort)

    async def sizes(self, integrity: str) -> Sizes:
        """Return the bytes of each variant; see ``AssetStore.sizes``. Raises ``AssetsUnavailable`` too."""
        known = self._sizes.get(integrity)
        if known is None:
            known = await self._look_up(integrity)
            self._sizes[integrity] = known
            if len(self._sizes) > _REMEMBERED:
                self._sizes.popitem(last=False)
        return known

    async def read(self, integrity: str, encoding: Encoding | None) -> AsyncIterator[bytes]:
        """Yield the content in blocks; see ``AssetStore.read``. Raises ``AssetsUnavailable`` too."""
        with _meaning(integrity):
            answer = await obstore.get_async(self._bucket, f"{_folder(integrity)}/{encoding or _IDENTITY}")
            async for block in answer.stream(min_chunk_size=_BLOCK):
                yield bytes(block)

    async def _look_up(self, integrity: str) -> Sizes:
        folder = _folder(integrity)
        with _meaning(integrity):
            listed = (await obstore.list_with_delimiter_async(self._bucket, folder))["objects"]
        found = {str(one["path"]).rpartition("/")[2]: int(one["size"]) for one in listed}
        sizes = {encoding: found[name] for name, encoding in _BY_NAME.items() if name in found}
        if None not in sizes:
            raise AssetMissing(integrity)
        return MappingProxyType(sizes)

    def _put(self, folder: str, source: Path, effort: Compression) -> None:
        with _meaning(folder), encoded(source, effort) as variants:
            for encoding, variant in variants:
                self._upload(f"{folder}/{encoding}", variant)
            self._upload(f"{folder}/{_IDENTITY}", source)

    def _upload(self, key: str, file: Path) -> None:
        obstore.put(self._bucket, key, file, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)


def _folder(integrity: str) -> str:
    name = asset_name(integrity)
    return f"{name[:2]}/{name}"


@contextmanager
def _meaning(integrity: str) -> Iterator[None]:
    """Raise the bucket's errors as ours."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        if "NoSuchBucket" in str(error):  # the library has one kind for both
            raise AssetsUnavailable(f"there is no such bucket: {error}") from error
        raise AssetMissing(integrity) from error
    except (BaseError, OSError) as error:
        raise AssetsUnavailable(f"the bucket does not answer as it should: {error}") from error
