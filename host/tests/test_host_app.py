"""The assembled host over ASGI, with real stores in a folder of the test's own and small apps deployed into it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from portico.host.app import create_app
from portico.host.config import HostConfig
from portico.host.errors import ConfigurationError
from portico.host.prepare import prepare

BASE_URL = "http://127.0.0.1:8000"

MANIFEST: dict[str, object] = {
    "name": "@team/hello",
    "version": "1.0.0",
    "entry": "hello.js",
    "styles": ["hello.css"],
    "routes": [
        {"path": "/", "access": "public", "title": "Hello"},
        {"path": "/mine"},
        {"path": "/vault", "roles": ["keeper"]},
    ],
    "trustedTypes": ["hello-policy"],
}
HELLO: dict[str, object] = {
    "app.json": MANIFEST,
    "hello.js": 'import "./part.js"; import { user } from "@portico/sdk"; export const mount = () => user();',
    "part.js": "export const part = 1; export const late = () => import('./late.js');",
    "late.js": "export const late = 1;",
    "hello.css": "p { color: red }",
}


def build(folder: Path, files: Mapping[str, object]) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


@asynccontextmanager
async def running(data_dir: Path, *folders: Path) -> AsyncIterator[httpx.AsyncClient]:
    config = HostConfig(base_url=BASE_URL, data_dir=data_dir)
    await prepare(config, folders)
    app = create_app(config)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield client


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with running(tmp_path / "data", build(tmp_path / "hello", HELLO)) as client:
        yield client


def import_map(page: str) -> dict[str, dict[str, str]]:
    found = re.search(r'<script type="importmap" nonce="[^"]+">(.*?)</script>', page, re.DOTALL)
    assert found
    parsed: dict[str, dict[str, str]] = json.loads(found[1])
    return parsed


async def test_a_page_has_one_nonce_in_its_policy_and_on_every_script(client: httpx.AsyncClient) -> None:
    first, second = await client.get("/"), await client.get("/")
    [nonce] = re.findall(r"'nonce-([^']+)'", first.headers["content-security-policy"].partition("style-src")[0])
    scripts = re.findall(r"<script([^>]*)>", first.text)
    executable = [attributes for attributes in scripts if "application/json" not in attributes]
    assert len(executable) == 2  # the import map and the runtime
    assert all(f'nonce="{nonce}"' in attributes for attributes in executable)
    assert "unsafe" not in first.headers["content-security-policy"]
    assert nonce not in second.text


async def test_every_module_of_the_map_has_integrity_and_is_served_with_those_bytes(client: httpx.AsyncClient) -> None:
    mapped = import_map((await client.get("/")).text)
    assert {"@portico/sdk", "@portico/runtime", "@team/hello"} <= mapped["imports"].keys()
    assert set(mapped["imports"].values()) <= mapped["integrity"].keys()
    assert any(url.endswith("/late.js") for url in mapped["integrity"])
    for url in mapped["imports"].values():
        response = await client.get(url)
        assert response.headers["content-type"].startswith("text/javascript")
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_what_this_path_needs_is_preloaded_and_what_comes_later_is_not(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    preloaded = re.findall(r'<link rel="modulepreload" href="[^"]*/([^/"]+)" integrity="sha384-', page)
    assert set(preloaded) == {"hello.js", "part.js"}
    elsewhere = (await client.get("/nowhere")).text
    assert re.findall(r'<link rel="modulepreload" href="[^"]*/([^/"]+)"', elsewhere) == []


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/", 200, None),
        ("/mine", 401, "Sign in to open this page"),
        ("/vault", 401, "Sign in to open this page"),
        ("/nowhere", 404, "There is no page here"),
        ("/nowhere/%3Cscript%3E", 404, "There is no page here"),
    ],
)
async def test_the_shell_itself_says_what_no_app_may_or_can(
    client: httpx.AsyncClient, path: str, status: int, words: str | None
) -> None:
    response = await client.get(path)
    assert response.status_code == status
    assert '<portico-slot name="main">' in response.text
    assert ("p-page" in response.text) == (words is not None)
    assert words is None or words in response.text
    assert "<script>" not in response.text


async def test_a_deep_link_survives_signing_in(client: httpx.AsyncClient) -> None:
    page = (await client.get("/mine?tab=2&x=%22")).text
    assert 'href="/auth/sign-in?return_to=%2Fmine%3Ftab%3D2%26x%3D%2522"' in page


async def test_a_link_from_another_site_is_asked_for_once_more_so_that_the_strict_cookie_comes(
    client: httpx.AsyncClient,
) -> None:
    away = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    response = await client.get("/mine?a=%22%3E%3Cscript%3E", headers=away)
    assert 'content="0;url=/mine?a=%22%3E%3Cscript%3E"' in response.text
    assert "<script>" not in response.text
    again = await client.get("/mine", headers={"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"})
    assert again.status_code == 401


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example", "/%2Fevil.example", "/\\evil.example"])
async def test_coming_again_never_leads_to_another_site(client: httpx.AsyncClient, path: str) -> None:
    away = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    url = httpx.URL(BASE_URL).copy_with(raw_path=path.encode())
    page = (await client.get(url, headers=away)).text
    [target] = re.findall(r'content="0;url=([^"]*)"', page)
    assert re.match(r"/(?![/\\])", target), target


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8001", "127.0.0.1", "127.0.0.1:8000.evil.example", ""])
async def test_a_request_for_another_host_is_refused(client: httpx.AsyncClient, host: str) -> None:
    """What DNS rebinding sends; probes go by address and are answered."""
    for path in ("/", "/dev-idp/authorize", "/importmap.json", "/api/hello/x"):
        assert (await client.get(path, headers={"Host": host})).status_code == 421
    assert (await client.get("/healthz", headers={"Host": host})).status_code == 200


async def test_another_name_of_this_machine_leads_to_the_one_it_goes_by(client: httpx.AsyncClient) -> None:
    """Who types localhost for 127.0.0.1 comes to the page whose cookies and sign-in work."""
    answer = await client.get("/mine", headers={"Host": "localhost:8000"})
    assert (answer.status_code, answer.headers["location"]) == (307, f"{BASE_URL}/mine")
    assert (await client.get("/api/hello/x", headers={"Host": "localhost:8000"})).status_code == 421
    assert (await client.post("/auth/sign-out", headers={"Host": "localhost:8000"})).status_code == 421


async def test_an_unexpected_error_has_the_headers_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("unexpected")

    monkeypatch.setattr("portico.host.shell.decide", fail)
    config = HostConfig(base_url=BASE_URL, data_dir=tmp_path)
    app = create_app(config)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        answer = await client.get("/")
    assert answer.status_code == 500
    assert "unexpected" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_one_folder_is_one_process_s_alone(tmp_path: Path) -> None:
    config = HostConfig(base_url=BASE_URL, data_dir=tmp_path)
    first, second = create_app(config), create_app(config)
    async with first.router.lifespan_context(first):
        with pytest.raises(ConfigurationError, match="already runs"):
            async with second.router.lifespan_context(second):
                pass


async def test_a_page_is_for_one_person_and_no_cache(client: httpx.AsyncClient) -> None:
    response = await client.get("/", headers={"Accept-Encoding": "gzip"})
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-encoding"] == "gzip"
    assert response.text.startswith("<!doctype html>")


async def test_policies_that_manifests_ask_for_are_allowed(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/")).headers["content-security-policy"]
    assert "trusted-types default portico portico-worker hello-policy 'allow-duplicates'" in policy


async def test_every_answer_carries_the_headers_that_hold_everywhere(client: httpx.AsyncClient) -> None:
    for path in ("/", "/healthz", "/api/hello/x", "/importmap.json", "/.well-known/jwks.json", "/deploy/nothing"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path


async def test_an_api_call_without_a_session_is_a_401_problem(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/hello/anything")
    assert (response.status_code, response.headers["content-type"]) == (401, "application/problem+json")
    assert response.json()["type"] == "https://portico.dev/problems/signed-out"


@pytest.mark.parametrize("cookie", ["portico=" + "A" * 43, "portico=x", "portico=", "portico=a; portico=b"])
async def test_a_forged_cookie_is_no_session(client: httpx.AsyncClient, cookie: str) -> None:
    assert (await client.get("/api/hello/x", headers={"Cookie": cookie})).status_code == 401


async def test_health_and_readiness(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"manifest": "ok", "sessions": "ok"})


async def test_the_published_keys_are_public(client: httpx.AsyncClient) -> None:
    [key] = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert (key["alg"], "d" in key) == ("ES256", False)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_page_answers_get_alone(client: httpx.AsyncClient, method: str) -> None:
    assert (await client.request(method, "/")).status_code == 405


async def test_a_release_that_is_live_already_stays_as_the_channel_has_it_at_the_next_start(tmp_path: Path) -> None:
    old = build(tmp_path / "old", HELLO)
    new = build(tmp_path / "new", {**HELLO, "app.json": {**MANIFEST, "version": "2.0.0"}})
    async with running(tmp_path / "data", old):
        pass
    async with running(tmp_path / "data", new) as client:
        assert (await client.get("/apps.json")).json()["apps"][0]["version"] == "2.0.0"
    async with running(tmp_path / "data", old) as client:
        assert (await client.get("/apps.json")).json()["apps"][0]["version"] == "2.0.0"


async def test_a_folder_that_cannot_be_deployed_stops_the_start_with_what_is_wrong_and_where(tmp_path: Path) -> None:
    wrong = {"name": "@team/hello", "version": "1", "entry": "no.js"}
    broken = build(tmp_path / "broken", {**HELLO, "app.json": wrong})
    with pytest.raises(ConfigurationError, match="broken cannot be deployed"):
        async with running(tmp_path / "data", broken):
            pass
