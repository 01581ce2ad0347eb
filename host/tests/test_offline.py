"""What the service worker is given: its script, the kept document, and the list of what to keep for whom."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from host.tests.test_host_app import HELLO, build, running
from portico.host.document import PageDocument
from portico.host.offline import Offline
from portico.host.session import RawHeaders, Session
from portico.host.static import platform_assets, platform_modules
from portico.host.views import View
from portico.manifest import AppManifest, Import, Release, Snapshot
from portico.manifest.release import ReleaseFile, integrity_of, make_release

ADA = Session("s1", "u1", "Ada", ("keeper",), None, 2e9, 1)
BOB = Session("s2", "u2", "Bob", (), None, 2e9, 1)


def release(app: str, *extra: ReleaseFile, **manifest: object) -> Release:
    document = {"name": f"@team/{app}", "version": "1.0.0", "entry": f"{app}.js", **manifest}
    files = [_file(f"{app}.js"), _file(f"{app}.js.map"), _file("app.json"), *extra]
    parsed = AppManifest.from_document(document)
    return make_release(parsed, files, created_at=datetime(2026, 1, 1, tzinfo=UTC), creator="test")


def _file(path: str, *imports: str) -> ReleaseFile:
    found = tuple(Import(specifier, 1, 1, dynamic=True) for specifier in imports)
    return ReleaseFile(path, 0, "text/plain", integrity_of(path.encode()), found)


READS = [{"path": "/things/*", "policy": "cache-first", "maxAgeS": 60}, {"path": "/things"}]
NOTES = release(
    "notes",
    _file("late.js", "signals"),
    _file("notes.css"),
    _file("image.webp"),
    routes=[{"path": "/notes", "access": "public"}],
    offline={"reads": READS},
    bff={"app": "notes_bff:create_app"},
)
VAULT = release("vault", routes=[{"path": "/vault", "roles": ["keeper"]}], offline={})
ONLINE = release("online", routes=[{"path": "/online", "access": "public"}])
LIBS = release(
    "libs",
    _file("signals.js"),
    _file("other.js"),
    imports={"shares": {"signals": {"version": "1.0.0", "entries": {"signals": "signals.js"}}}},
)


@dataclass
class World:
    """A host of which only these addresses are there; who asks, and what is live, is the test's to say."""

    person: Session | None = None
    snapshot: Snapshot = field(default_factory=lambda: Snapshot.of("live", 7, [NOTES, VAULT, ONLINE, LIBS]))

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        assets = platform_assets()
        document = PageDocument(assets, form_targets=frozenset(), load_timeout_ms=1000)
        offline = Offline(view=self._now, identify=self._identify, document=document, platform=assets)
        transport = httpx.ASGITransport(Starlette(routes=offline.routes))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield client

    async def _now(self, _headers: RawHeaders, _person: Session | None) -> View:
        return View(self.snapshot)

    async def _identify(self, _headers: RawHeaders) -> Session | None:
        return self.person

    async def listing(self) -> dict[str, Any]:
        async with self.client() as client:
            listing: dict[str, Any] = (await client.get("/_portico/offline.json")).json()
            return listing


