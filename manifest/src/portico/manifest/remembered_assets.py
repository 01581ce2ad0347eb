"""Small files that were read last, kept in memory: a page does not wait for a disk or a bucket each time."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from portico.manifest.assets import AssetStore
from portico.manifest.compression import Compression, Encoding

REMEMBERED = 32 << 20
"""How many bytes are kept in memory."""
_LARGEST = 256 << 10
"""Larger files go through in blocks, each time."""
_MOST_SIZES = 8192


class RememberedAssets(AssetStore):
    """An asset store in front of another. Nothing there is ever replaced, so what is remembered stays true."""

    def __init__(self, store: AssetStore, *, remembered: int = REMEMBERED) -> None:
        self._store = store
        self._room = remembered
        self._sizes: OrderedDict[str, Mapping[Encoding | None, int]] = OrderedDict()
        self._contents: OrderedDict[tuple[str, Encoding | None], bytes] = OrderedDict()

    async def put(self, integrity: str, source: Path, *, effort: Compression) -> None:
        """Keep the file at ``source``; see ``AssetStore.put``."""
        await self._store.put(integrity, source, effort=effort)

    async def sizes(self, integrity: str) -> Mapping[Encoding | None, int]:
        """Return the bytes of each variant; see ``AssetStore.sizes``."""
        known = self._sizes.get(integrity)
        if known is None:
            known = self._sizes[integrity] = await self._store.sizes(integrity)
            if len(self._sizes) > _MOST_SIZES:
                self._sizes.popitem(last=False)
        return known

    async def read(self, integrity: str, encoding: Encoding | None) -> AsyncIterator[bytes]:
        """Yield the content in blocks, a remembered one whole; see ``AssetStore.read``."""
        key = (integrity, encoding)
        if key in self._contents:
            self._contents.move_to_end(key)
            yield self._contents[key]
        elif (await self.sizes(integrity)).get(encoding, _LARGEST) < _LARGEST:
            whole = b"".join([block async for block in self._store.read(integrity, encoding)])
            self._remember(key, whole)
            yield whole
        else:
            async for block in self._store.read(integrity, encoding):
                yield block

    def _remember(self, key: tuple[str, Encoding | None], content: bytes) -> None:
        """Keep ``content``; those that nobody has asked for the longest make room."""
        self._room -= len(content) - len(self._contents.pop(key, b""))  # two may have read it at the same time
        self._contents[key] = content
        while self._room < 0:
            _, gone = self._contents.popitem(last=False)
            self._room += len(gone)
