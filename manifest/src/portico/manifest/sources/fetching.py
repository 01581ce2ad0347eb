"""Fetching files from the origins that an operator allows, and from nowhere else: no redirect is followed."""

import asyncio
import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from anyio import open_file

from portico.manifest.app_manifest import FILE_NAME
from portico.manifest.canonical import canonical_json
from portico.manifest.errors import Finding, InvalidSource
from portico.manifest.limits import Limits
from portico.manifest.sources.listing import SourceFile, SourceListing
from portico.manifest.unpacked import UnpackedApp

_BLOCK = 1 << 18
_AT_ONCE = 8
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "portico-deployer"}


@dataclass(frozen=True, slots=True)
class Sources:
    """From which origins (``https://cdn.example``) files are fetched, and how many seconds all of a release may take.

    An origin is the operator's word: it is asked wherever its name leads, inside their network too.
    """

    origins: frozenset[str] = frozenset()
    seconds: float = 60.0


async def fetch_all(listing: SourceListing, folder: Path, sources: Sources, limits: Limits) -> UnpackedApp:
    """Write every file of a checked listing to ``folder`` (which is made), under numbers; ``app.json`` is the manifest.

    Raises ``InvalidSource`` with each file that cannot be had, is too large, or has other bytes than it should. Memory
    stays at a few blocks, whatever is sent.
    """
    await asyncio.to_thread(folder.mkdir)
    manifest = folder / "manifest"
    await asyncio.to_thread(manifest.write_bytes, canonical_json(listing.manifest))
    places = [folder / str(number) for number in range(len(listing.files))]
    connector = aiohttp.TCPConnector(limit=_AT_ONCE)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, timeout=_UNBOUNDED
    ) as client:
        fetching = _Fetching(client, limits)
        try:
            async with asyncio.timeout(sources.seconds):
                found = await asyncio.gather(*map(fetching.file, listing.files, places))
        except TimeoutError as error:
            detail = f"took longer than {sources.seconds:g} seconds together"
            raise InvalidSource([Finding("/files", detail)]) from error
    _raise_flaws(found)
    return UnpackedApp(
        {FILE_NAME: manifest, **{file.path: place for file, place in zip(listing.files, places, strict=True)}}
    )


class _Fetching:
    """One release's files, counted together."""

    def __init__(self, client: aiohttp.ClientSession, limits: Limits) -> None:
        self._client = client
        self._limits = limits
        self._left = limits.unpacked

    async def file(self, file: SourceFile, place: Path) -> str | None:
        """Fetch one file; returns what is wrong with it, ``None`` when it is there."""
        try:
            async with self._client.get(file.url, allow_redirects=False, headers=_HEADERS) as response:
                if response.status != 200:
                    moved = " (redirects are not followed)" if 300 <= response.status < 400 else ""
                    return f"answered {response.status}{moved}"
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    return "came compressed, although it was asked for as it is"
                return await self._keep(file, response, place)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"cannot be had: {str(error)[:200] or type(error).__name__}"

    async def _keep(self, file: SourceFile, response: aiohttp.ClientResponse, place: Path) -> str | None:
        name = (file.integrity or "sha384-").partition("-")[0]
        hashed, size = hashlib.new(name), 0
        async with await open_file(place, "wb") as target:
            async for block in response.content.iter_chunked(_BLOCK):
                size += len(block)
                self._left -= len(block)
                if size > self._limits.file:
                    return f"is larger than {self._limits.file} bytes"
                if self._left < 0:
                    return f"is one too many: all files together have more than {self._limits.unpacked} bytes"
                hashed.update(block)
                await target.write(block)
        integrity = f"{name}-{base64.b64encode(hashed.digest()).decode()}"
        if file.integrity not in {None, integrity}:
            return f"has other bytes than it should: {integrity}"
        return None


def _raise_flaws(found: Sequence[str | None]) -> None:
    findings = [Finding(f"/files/{number}/url", flaw) for number, flaw in enumerate(found) if flaw]
    if findings:
        raise InvalidSource(findings[:20])


_UNBOUNDED = aiohttp.ClientTimeout(total=None, connect=10.0, sock_read=30.0)
"""All files together have a time of their own."""