def boot(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="portico-apps">(.*?)</script>', page, re.DOTALL)
    assert found
    document: dict[str, Any] = json.loads(found[1])
    return document


async def test_the_script_may_rule_the_whole_site_and_is_asked_for_anew_at_every_check() -> None:
    async with World().client() as client:
        response = await client.get("/_portico/worker.js")
        assert response.headers["service-worker-allowed"] == "/"
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["content-type"].startswith("text/javascript")
        policy = "default-src 'none'; connect-src 'self'; script-src 'self'"
        assert response.headers["content-security-policy"] == policy
        again = await client.get("/_portico/worker.js", headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        plain = await client.get("/_portico/worker.js", headers={"Accept-Encoding": "identity"})
        assert plain.content == response.content
        assert plain.headers["etag"] != response.headers["etag"]


async def test_the_kept_document_is_a_page_of_no_path_that_says_so_itself() -> None:
    async with World(person=ADA).client() as client:
        response = await client.get("/_portico/document")
    assert response.status_code == 200
    assert "This page is not kept on this device" in response.text
    assert "<title>Portico</title>" in response.text
    assert re.findall(r'<link rel="modulepreload" href="[^"]*/([^/"]+)"', response.text) == []
    assert boot(response.text)["page"] == {"status": 200, "slot": "main"}
    assert boot(response.text)["user"]["sub"] == "u1"
    assert {app["app"] for app in boot(response.text)["apps"]} == {"notes", "vault", "online"}
    assert response.headers["cache-control"] == "no-store"
    [nonce] = re.findall(r"'nonce-([^']+)' 'strict-dynamic'", response.headers["content-security-policy"])
    assert f'nonce="{nonce}"' in response.text


async def test_everything_that_an_offered_app_may_load_is_listed_with_its_integrity() -> None:
    listing = await World().listing()
    assets = {asset["url"]: asset["integrity"] for asset in listing["assets"]}
    own = {url for url in assets if not url.startswith("/a/_portico/")}
    kept = {NOTES.url(name) for name in ("notes.js", "late.js", "notes.css", "image.webp")}
    assert own == kept | {LIBS.url("signals.js")}
    assert assets[LIBS.url("signals.js")] == integrity_of(b"signals.js")
    names = {url.rpartition("/")[2] for url in assets.keys() - own}
    # Without a network a module that is loaded later is needed as much as the first.
    modules = {module.url.rpartition("/")[2] for module in platform_modules(platform_assets()).values()}
    assert names == modules | {"shell.css"}


async def test_the_reads_that_apps_name_are_listed_with_what_holds_for_each() -> None:
    listing = await World().listing()
    common = {"timeoutMs": 3000, "maxEntries": 200}
    reads = [
        {"path": "/things/*", "policy": "cache-first", "maxAgeS": 60, **common},
        {"path": "/things", "policy": "network-first", "maxAgeS": 604800, **common},
    ]
    assert listing["apps"] == [{"app": "notes", "bff": "/api/notes", "reads": reads}]
    assert (listing["revision"], listing["person"]) == (7, None)


async def test_an_app_is_kept_only_for_who_may_open_it() -> None:
    for person, expected in ((None, False), (BOB, False), (ADA, True)):
        listing = await World(person=person).listing()
        assert (VAULT.url("vault.js") in {asset["url"] for asset in listing["assets"]}) is expected
        assert listing["person"] == (person and person.sub)


async def _document_tag(world: World) -> str:
    async with world.client() as client:
        return (await client.get("/_portico/document")).headers["portico-document"]


async def test_document_and_list_name_each_other() -> None:
    world = World(person=BOB)
    assert await _document_tag(world) == (await world.listing())["tag"] == (await world.listing())["tag"]


@pytest.mark.parametrize(
    "change",
    [
        lambda world: setattr(world, "person", ADA),
        lambda world: setattr(world, "person", Session("s2", "u2", "Bob", ("new",), None, 2e9, 2)),
        lambda world: setattr(world, "snapshot", Snapshot.of("live", 8, world.snapshot.releases)),
    ],
)
async def test_the_tag_changes_with_the_person_their_roles_and_what_is_live(change: Callable[[World], None]) -> None:
    world = World(person=BOB)
    before = await _document_tag(world)
    change(world)
    assert await _document_tag(world) != before


async def test_the_assembled_host_serves_all_of_it(tmp_path: Any) -> None:
    files = {**HELLO, "app.json": {**HELLO["app.json"], "offline": {}}}  # type: ignore[dict-item]
    async with running(tmp_path / "data", build(tmp_path / "hello", files)) as client:
        listing = (await client.get("/_portico/offline.json")).json()
        assert any(asset["url"].endswith("/late.js") for asset in listing["assets"])
        for asset in listing["assets"]:
            response = await client.get(asset["url"])
            assert (response.status_code, integrity_of(response.content)) == (200, asset["integrity"])
        assert (await client.get("/_portico/worker.js")).status_code == 200
        assert (await client.get(listing["document"])).headers["portico-document"] == listing["tag"]
        assert (await client.get("/_portico/nothing")).status_code == 404
