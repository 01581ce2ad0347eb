"""What a style sheet may not say for the whole page: the rest of it is held to its app's own root."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

from portico.manifest.app_manifest import AppManifest
from portico.manifest.errors import Finding
from portico.manifest.well_formed import pointer

_TOKEN = re.compile(rb"@property\s+(--p-[A-Za-z0-9_-]*)", re.IGNORECASE)
"""A registration of one of the shell's design tokens. `@property` counts for the document, also in a layer or a scope
(CSS Properties and Values API Level 1, 3), so that a token would lose its value in every other app."""


async def check_styles(manifest: AppManifest, files: Mapping[str, Path]) -> list[Finding]:
    """Return which style sheets register a design token of the shell. ``files`` are those of the release."""
    findings: list[Finding] = []
    for number, path in enumerate(manifest.styles):
        if path not in files:
            continue
        text = await asyncio.to_thread(files[path].read_bytes)
        findings += [
            Finding(
                pointer("styles", number), f"{path}: @property {name} is a token of the shell; name yours otherwise"
            )
            for name in sorted({found.decode() for found in _TOKEN.findall(text)})
        ]
    return findings
