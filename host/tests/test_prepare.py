"""What `portico up` puts into the manifest survives being killed at any step, and never undoes what people did."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portico.host.config import HostConfig
from portico.host.errors import ConfigurationError
from portico.host.prepare import TOKEN_FILE, open_manifest, prepare
from portico.host.static import platform_assets
from portico.manifest import LIVE, DeployToken, Manifest, UnpackedApp, issue_token, revoke_token, token_hash

OPERATOR = DeployToken.operator()


@pytest.fixture
def config(tmp_path: Path) -> HostConfig:
    return HostConfig(base_url="http://127.0.0.1:8000", data_dir=tmp_path / "data")


def built(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    document = {"name": "@team/hello", "version": version, "entry": "hello.js", "routes": [{"path": "/"}]}
    (folder / "app.json").write_text(json.dumps(document))
    (folder / "hello.js").write_text("export const mount = () => {};")
    return folder


async def live(config: HostConfig) -> list[str]:
    async with await open_manifest(config) as manifest:
        return [release.version for release in (await manifest.snapshot(LIVE)).releases]


async def test_a_release_that_was_published_and_never_promoted_is_promoted_by_the_next_start(
    config: HostConfig, tmp_path: Path
) -> None:
    """As after a SIGKILL between the two."""
    await prepare(config, [built(tmp_path / "app", "1.0.0")])
    async with await open_manifest(config) as manifest:
        await manifest.publish(UnpackedApp.of_folder(built(tmp_path / "app", "2.0.0")), by=OPERATOR)
    assert await live(config) == ["1.0.0"]
    await prepare(config, [tmp_path / "app"])
    assert await live(config) == ["2.0.0"]


async def test_a_rollback_survives_the_next_start(config: HostConfig, tmp_path: Path) -> None:
    """Who took a build back does not get it again until it is another build."""
    for version in ("1.0.0", "2.0.0"):
        await prepare(config, [built(tmp_path / "app", version)])
    async with await open_manifest(config) as manifest:
        await manifest.rollback(1, base=2, by=OPERATOR)
    await prepare(config, [tmp_path / "app"])
    assert await live(config) == ["1.0.0"]


async def test_a_services_release_that_changed_under_its_version_is_another_release(
    config: HostConfig, tmp_path: Path
) -> None:
    """Nobody builds one, and so nobody stamps it; an app that was built elsewhere and lies about it is refused."""
    folder = tmp_path / "service"
    folder.mkdir()
    versions = []
    for schema in ("{}", '{"type": "object"}', '{"type": "object"}', "{}"):
        document = {"name": "@team/counter", "version": "1.0.0", "bff": {"app": "counter_bff:create_app"}}
        (folder / "app.json").write_text(json.dumps(document))
        (folder / "counter.json").write_text(schema)
        await prepare(config, [folder])
        versions += await live(config)
    assert versions[0] == "1.0.0"
    assert re.fullmatch(r"1\.0\.0\+[0-9a-f]{10}", versions[1])
    assert versions[2] == versions[1]

    (built(tmp_path / "app", "1.0.0") / "hello.js").write_text("export const mount = () => 1;")
    await prepare(config, [tmp_path / "app"])
    (tmp_path / "app/hello.js").write_text("export const mount = () => 2;")
    with pytest.raises(ConfigurationError, match="cannot be deployed"):
        await prepare(config, [tmp_path / "app"])


async def test_a_retired_app_stays_retired(config: HostConfig, tmp_path: Path) -> None:
    """Starting again is no reason to bring it back."""
    await prepare(config, [built(tmp_path / "app", "1.0.0")])
    async with await open_manifest(config) as manifest:
        await manifest.retire("hello", base=1, by=OPERATOR)
    await prepare(config, [tmp_path / "app"])
    assert await live(config) == []


async def known(manifest: Manifest, config: HostConfig) -> DeployToken | None:
    return await manifest.store.access.token(token_hash((config.data_dir / TOKEN_FILE).read_text()))


async def test_the_deploy_token_is_one_that_works(config: HostConfig) -> None:
    """It stays the same from start to start, and only its owner may read it."""
    await prepare(config, [])
    first = (config.data_dir / TOKEN_FILE).read_text()
    await prepare(config, [])
    assert (config.data_dir / TOKEN_FILE).read_text() == first
    assert (config.data_dir / TOKEN_FILE).stat().st_mode & 0o077 == 0
    async with await open_manifest(config) as manifest:
        assert await known(manifest, config) is not None


async def test_the_platforms_own_files_are_kept_for_pages_that_outlive_an_upgrade(config: HostConfig) -> None:
    async with await open_manifest(config) as manifest:
        platform = platform_assets()
        for path, file in platform.files.items():
            assert await manifest.store.platform_file(platform.digest, path) == file
            assert (await manifest.assets.sizes(file.integrity))[None] == file.size


@pytest.mark.parametrize("spoil", ["unknown", "revoked", "expiring"])
async def test_a_deploy_token_that_does_not_work_is_replaced(config: HostConfig, spoil: str) -> None:
    """A lost database, a revocation, a year gone by."""
    await prepare(config, [])
    path = config.data_dir / TOKEN_FILE
    if spoil == "unknown":
        path.write_text("portico_of-another-database")
    async with await open_manifest(config) as manifest:
        token = await known(manifest, config)
        if spoil == "revoked" and token is not None:
            await revoke_token(manifest.store.access, token.id, now=datetime.now(UTC), by=OPERATOR)
        if spoil == "expiring":
            _, secret = await issue_token(
                manifest.store.access,
                "*",
                label="soon",
                lifetime=timedelta(days=1),
                now=datetime.now(UTC),
                by=OPERATOR,
            )
            path.write_text(secret)
    spoilt = path.read_text()
    await prepare(config, [])
    assert path.read_text() != spoilt
    async with await open_manifest(config) as manifest:
        assert await known(manifest, config) is not None
