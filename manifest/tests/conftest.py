"""Fixtures of the manifest's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from manifest.tests.manifest_world import ManifestWorld, manifest_world
from manifest.tests.s3_server import s3_endpoint, s3_environment, s3_place
from tools.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url", "s3_endpoint", "s3_environment", "s3_place", "world"]


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[ManifestWorld]:
    async with manifest_world(tmp_path) as opened:
        yield opened
