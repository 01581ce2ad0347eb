"""The façade over channels: integrity, scopes, what belongs to apps, environments, and bodies that cannot be used."""

from typing import Any

import httpx
import pytest

from manifest.tests.imd_world import client, facade
from manifest.tests.manifest_world import ManifestWorld, app_files
from portico.manifest.imd import ImdSettings
from portico.manifest.release import integrity_of

HASH, OTHER = integrity_of(b"one"), integrity_of(b"two")
SKIP = {"skip_url_check": ""}


async def service(http: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await http.patch("/services", params=SKIP, json=body)


async def patch(http: httpx.AsyncClient, body: Any) -> httpx.Response:
    return await http.patch("/import-map.json", params=SKIP, json=body)


async def test_integrity_is_that_of_the_url_which_a_service_has_now(world: ManifestWorld) -> None:
    """A service that moves on takes its old URL's integrity with it; so does one that is deleted."""
    async with client(world) as http:
        first = (await service(http, service="a", url="/a-1.js", integrity=HASH)).json()
        assert first["integrity"]["/a-1.js"] == HASH
        second = (await service(http, service="a", url="/a-2.js", integrity=OTHER)).json()
        assert second["integrity"]["/a-2.js"] == OTHER
        assert "/a-1.js" not in second["integrity"]
        last = (await http.delete("/services/a")).json()
        assert "/a-2.js" not in last["integrity"]


@pytest.mark.parametrize("alphabetical", [True, False])
async def test_integrity_survives_every_edit_of_something_else(world: ManifestWorld, alphabetical: bool) -> None:
    """Whichever call, and whatever order the keys have."""
    async with client(world, alphabetical=alphabetical) as http:
        await service(http, service="a", url="/a.js", integrity=HASH)
        await patch(http, {"integrity": {"/part.js": OTHER}})
        await service(http, service="b", url="/b.js")
        await patch(http, {"imports": {"c": "/c.js", "a": "/a.js"}, "scopes": {"https://c.test/": {"x": "/x.js"}}})
        shown = (await http.delete("/services/b")).json()
        assert shown["integrity"]["/a.js"] == HASH
        assert shown["integrity"]["/part.js"] == OTHER


async def test_integrity_can_be_given_for_any_url(world: ManifestWorld) -> None:
    """That of a part without a name is kept by itself, joins the module that gets the URL, and null takes it away."""
    async with client(world) as http:
        assert (await patch(http, {"integrity": {"/part.js": HASH}})).json()["integrity"]["/part.js"] == HASH
        await patch(http, {"imports": {"part": "/part.js", "same": "/part.js"}})
        await patch(http, {"integrity": {"/part.js": OTHER}})
        shown = (await http.delete("/services/same")).json()
        assert shown["integrity"]["/part.js"] == OTHER, "a module has it still"
        assert "/part.js" not in (await http.delete("/services/part")).json()["integrity"]
        await patch(http, {"integrity": {"/other.js": HASH}})
        assert "/other.js" not in (await patch(http, {"integrity": {"/other.js": None}})).json()["integrity"]


async def test_what_the_map_shows_is_what_pages_get(world: ManifestWorld) -> None:
    """Imports, scopes, integrity and members that nobody knows, beside what is deployed."""
    await world.deploy(app_files("@team/shop"))
    async with client(world) as http:
        await service(http, service="a", url="https://c.test/x/a.js", integrity=HASH)
        body = {"scopes": {"https://c.test/x/": {"b": "https://c.test/b.js"}}, "x-note": {"kept": [1, None]}}
        shown = (await patch(http, body)).json()
    page = (await world.http.get("/importmap.json")).json()
    assert shown == page
    assert shown["imports"]["a/"] == "https://c.test/x/"
    assert shown["imports"]["@team/shop"] in shown["integrity"]
    assert shown["x-note"] == {"kept": [1, None]}


async def test_each_change_is_in_the_history_with_who_and_why(world: ManifestWorld) -> None:
    """One revision each; what changes nothing makes none; a rollback brings everything back."""
    async with client(world, username="ci", password="secret") as http:
        http.auth = httpx.BasicAuth("ci", "secret")
        await service(http, service="a", url="/a.js", integrity=HASH)
        await service(http, service="a", url="/a.js", integrity=HASH)
        await http.delete("/services/nobody")
        await http.delete("/services/a")
    history = await world.manifest.history()
    assert [(one.number, one.who, one.why) for one in history] == [
        (2, "imd:ci", "DELETE /services a"),
        (1, "imd:ci", "PATCH /services a"),
    ]
    before = await world.everything()
    of_a_team = await world.call("POST", "/deploy/channels/live/rollback", base=2, team="sales", json={"to": 1})
    assert of_a_team.status_code == 403, of_a_team.text  # what is hosted elsewhere is every team's
    assert await world.everything() == before
    back = await world.call("POST", "/deploy/channels/live/rollback", base=2, team="*", json={"to": 1})
    assert back.status_code == 200, back.text
    assert (await world.http.get("/importmap.json")).json()["imports"]["a"] == "/a.js"


@pytest.mark.parametrize("name", ["@team/shop", "@team/shop/part", "@portico/sdk", "@portico/more"])
async def test_names_of_apps_and_the_platform_are_not_for_it(world: ManifestWorld, name: str) -> None:
    """422 with the place, by both calls; the map is as it was."""
    await world.deploy(app_files("@team/shop"))
    async with client(world) as http:
        before = (await http.get("/import-map.json")).content
        for answer in (
            await service(http, service=name, url="/evil.js"),
            await patch(http, {"imports": {"fine": "/fine.js", name: "/evil.js"}}),
        ):
            assert answer.status_code == 422, answer.text
            assert answer.json()["type"].endswith("/invalid-channel")
            assert answer.json()["error"] == answer.json()["detail"]
        assert (await http.delete(f"/services/{name.replace('/', '%2F')}")).status_code == 200
        assert (await http.get("/import-map.json")).content == before


@pytest.mark.parametrize(
    "body",
    [
        {"scopes": {"/a/shop/": {"react": "/evil.js"}}},
        {"scopes": {"/": {"react": "/evil.js"}}},
        {"scopes": {"/x/../a/": {"react": "/evil.js"}}},
        {"scopes": {"/%61/shop/": {"react": "/evil.js"}}},
        {"scopes": {"http://portico.test/": {"react": "/evil.js"}}},
        {"scopes": {"HTTP://Portico.Test:80/a/": {"react": "/evil.js"}}},
        {"scopes": {"https://shop.test/a/": {"react": "/evil.js"}}},
        {"scopes": {"https://sho%70.test/": {"react": "/evil.js"}}},
        {"scopes": {"https://shop%2etest/": {"react": "/evil.js"}}},
        {"scopes": {"http://127.1/": {"react": "/evil.js"}}},
        {"scopes": {"http://0x7f000001/": {"react": "/evil.js"}}},
        {"scopes": {"http://[0:0:0:0:0:0:0:1]/": {"react": "/evil.js"}}},
        {"scopes": {"http://[::0001]/": {"react": "/evil.js"}}},
        {"scopes": {"http://[::1%25lo]/": {"react": "/evil.js"}}},
        {"integrity": {"https://sho%70.test/a/shop/x/app.js": OTHER}},
        {"integrity": {"/a/shop/x/app.js": OTHER}},
        {"scopes": {"https://c.test/": {"/a/shop/x/app.js": "/evil.js"}}},
    ],
)
async def test_files_of_apps_are_out_of_reach(world: ManifestWorld, body: dict[str, Any]) -> None:
    """No scope and no integrity of a client touches what a release says of its own files."""
    async with client(world, pageOrigins=["https://shop.test", "http://127.0.0.1", "http://[::1]"]) as http:
        answer = await patch(http, body)
        assert answer.status_code == 400, answer.text
        assert answer.json()["errors"][0]["pointer"].startswith(f"/{next(iter(body))}/")
    assert await world.manifest.store.head("live") == 0


async def test_an_unknown_environment_never_means_the_default_one(world: ManifestWorld) -> None:
    """404 for every call, with the names that there are."""
    imd = ImdSettings(locations={"default": "live", "next": "next"}, anyone_may_change=True)
    async with facade(world.manifest, imd) as http:
        for call in ("GET /import-map.json", "PATCH /import-map.json", "PATCH /services", "DELETE /services/a"):
            answer = await http.request(*call.split(), params={"env": "nxet"}, json={})
            assert answer.status_code == 404, answer.text
            assert "default, next" in answer.json()["error"]
        moved = await http.patch("/services", params={**SKIP, "env": "next"}, json={"service": "a", "url": "/a.js"})
        assert moved.json()["imports"]["a"] == "/a.js"
        assert "a" not in (await http.get("/import-map.json")).json()["imports"]


@pytest.mark.parametrize(
    ("path", "content", "place"),
    [
        ("/services", b"{", ""),
        ("/services", b"[1]", ""),
        ("/services", b"\xff", ""),
        ("/services", b'"' * 200_000, ""),
        ("/services", b"[" * 100_000, ""),
        ("/services", b'{"url": "/a.js"}', "/service"),
        ("/services", b'{"service": 1, "url": "/a.js"}', "/service"),
        ("/services", b'{"service": "a", "url": 1}', "/url"),
        ("/services", b'{"service": "a", "url": "a.js"}', "/url"),
        ("/services", b'{"service": "a", "url": "//c.test/a.js"}', "/url"),
        ("/services", b'{"service": "a", "url": "javascript:alert(1)"}', "/url"),
        ("/services", b'{"service": "a", "url": "https:/c.test/a.js"}', "/url"),
        ("/services", b'{"service": "a", "url": "https://good.test\\\\@evil.test/"}', "/url"),
        ("/services", b'{"service": "a", "url": "https://user@c.test/a.js"}', "/url"),
        ("/services", b'{"service": "a", "url": "https://c.test:99999/a.js"}', "/url"),
        ("/services", b'{"service": "a/", "url": "https://c.test/a.js"}', "/url"),
        ("/services", b'{"service": "a", "url": "/a.js", "integrity": "sha256-example"}', "/integrity"),
        ("/services", b'{"service": "a", "url": "/a.js", "integrity": 7}', "/integrity"),
        ("/import-map.json", b"null", ""),
        ("/import-map.json", b'{"imports": "abc"}', "/imports"),
        ("/import-map.json", b'{"imports": ["/a.js"]}', "/imports"),
        ("/import-map.json", b'{"imports": {"a\\u0000": "/a.js"}}', "/imports/a\x00"),
        ("/import-map.json", b'{"imports": {"\\ud800": "/a.js"}}', ""),
        ("/import-map.json", b'{"scopes": {"https://c.test/": {"a": 1}}}', "/scopes/https:~1~1c.test~1/a"),
        ("/import-map.json", b'{"scopes": {"https://c.test/": []}}', "/scopes/https:~1~1c.test~1"),
        ("/import-map.json", b'{"integrity": {"/a.js": "md5-AAAA"}}', "/integrity/~1a.js"),
        ("/import-map.json", b'{"more": "\\ud800"}', "/more"),
        ("/import-map.json", b'{"\\ud800": 1}', ""),
        ("/import-map.json", b'{"more": NaN}', "/more"),
        ("/import-map.json", b'{"more": [1e999]}', "/more/0"),
        ("/import-map.json", b'{"more": ' + b"[" * 700 + b"]" * 700 + b"}", "/more" + "/0" * 15),
    ],
)
async def test_what_cannot_be_used_is_told_with_its_place(
    world: ManifestWorld, path: str, content: bytes, place: str
) -> None:
    """400, never 500, and nothing is changed."""
    async with client(world) as http:
        answer = await http.patch(path, params=SKIP, content=content)
        assert answer.status_code == 400, answer.text
        assert answer.json()["type"].endswith("/imd-request-invalid")
        if place:
            assert answer.json()["errors"][0]["pointer"] == place
    assert await world.manifest.store.head("live") == 0


async def test_a_body_that_is_too_large_is_refused(world: ManifestWorld) -> None:
    """413, before it is read whole."""
    async with client(world) as http:
        answer = await http.patch("/import-map.json", content=b" " * (1 << 20) + b"{}")
        assert answer.status_code == 413


@pytest.mark.parametrize("level", ["0", "-1", "nan", "inf", "1e9", "x"])
async def test_a_level_that_no_folder_can_have_is_refused(world: ManifestWorld, level: str) -> None:
    """The original dies of some of them."""
    async with client(world) as http:
        body = {"service": "a", "url": "https://c.test/x/a.js"}
        answer = await http.patch("/services", params={**SKIP, "packageDirLevel": level}, json=body)
        assert answer.status_code == 400, answer.text


async def test_a_patch_of_nothing_answers_the_map(world: ManifestWorld) -> None:
    """As 7 does; 4.6 answers nothing at all."""
    async with client(world) as http:
        answer = await patch(http, {})
        assert (answer.status_code, answer.json()) == (200, (await http.get("/import-map.json")).json())


async def test_relative_services_keep_their_folders(world: ManifestWorld) -> None:
    """Of ./x/a.js the folder is ./x/; the original makes /x/ of it."""
    async with client(world) as http:
        shown = (await service(http, service="a", url="./x/a.js")).json()
        assert shown["imports"]["a/"] == "./x/"
