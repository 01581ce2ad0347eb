"""What `portico dev` serves, to whom, and what it says when it cannot start."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from host.tests.dev_world import GREETING, DevFolder
from portico.host.cli import cli
from portico.host.dev.app import DevApp
from portico.host.dev.bff import import_paths, settings_of, source_folder
from portico.host.dev.builder import Builder
from portico.host.dev.feed import Feed
from portico.host.dev.run import watching
from portico.host.dev.server import dev_server
from portico.manifest.cli.failure import Failure

PAGE = "https://portico.example"
PORT = 5199


@pytest.fixture
def output(tmp_path: Path) -> Path:
    (tmp_path / "builds/1").mkdir(parents=True)
    (tmp_path / "builds/1/shop.js").write_text("export {};")
    (tmp_path / "builds/1/icon.svg").write_text("<svg/>")
    (tmp_path / "secret").write_text("no build")
    return tmp_path / "builds"


@pytest.fixture
async def client(output: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = dev_server("@team/shop", output=output, feed=Feed(), page_origin=PAGE, port=PORT)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{PORT}") as client:
        yield client


async def test_pages_of_the_host_may_read_it_all(client: httpx.AsyncClient) -> None:
    for path in ("/entry.js", "/b/1/shop.js"):
        answer = await client.get(path, headers={"Origin": PAGE, "Sec-Fetch-Mode": "cors"})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["cache-control"] == "no-store"
    assert "hotApp('@team/shop'" in (await client.get("/entry.js")).text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{PAGE}.evil.example"},
        {"Host": f"evil.example:{PORT}"},
        {"Host": "127.0.0.1:1"},
        # A script element of any site runs what it gets, and asks without CORS.
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "style"},
    ],
)
async def test_nobody_else_may_read_anything(client: httpx.AsyncClient, headers: Mapping[str, str]) -> None:
    for path in ("/entry.js", "/b/1/shop.js", "/events"):
        answer = await client.get(path, headers=dict(headers))
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


async def test_the_page_may_show_pictures(client: httpx.AsyncClient) -> None:
    answer = await client.get("/b/1/icon.svg", headers={"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"})
    assert answer.status_code == 200
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_a_browser_that_asks_whether_pages_may_reach_this_machine_is_told_so(client: httpx.AsyncClient) -> None:
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true"}
    answer = await client.options("/entry.js", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert (await client.options("/entry.js", headers={**asked, "Origin": "https://evil.example"})).status_code == 403


@pytest.mark.parametrize(
    "path", ["/b/../secret", "/b/%2e%2e/secret", "/b/1/%2e%2e/%2e%2e/secret", "/b//etc/passwd", "/b/2/shop.js"]
)
async def test_only_builds_are_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_who_comes_later_is_told_how_things_stand() -> None:
    feed = Feed()
    feed.tell("failed", {"errors": []}, keep=True)
    feed.tell("built", {"number": 1}, keep=True, drop="failed")
    feed.tell("bff", {})
    stream = feed.stream()
    assert await anext(stream) == b"retry: 500\n\n"
    assert await anext(stream) == b'event: built\ndata: {"number": 1}\n\n'
    feed.tell("bff", {})
    assert await anext(stream) == b"event: bff\ndata: {}\n\n"
    assert feed.listeners == 1
    feed.close()
    assert [event async for event in stream] == []
    assert feed.listeners == 0


async def test_each_build_has_a_folder_of_its_own_and_says_whether_only_the_looks_changed(tmp_path: Path) -> None:
    folder = DevFolder.write(tmp_path)
    output = tmp_path / "builds"
    async with Builder.running(folder.app, output) as builder:
        first = await builder.build()
        assert (first["entry"], first["styles"]) == ("shop.js", ["shop.css"])
        built = output / str(first["number"]) / "shop.js"
        assert "Shop at work" in built.read_text()
        folder.put("app/src/shop.css", "h1 { color: red }")
        restyled = await builder.build()
        assert restyled["number"] == first["number"] + 1
        assert restyled["code"] == first["code"]
        folder.put("app/src/greeting.ts", GREETING.replace("work", "rest"))
        changed = await builder.build()
        assert changed["number"] == first["number"] + 2
        assert changed["code"] != first["code"]
        assert "Shop at work" in built.read_text()
        folder.put("app/src/greeting.ts", "export const greeting = ;")
        [fault] = (await builder.build())["errors"]
        assert (fault["file"], fault["line"], fault["text"]) == ("src/greeting.ts", 1, 'Unexpected ";"')
        folder.put("app/src/greeting.ts", GREETING)
        last = changed["number"]
        assert [(await builder.build())["number"] - last for _ in range(4)] == [1, 2, 3, 4]
        assert sorted(int(path.name) - last for path in output.iterdir()) == [0, 1, 2, 3, 4]


async def test_a_manifest_that_changes_counts_with_the_next_build(tmp_path: Path) -> None:
    folder = DevFolder.write(tmp_path)
    manifest = json.loads((folder.app / "app.json").read_text())
    async with Builder.running(folder.app, tmp_path / "builds") as builder:
        assert (await builder.build())["entry"] == "shop.js"
        folder.put("app/app.json", json.dumps({**manifest, "entry": "other.js", "styles": []}))
        assert (await builder.build())["entry"] == "other.js"
        folder.put("app/app.json", "{")
        [fault] = (await builder.build())["errors"]
        assert "app.json is not JSON" in fault["text"]
        folder.put("app/app.json", json.dumps({"name": "@team/shop"}))
        [fault] = (await builder.build())["errors"]
        assert "names no entry" in fault["text"]
        folder.put("app/app.json", json.dumps(manifest))
        assert (await builder.build())["entry"] == "shop.js"


def test_an_app_is_read_of_its_manifest(tmp_path: Path) -> None:
    folder = DevFolder.write(tmp_path)
    routes = [{"path": "/shop/:id"}, {"path": "/tools", "slot": "tools"}, {"path": "/shop/new"}]
    manifest = json.loads((folder.app / "app.json").read_text())
    folder.put("app/app.json", json.dumps({**manifest, "routes": routes}))
    app = DevApp.of_folder(folder.app)
    assert (app.name, app.short_name, app.start, app.bff) == ("@team/shop", "shop", "/shop/new", "shop_bff:create_app")
    assert app.port == DevApp.of_folder(folder.app).port
    assert 5200 <= app.port < 6200


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "there is no app.json"),
        ("{", "is not JSON"),
        ("[]", "has no `name`"),
        ('{"name": "shop"}', "has no `name` such as @team/app"),
        ('{"name": "@team/shop\'", "entry": "a.js"}', "has no `name`"),
        ('{"name": "@team/shop"}', "names no `entry`"),
    ],
)
def test_a_folder_without_an_app_is_refused_in_a_sentence(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "app.json").write_text(text)
    result = CliRunner().invoke(cli, ["dev", str(tmp_path), "--url", "http://127.0.0.1:8000"])
    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--url", "portico"], "is not an http or https URL"),
        (["--url", "http://127.0.0.1:1"], "the BFF shop_bff:create_app is not installed here"),
        (["--url", "http://127.0.0.1:1", "--port", "99999", "--no-bff"], "choose another: --port"),
    ],
)
def test_what_it_cannot_start_with_is_said(tmp_path: Path, options: list[str], words: str) -> None:
    folder = DevFolder.write(tmp_path)
    result = CliRunner().invoke(cli, ["dev", str(folder.app), *options])
    assert result.exit_code == 2
    assert words in result.output


def test_a_bff_is_found_in_its_folder_or_where_it_is_installed(tmp_path: Path) -> None:
    folder = DevFolder.write(tmp_path)
    paths = import_paths(folder.bff)
    assert paths == [folder.bff / "src", folder.bff]
    assert source_folder("shop_bff:create_app", paths) == folder.bff / "src"
    assert source_folder("json:loads", []).name == "json"
    with pytest.raises(Failure, match="not installed"):
        source_folder("shop_bff:create_app", [])


def test_a_bff_beside_its_own_platform_is_one_more_replica_and_elsewhere_has_its_own() -> None:
    here = {"url": "http://127.0.0.1:8000", "nats": "nats://127.0.0.1:4222", "folder": "/work/.portico"}

    def of(url: str, **environment: str) -> dict[str, Any]:
        return settings_of("shop", url, environment, here)

    near = of("http://127.0.0.1:8000")
    assert (near["DATABASE_URL"], near["NATS_URL"]) == ("sqlite:////work/.portico/bff-shop.db", here["nats"])
    assert (near["PORTICO_ISSUER"], near["PORTICO_AUDIENCE"]) == ("http://127.0.0.1:8000", "urn:portico:bff:shop")
    far = of("https://portico.example")
    assert far["DATABASE_URL"].endswith("/.portico/dev/bff-shop.db")
    assert far["NATS_URL"] == ""
    assert far["PORTICO_JWKS_URL"] == "https://portico.example/.well-known/jwks.json"
    assert of("https://portico.example", DATABASE_URL="sqlite:///mine.db")["DATABASE_URL"] == "sqlite:///mine.db"


async def test_a_builder_that_dies_is_an_end_with_a_sentence(tmp_path: Path) -> None:
    folder = DevFolder.write(tmp_path)
    async with Builder.running(folder.app, tmp_path / "builds") as builder:
        builder._process.kill()
        await builder._process.wait()
        with pytest.raises(Failure, match="the builder ended"):
            await builder.build()


async def test_what_is_saved_before_anybody_asks_for_changes_is_told(tmp_path: Path) -> None:
    """As it is while the first build is made, and while the BFF starts."""
    stop = asyncio.Event()
    changes = await watching([tmp_path], stop)
    (tmp_path / "index.ts").write_text("export {};")
    async with asyncio.timeout(10):
        await anext(changes)
    stop.set()
    async for _ in changes:
        pass
