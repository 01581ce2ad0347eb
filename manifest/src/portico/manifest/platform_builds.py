"""The platform's builds: kept as releases are, so that pages of an earlier one still find what they load late."""

import asyncio
import tempfile
from pathlib import Path

from portico.manifest.manifest import Manifest
from portico.manifest.platform_assets import PlatformAssets


async def keep_platform(manifest: Manifest, platform: PlatformAssets) -> None:
    """Keep this build's files for good; one small read when they are kept already.

    The files are durable before the build is known.
    """
    if await manifest.store.has_platform(platform.digest):
        return
    with tempfile.TemporaryDirectory(prefix="portico-platform-") as scratch:
        # From memory, not from the folder they were read from: that may have been built anew meanwhile.
        source = Path(scratch, "file")
        for file in platform.files.values():
            await asyncio.to_thread(source.write_bytes, platform.content(file.path))
            await manifest.assets.put(file.integrity, source, effort=platform.variants(file.path))
    await manifest.store.add_platform(platform.digest, tuple(platform.files.values()))
