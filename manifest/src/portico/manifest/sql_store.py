"""The manifest's rows in SQL, for any database that ``portico.sql`` has an adapter for."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from portico.manifest.access.signatures import Signed
from portico.manifest.access.sql_access import SqlAccessStore
from portico.manifest.access.sql_rows import signature_statement
from portico.manifest.app_manifest import AppManifest
from portico.manifest.errors import (
    AppNameTaken,
    Finding,
    InvalidCursor,
    UnknownRelease,
    VersionTaken,
)
from portico.manifest.flags.sql_flag_store import SqlFlagStore
from portico.manifest.modules import Import
from portico.manifest.release import Release, ReleaseFile
from portico.manifest.sql_channels import SqlChannels
from portico.manifest.sql_packages import claim_earlier, claims, guests
from portico.manifest.store import ManifestStore, Page
from portico.sql import Database, ExpectationFailed, Row, Statement, UniqueViolation

_RELEASE = "SELECT digest, manifest, created_at, creator FROM releases"


class SqlManifestStore(SqlChannels, ManifestStore):
    """The store over a database with the tables of ``sql_schema.MIGRATIONS``. The methods say what the port says."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._access = SqlAccessStore(database)
        self._flags = SqlFlagStore(database)

    @property
    def access(self) -> SqlAccessStore:
        """See ``ManifestStore.access``."""
        return self._access

    @property
    def flags(self) -> SqlFlagStore:
        """See ``ManifestStore.flags``."""
        return self._flags

    async def add_release(self, release: Release, signed: Signed | None = None) -> bool:
        """See ``ManifestStore.add_release``: one atomic group, so a release is there with all its files or not."""
        created = _milliseconds(release.created_at)
        group = [
            Statement(
                "INSERT INTO apps (app, team, created_at) VALUES ($1, $2, $3) ON CONFLICT (app) DO NOTHING",
                (release.app, release.team, created),
            ),
            Statement(
                "INSERT INTO releases (digest, app, version, manifest, created_at, creator) "
                "SELECT $1, apps.app, $2, $3, $4, $5 FROM apps WHERE apps.app = $6 AND apps.team = $7",
                (
                    release.digest,
                    release.version,
                    release.manifest.to_json().decode(),
                    created,
                    release.creator,
                    release.app,
                    release.team,
                ),
                expect=1,
            ),
            *(
                Statement(
                    "INSERT INTO release_files (release, path, size, content_type, integrity, imports) "
                    "VALUES ($1, $2, $3, $4, $5, $6)",
                    (release.digest, file.path, file.size, file.content_type, file.integrity, _imports(file)),
                )
                for file in release.files
            ),
            *claims(release),
            *([signature_statement(release.digest, signed)] if signed else []),
        ]
        try:
            await self._database.write(group)
        except (ExpectationFailed, UniqueViolation):
            await self.check_new(release)
            if signed is not None:
                await self._access.add_signature(release.digest, signed)
            return False
        return True

    async def check_new(self, release: Release) -> None:
        """See ``ManifestStore.check_new``."""
        owner = await self.team_of(release.app)
        if owner not in {None, release.team}:
            raise AppNameTaken([Finding("/name", f"the name {release.app!r} belongs to team {owner}")])
        sql = "SELECT digest FROM releases WHERE app = $1 AND version = $2"
        rows = await self._database.read(sql, (release.app, release.version))
        if rows and rows[0][0] != release.digest:
            raise VersionTaken(release.app, release.version, str(rows[0][0]))

    async def release(self, app: str, digest: str) -> Release:
        """See ``ManifestStore.release``."""
        rows = await self._database.read(f"{_RELEASE} WHERE app = $1 AND digest = $2", (app, digest))
        if not rows:
            raise UnknownRelease(f"{app} has no release {digest}")
        return await self._release(rows[0])

    async def releases(self, app: str | None, *, before: str | None, limit: int) -> Page[Release]:
        """See ``ManifestStore.releases``."""
        at, digest = _read_cursor(before) if before else (1 << 62, "")
        where = "WHERE (created_at < $1 OR (created_at = $1 AND digest < $2))"
        order = "ORDER BY created_at DESC, digest DESC LIMIT $3"
        if app is None:
            rows = await self._database.read(f"{_RELEASE} {where} {order}", (at, digest, limit + 1))
        else:
            rows = await self._database.read(f"{_RELEASE} {where} AND app = $4 {order}", (at, digest, limit + 1, app))
        releases = [await self._release(row) for row in rows[:limit]]
        last = releases[-1] if len(rows) > limit else None
        return Page(tuple(releases), f"{_milliseconds(last.created_at)}.{last.digest}" if last else None)

    async def team_of(self, app: str) -> str | None:
        """See ``ManifestStore.team_of``."""
        rows = await self._database.read("SELECT team FROM apps WHERE app = $1", (app,))
        return str(rows[0][0]) if rows else None

    async def teams(self) -> frozenset[str]:
        """See ``ManifestStore.teams``."""
        rows = await self._database.read(
            "SELECT team FROM apps UNION SELECT team FROM deploy_tokens UNION SELECT team FROM trust_rules"
        )
        return frozenset(str(row[0]) for row in rows)

    async def guests(self, manifest: AppManifest) -> frozenset[str]:
        """See ``ManifestStore.guests``."""
        return await guests(self._database, manifest)

    async def claim_packages(self) -> None:
        """See ``ManifestStore.claim_packages``."""
        await claim_earlier(self._database)

    async def has_platform(self, digest: str) -> bool:
        """See ``ManifestStore.has_platform``."""
        return bool(await self._database.read("SELECT 1 FROM platform_files WHERE digest = $1 LIMIT 1", (digest,)))

    async def add_platform(self, digest: str, files: Sequence[ReleaseFile]) -> None:
        """See ``ManifestStore.add_platform``: the digest names the content, so two writers write the same."""
        sql = (
            "INSERT INTO platform_files (digest, path, size, content_type, integrity) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (digest, path) DO NOTHING"
        )
        await self._database.write(
            [Statement(sql, (digest, file.path, file.size, file.content_type, file.integrity)) for file in files]
        )

    async def platform_file(self, digest: str, path: str) -> ReleaseFile | None:
        """See ``ManifestStore.platform_file``."""
        sql = "SELECT path, size, content_type, integrity FROM platform_files WHERE digest = $1 AND path = $2"
        rows = await self._database.read(sql, (digest, path))
        if not rows:
            return None
        name, size, media_type, integrity = rows[0]
        return ReleaseFile(str(name), _integer(size), str(media_type), str(integrity))

    async def close(self) -> None:
        """See ``ManifestStore.close``."""
        await self._database.close()

    async def _release(self, row: Row) -> Release:
        digest, document, created_at, creator = row
        files = await self._database.read(
            "SELECT path, size, content_type, integrity, imports FROM release_files WHERE release = $1 ORDER BY path",
            (digest,),
        )
        manifest = AppManifest.from_stored(json.loads(str(document)))
        return Release(
            app=manifest.app,
            team=manifest.team,
            name=manifest.name,
            digest=str(digest),
            version=manifest.version,
            manifest=manifest,
            files=tuple(_file(file) for file in files),
            created_at=_time(created_at),
            creator=str(creator),
            guest=await guests(self._database, manifest),
        )


def _file(row: Row) -> ReleaseFile:
    path, size, media_type, integrity, imports = row
    found = tuple(Import(*values) for values in json.loads(str(imports)))
    return ReleaseFile(str(path), _integer(size), str(media_type), str(integrity), found)


def _imports(file: ReleaseFile) -> str:
    return json.dumps([[one.specifier, one.line, one.column, one.dynamic] for one in file.imports])


def _read_cursor(cursor: str) -> tuple[int, str]:
    at, _, digest = cursor.partition(".")
    if not at.isascii() or not at.isdigit() or len(at) > 18 or not digest:
        raise InvalidCursor(f"{cursor!r} is not a cursor of this list")
    return int(at), digest


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _time(value: object) -> datetime:
    return datetime.fromtimestamp(_integer(value) / 1000, UTC)


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a number was expected, not {value!r}")
    return value
