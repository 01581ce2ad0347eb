"""The text of documents that belong to a release: of files that were just sent, or of those that are kept."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from portico.manifest.assets import AssetStore
from portico.manifest.errors import Finding
from portico.manifest.release import Release

MAX_DOCUMENT = 1 << 20
"""The largest contract, schema or document of operations, in bytes."""


async def new_texts(named: Mapping[str, str], files: Mapping[str, Path]) -> tuple[dict[str, str], list[Finding]]:
    """Return the texts of files of a release that is not kept yet, and what is wrong with them.

    ``named`` is the place in the manifest of each path; files that are not there are somebody else's to find.
    """
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    for path, place in named.items():
        if path not in files:
            continue
        if files[path].stat().st_size > MAX_DOCUMENT:
            findings.append(Finding(place, f"{path} is larger than {MAX_DOCUMENT} bytes"))
            continue
        try:
            texts[path] = (await asyncio.to_thread(files[path].read_bytes)).decode()
        except UnicodeDecodeError:
            findings.append(Finding(place, f"{path} is not UTF-8"))
    return texts, findings


async def text_of(assets: AssetStore, release: Release, path: str, files: Mapping[str, Path] | None = None) -> str:
    """Return the text of one file. ``files`` are the release's own while the asset store does not have them yet."""
    if files is not None and path in files:
        return (await asyncio.to_thread(files[path].read_bytes)).decode("utf-8", "replace")
    file = release.file(path)
    if file is None or file.size > MAX_DOCUMENT:  # published before such files were looked at
        return ""
    blocks = [block async for block in assets.read(file.integrity, None)]
    return b"".join(blocks).decode("utf-8", "replace")
