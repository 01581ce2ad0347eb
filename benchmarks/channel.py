"""What a channel of 1,000 apps costs: reading its import map, changing one app, and how many rows a change writes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from benchmarks.measure import Scale, cpu_per_call
from benchmarks.table import COST_COLUMNS, Table, cost_rows
from portico.manifest import AppManifest, DeployToken, Manifest, create_deployer
from portico.manifest.release import Release, ReleaseFile, integrity_of, make_release
from portico.manifest.sql_schema import MIGRATIONS
from portico.sql import open_database

APPS = 1_000
FLOOR = "the same bytes, bare"
_READ = "import map, nothing changed"
_CHANGE = "one app promoted"
_CHANGE_AND_READ = "one app promoted, import map read"
_TABLES = ("channel_revisions", "channel_changes")


async def run(scale: Scale, folder: Path) -> Table:
    """Measure CPU time of calls in this process; what a change waits for on the disk is not in it."""
    url = f"sqlite:///{folder / 'manifest.db'}"
    async with await Manifest.open(url, folder / "assets") as manifest:
        turns = await _filled(manifest)
        app = create_deployer(manifest)
        content = await _get(app)
        bare = Starlette(routes=[Route("/importmap.json", _bare(content))])
        before = await _rows(url)
        promoted = 0

        async def change() -> None:
            nonlocal promoted
            promoted += 1
            release = next(turns)
            base = await manifest.store.head("live")
            await manifest.promote(release.app, release.digest, base=base, by=DeployToken.operator())

        async def change_and_read() -> None:
            await change()
            await _get(app)

        cases: dict[str, Callable[[], Awaitable[object]]] = {
            FLOOR: lambda: _get(bare),
            _READ: lambda: _get(app),
            _CHANGE: change,
            _CHANGE_AND_READ: change_and_read,
        }
        figures = await cpu_per_call(cases, replace(scale, requests=max(1, scale.requests // 4)))
        written = await _rows(url) - before
    remarks = [
        f"{len(content):,} bytes of import map. {promoted:,} changes wrote {written:,} rows.",
    ]
    return Table(
        f"CPU per call with {APPS:,} apps in the channel",
        COST_COLUMNS,
        cost_rows(figures, dict.fromkeys([_READ], FLOOR)),
        remarks,
    )


async def _filled(manifest: Manifest) -> Iterator[Release]:
    """Let the channel hold the first of two releases of each app; returns releases to promote, each another one."""
    sides = [[_release(number, f"{version}.0.0") for number in range(APPS)] for version in (1, 2)]
    operator = DeployToken.operator()
    for release in (one for side in sides for one in side):
        await manifest.store.add_release(release)
    for head, release in enumerate(sides[0]):
        await manifest.promote(release.app, release.digest, base=head, by=operator)
    return cycle([*sides[1], *sides[0]])


def _release(number: int, version: str) -> Release:
    name = f"@team-{number % 20}/app-{number}"
    document = {"name": name, "version": version, "entry": "app.js", "routes": [{"path": f"/area-{number}"}]}
    contents = {"app.json": json.dumps(document).encode(), "app.js": f"export default {name!r}".encode()}
    contents |= {f"chunk-{part}.js": f"export default {part}".encode() for part in range(3)}
    files = [
        ReleaseFile(
            path, len(content), "text/javascript" if path.endswith(".js") else "application/json", integrity_of(content)
        )
        for path, content in contents.items()
    ]
    manifest = AppManifest.parse(contents["app.json"])
    return make_release(manifest, files, created_at=datetime(2026, 1, 1, tzinfo=UTC), creator="bench")


async def _rows(url: str) -> int:
    database = await open_database(url, migrations=MIGRATIONS)
    try:
        found = [await database.read(f"SELECT count(*) FROM {table}") for table in _TABLES]
        return sum(int(str(rows[0][0])) for rows in found)
    finally:
        await database.close()


def _bare(content: bytes) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        return Response(content, media_type="application/importmap+json")

    return answer


async def _get(app: ASGIApp) -> bytes:
    """``GET /importmap.json`` without a server in between."""
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise RuntimeError(f"the import map is answered with {message['status']}")
        parts.append(message.get("body", b""))

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/importmap.json", "raw_path": b"/importmap.json", "root_path": "", "query_string": b"",
        "headers": [(b"host", b"bench.test")], "client": ("127.0.0.1", 1), "server": ("bench.test", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    return b"".join(parts)
