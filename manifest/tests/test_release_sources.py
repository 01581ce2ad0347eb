"""Releases whose files are hosted elsewhere: fetched from a server that runs, or refused before anything is kept."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from manifest.tests.manifest_world import LIMITS, ManifestWorld, app_files, manifest_world
from portico.manifest import create_deployer
from portico.manifest.release import integrity_of
from portico.manifest.sources import Sources


class Elsewhere(ThreadingHTTPServer):
    """A server of files; `asked` are the paths that somebody asked for."""

    daemon_threads = True
    files: dict[str, bytes]
    asked: list[str]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        content = self.server.files.get(self.path)
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/shop.js")
        else:
            self.send_response(200 if content is not None else 404)
        if self.path.startswith("/packed"):
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def elsewhere(files: dict[str, bytes]) -> Iterator[Elsewhere]:
    server = Elsewhere(("127.0.0.1", 0), _Handler)
    server.files, server.asked = files, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    files = {"/shop.js": app_files()["shop.js"], "/large.js": b"/" * (LIMITS.file + 1), "/packed.js": b"packed"}
    with elsewhere(files) as server:
        yield server


@pytest_asyncio.fixture
async def world(tmp_path: Path, there: Elsewhere) -> AsyncIterator[ManifestWorld]:
    """A deployer that takes files from that server."""
    async with manifest_world(tmp_path) as opened:
        app = create_deployer(opened.manifest, limits=LIMITS, sources=Sources(frozenset({there.origin})))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://portico.test") as http:
            opened.http = http
            yield opened


def listing(*files: tuple[str, str], **members: Any) -> dict[str, Any]:
    return {
        "manifest": json.loads(app_files()["app.json"]),
        "files": [{"path": p, "url": u} for p, u in files],
        **members,
    }


async def publish(world: ManifestWorld, body: Any) -> httpx.Response:
    return await world.call("POST", "/deploy/apps/shop/releases", json=body)


def findings(response: httpx.Response, slug: str = "invalid-source") -> dict[str, str]:
    assert response.status_code == 422, response.text
    document = response.json()
    assert document["type"].endswith(f"/{slug}")
    return {one["pointer"]: one["detail"] for one in document["errors"]}


async def test_files_are_fetched_once_and_served_here_with_our_own_integrity(
    world: ManifestWorld, there: Elsewhere
) -> None:
    response = await publish(world, listing(("shop.js", f"{there.origin}/shop.js")))
    assert response.status_code == 201, response.text
    release = response.json()
    (module,) = [file for file in release["files"] if file["path"] == "shop.js"]
    assert module["integrity"] == integrity_of(app_files()["shop.js"])
    assert (await world.http.get(module["url"])).content == app_files()["shop.js"]
    again = await publish(world, listing(("shop.js", f"{there.origin}/shop.js")))
    assert (again.status_code, again.json()["digest"]) == (200, release["digest"])
    promoted = await world.promote("shop", release["digest"], base=0)
    assert promoted.status_code == 200


async def test_the_integrity_that_is_given_must_be_that_of_the_bytes(world: ManifestWorld, there: Elsewhere) -> None:
    body = listing(("shop.js", f"{there.origin}/shop.js"))
    body["files"][0]["integrity"] = integrity_of(b"other")
    before = await world.everything()
    found = findings(await publish(world, body))
    assert integrity_of(app_files()["shop.js"]) in found["/files/0/url"]
    assert await world.everything() == before
    body["files"][0]["integrity"] = integrity_of(app_files()["shop.js"])
    assert (await publish(world, body)).status_code == 201


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/gone.js", "answered 404"),
        ("/moved.js", "redirects are not followed"),
        ("/packed.js", "came compressed"),
        ("/large.js", f"larger than {LIMITS.file} bytes"),
    ],
)
async def test_what_cannot_be_had_is_named(world: ManifestWorld, there: Elsewhere, path: str, reason: str) -> None:
    before = await world.everything()
    found = findings(await publish(world, listing(("shop.js", there.origin + path))))
    assert reason in found["/files/0/url"]
    assert await world.everything() == before
    assert there.asked == [path]


async def test_all_files_together_have_a_limit(world: ManifestWorld, there: Elsewhere) -> None:
    there.files["/big.js"] = b"/" * LIMITS.file
    many = [(f"f{number}.js", f"{there.origin}/big.js") for number in range(5)]
    assert any("all files together" in detail for detail in findings(await publish(world, listing(*many))).values())


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/shop.js",
        "{origin}@127.0.0.1:1/shop.js",
        "file:///etc/passwd",
        "//127.0.0.1/shop.js",
        "{origin}.example/shop.js",
        "http://user:word@{host}/shop.js",
        "{origin}\\\\@evil/shop.js",
        "{origin}/a b",
        "",
    ],
)
async def test_no_other_origin_is_ever_asked(world: ManifestWorld, there: Elsewhere, url: str) -> None:
    given = url.format(origin=there.origin, host=there.origin.removeprefix("http://"))
    assert "/files/0/url" in findings(await publish(world, listing(("shop.js", given))))
    assert there.asked == []


@pytest.mark.parametrize("path", ["../shop.js", "/shop.js", "app.json", "a//b.js", "con.js"])
async def test_an_unsafe_path_is_refused_before_anything_is_fetched(
    world: ManifestWorld, there: Elsewhere, path: str
) -> None:
    assert "/files/0/path" in findings(await publish(world, listing((path, f"{there.origin}/shop.js"))))
    assert there.asked == []


async def test_too_many_files_and_a_wrong_manifest_are_refused(world: ManifestWorld, there: Elsewhere) -> None:
    many = [(f"{number}.js", f"{there.origin}/shop.js") for number in range(LIMITS.files)]
    assert "/files" in findings(await publish(world, listing(*many)))
    assert there.asked == []
    wrong = listing(("shop.js", f"{there.origin}/shop.js"))
    wrong["manifest"]["version"] = "1"
    assert "/version" in findings(await publish(world, wrong), "invalid-app-manifest")


async def test_without_an_allowed_origin_nothing_is_fetched(tmp_path: Path, there: Elsewhere) -> None:
    async with manifest_world(tmp_path / "other") as world:
        found = findings(await publish(world, listing(("shop.js", f"{there.origin}/shop.js"))))
    assert "PORTICO_RELEASE_ORIGINS" in found["/files/0/url"]
    assert there.asked == []
