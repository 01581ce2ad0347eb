"""A manifest with a deployer before it, in a folder of its own, and apps to deploy."""

import gzip
import io
import json
import tarfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from portico.manifest import (
    AppManifest,
    DeployToken,
    FolderAssets,
    Limits,
    Manifest,
    Module,
    Release,
    create_deployer,
    issue_token,
)
from portico.manifest.content_types import content_type, is_module
from portico.manifest.modules import imports_of
from portico.manifest.release import ReleaseFile, integrity_of, make_release
from portico.manifest.sql_schema import MIGRATIONS
from portico.manifest.sql_store import SqlManifestStore
from portico.sql import SqliteDatabase

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLATFORM = {"@portico/sdk": Module("/a/_portico/0/sdk.js", integrity_of(b"sdk"))}
LIMITS = Limits(upload=200_000, unpacked=1_000_000, file=300_000, files=40, ratio=50, ratio_from=400_000)

Files = Mapping[str, bytes | str]


@dataclass
class TestClock:
    """A clock that stands until it is moved."""

    __test__ = False
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def app_files(name: str = "@sales/shop", version: str = "1.0.0", source: str = "", **members: Any) -> dict[str, bytes]:
    """A built app with an entry; ``members`` are further members of its app.json."""
    short = name.partition("/")[2]
    document = {"name": name, "version": version, "entry": f"{short}.js", **members}
    module = source or f"export const mount = async () => {{ /* {name} {version} */ }};\n"
    return {"app.json": json.dumps(document).encode(), f"{short}.js": module.encode()}


def library_files(version: str = "11.2.0", package: str = "signals", **members: Any) -> dict[str, bytes]:
    """A built app that shares one package, in the version given."""
    shares = {package: {"version": version, "entries": {package: "lib.js", f"{package}/hooks": "hooks.js"}}}
    document = {"name": "@base/libs", "version": version, "imports": {"shares": shares}, **members}
    return {
        "app.json": json.dumps(document).encode(),
        "lib.js": f"export const version = '{version}';".encode(),
        "hooks.js": b"export * from './lib.js';",
    }


def tar_gz(files: Files) -> bytes:
    """An archive of files, as any tool would make it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def tar_of(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A gzip-compressed tar of hand-made entries."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for entry, data in entries:
            tar.addfile(entry, io.BytesIO(data))
    return gzip.compress(buffer.getvalue())


def release_of(files: Files, *, created_at: datetime = NOON) -> Release:
    """The release that files make, without a store."""
    contents = {name: content.encode() if isinstance(content, str) else content for name, content in files.items()}
    described = [
        ReleaseFile(
            name,
            len(content),
            content_type(name),
            integrity_of(content),
            imports_of(content) if is_module(name) else (),
        )
        for name, content in contents.items()
    ]
    manifest = AppManifest.parse(contents["app.json"])
    return make_release(manifest, described, created_at=created_at, creator="test")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content, except the database's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "manifest.db" not in path.name
    }


@dataclass
class ManifestWorld:
    """One deployer over one database and one asset folder."""

    folder: Path
    database: SqliteDatabase
    manifest: Manifest
    clock: TestClock
    http: httpx.AsyncClient
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def assets(self) -> Path:
        return self.folder / "assets"

    async def token(self, team: str = "*", **lifetime: float) -> str:
        """A deploy token for a team, made once."""
        if team not in self.tokens or lifetime:
            span = timedelta(**lifetime or {"days": 1})
            store, now = self.manifest.store.access, self.manifest.now()
            _, secret = await issue_token(store, team, label=f"{team}'s", lifetime=span, now=now, by=OPERATOR)
            self.tokens[team] = secret
        return self.tokens[team]

    async def call(
        self, method: str, path: str, *, team: str = "*", base: int | None = None, **request: Any
    ) -> httpx.Response:
        """A request with a deploy token and, with ``base``, If-Match."""
        headers = {"Authorization": f"Bearer {await self.token(team)}", **request.pop("headers", {})}
        if base is not None:
            headers["If-Match"] = f'"{base}"'
        return await self.http.request(method, path, headers=headers, **request)

    async def publish(self, files: Files | bytes, *, app: str = "shop", **request: Any) -> httpx.Response:
        """Send an archive."""
        archive = files if isinstance(files, bytes) else tar_gz(files)
        headers = {"Content-Type": "application/gzip"}
        return await self.call("POST", f"/deploy/apps/{app}/releases", content=archive, headers=headers, **request)

    async def promote(self, app: str, digest: str, *, base: int, team: str = "*", why: str = "") -> httpx.Response:
        """Point the channel ``live`` at a release."""
        body = {"release": digest, "why": why}
        return await self.call("PUT", f"/deploy/channels/live/apps/{app}", base=base, team=team, json=body)

    async def deploy(self, files: Files) -> str:
        """Publish and promote on whatever the channel is now; the release's digest."""
        app = json.loads(files["app.json"])["name"].partition("/")[2]
        published = await self.publish(files, app=app)
        assert published.status_code in {200, 201}, published.text
        digest = str(published.json()["digest"])
        promoted = await self.promote(app, digest, base=await self.manifest.store.head("live"))
        assert promoted.status_code == 200, promoted.text
        return digest

    async def everything(self) -> tuple[list[Any], dict[str, bytes]]:
        """All that a request could have changed: every row but tokens, every asset."""
        rows = [
            await self.database.read(f"SELECT * FROM {table} ORDER BY 1, 2")
            for table in ("apps", "releases", "release_files", "channel_revisions")
        ]
        return rows, tree(self.assets)


@asynccontextmanager
async def manifest_world(
    folder: Path, *, platform: Mapping[str, Module] | None = None, entry_budget_kb: int | None = None
) -> AsyncIterator[ManifestWorld]:
    """A world in ``folder``, empty."""
    clock = TestClock()
    database = await SqliteDatabase.open(folder / "manifest.db", migrations=MIGRATIONS)
    store, assets = SqlManifestStore(database), FolderAssets(folder / "assets")
    modules = PLATFORM if platform is None else platform
    async with Manifest(store, assets, platform=modules, clock=clock, entry_budget_kb=entry_budget_kb) as manifest:
        app = create_deployer(manifest, limits=LIMITS)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://portico.test") as http:
            yield ManifestWorld(folder, database, manifest, clock, http)


OPERATOR = DeployToken.operator("operator")
