"""Fixtures of the manifest's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from manifest.tests.manifest_world import ManifestWorld, manifest_world
from tools.postgres import postgres_server, postgres_url
from tools.s3 import s3_endpoint, s3_environment, s3_place

__all__ = ["postgres_server", "postgres_url", "s3_endpoint", "s3_environment", "s3_place", "world"]


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[ManifestWorld]:
    async with manifest_world(tmp_path) as opened:
        yield opened
