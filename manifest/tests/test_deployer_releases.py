"""Publishing over HTTP: what is taken, and that what is refused changes nothing."""

import gzip
import json
import threading
from typing import Any

import httpx
import pytest

from manifest.tests.manifest_world import LIMITS, OPERATOR, ManifestWorld, app_files, library_files, tar_gz
from manifest.tests.test_archive import RUBBISH
from portico.manifest import AppManifest, InvalidRelease, Release, UnpackedApp
from portico.manifest.access import Signed
from portico.manifest.http.problems import TITLES
from portico.manifest.schemas import validator


def problem(response: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["type"] == f"https://portico.dev/problems/{slug}"
    return document


async def test_a_new_release_is_a_201_with_its_files(world: ManifestWorld) -> None:
    response = await world.publish(app_files())
    assert response.status_code == 201
    document = response.json()
    validator("release").validate(document)
    assert (document["app"], document["team"], document["creator"]) == ("shop", "sales", "*'s")
    assert response.headers["location"] == f"/deploy/apps/shop/releases/{document['digest']}"
    again = await world.call("GET", response.headers["location"])
    assert again.json() == document


async def test_the_same_bytes_twice_are_one_release(world: ManifestWorld) -> None:
    first = await world.publish(app_files())
    world.clock.move(days=0.5)
    second = await world.publish(dict(reversed(app_files().items())))
    assert (second.status_code, second.json()) == (200, first.json())
    assert len((await world.call("GET", "/deploy/apps/shop/releases")).json()["releases"]) == 1


async def test_the_same_version_with_other_bytes_is_a_409(world: ManifestWorld) -> None:
    first = (await world.publish(app_files())).json()
    before = await world.everything()
    document = problem(await world.publish(app_files(source="export const other = 1;")), 409, "version-taken")
    assert document["release"] == first["digest"]
    assert (await world.everything())[0] == before[0]


async def test_a_form_is_taken_as_well(world: ManifestWorld) -> None:
    archive = tar_gz(app_files())
    response = await world.call("POST", "/deploy/apps/shop/releases", files={"archive": ("a.tar.gz", archive)})
    assert response.status_code == 201
    assert response.json() == (await world.publish(archive)).json()


async def test_a_form_without_the_field_says_so(world: ManifestWorld) -> None:
    response = await world.call("POST", "/deploy/apps/shop/releases", files={"file": ("a.tar.gz", b"x")})
    assert problem(response, 422, "invalid-archive")["errors"][0]["pointer"] == "archive"


async def test_another_media_type_is_a_415(world: ManifestWorld) -> None:
    headers = {"Content-Type": "application/zip"}
    response = await world.call("POST", "/deploy/apps/shop/releases", content=b"PK", headers=headers)
    problem(response, 415, "unsupported-media-type")


CASES: dict[str, tuple[bytes, str, str]] = {
    **{name: (content, "invalid-archive", "archive") for name, content in RUBBISH.items()},
    "an empty tar": (gzip.compress(b"\0" * 10_240), "invalid-archive", "file:app.json"),
    "no app.json": (tar_gz({"shop.js": b""}), "invalid-archive", "file:app.json"),
    "one folder too deep": (
        tar_gz({f"dist/{name}": content for name, content in app_files().items()}),
        "invalid-archive",
        "file:app.json",
    ),
    "a path out of the archive": (
        tar_gz(app_files() | {"../../evil.js": b"1"}),
        "invalid-archive",
        "archive:../../evil.js",
    ),
    "a bomb": (gzip.compress(b"\0" * 30_000_000), "invalid-archive", "archive"),
    "app.json is no JSON": (tar_gz({"app.json": b"{"}), "invalid-app-manifest", ""),
    "a schema error": (tar_gz(app_files(entry=7)), "invalid-app-manifest", "/entry"),
    "another app": (tar_gz(app_files("@sales/other")), "invalid-app-manifest", "/name"),
    "no entry file": (tar_gz(app_files(entry="gone.js")), "invalid-release", "/entry"),
    "a page for a module": (tar_gz(app_files(source="<!doctype html>")), "invalid-release", "file:shop.js:1:1"),
    "a file that is not there": (tar_gz(app_files(source="import './gone.js'")), "invalid-release", "file:shop.js:1:8"),
}


@pytest.mark.parametrize(("content", "slug", "place"), CASES.values(), ids=CASES.keys())
async def test_rubbish_is_a_422_that_names_the_place_and_changes_nothing(
    content: bytes, slug: str, place: str, world: ManifestWorld
) -> None:
    await world.deploy(library_files())
    before = await world.everything()
    document = problem(await world.publish(content), 422, slug)
    assert place in [error["pointer"] for error in document["errors"]]
    assert document["detail"]
    assert await world.everything() == before


async def test_a_wrong_nesting_is_told_with_the_way_out(world: ManifestWorld) -> None:
    document = problem(await world.publish(CASES["one folder too deep"][0]), 422, "invalid-archive")
    assert "dist/app.json" in document["detail"]


@pytest.mark.parametrize("as_form", [False, True])
async def test_an_upload_over_the_limit_is_a_413(as_form: bool, world: ManifestWorld) -> None:
    content = b"\x1f\x8b" + bytes(LIMITS.upload + 100_000)
    body: dict[str, Any] = {"files": {"archive": content}} if as_form else {"content": content}
    headers = {} if as_form else {"Content-Type": "application/gzip"}
    before = await world.everything()
    response = await world.call("POST", "/deploy/apps/shop/releases", headers=headers, **body)
    assert problem(response, 413, "upload-too-large")["limit"] == LIMITS.upload
    assert await world.everything() == before


async def test_with_a_channel_it_must_fit_there_before_anything_is_kept(world: ManifestWorld) -> None:
    files = app_files(imports={"needs": {"signals": "^11.0.0"}})
    before = await world.everything()
    document = problem(await world.publish(files, params={"channel": "live"}), 422, "invalid-channel")
    assert document["errors"][0]["pointer"] == "/imports/needs/signals"
    assert await world.everything() == before
    await world.deploy(library_files())
    assert (await world.publish(files, params={"channel": "live"})).status_code == 201


async def test_a_short_name_belongs_to_the_team_that_had_it_first(world: ManifestWorld) -> None:
    await world.publish(app_files())
    before = (await world.everything())[0]
    document = problem(await world.publish(app_files("@crm/shop")), 422, "app-name-taken")
    assert document["errors"] == [{"pointer": "/name", "detail": "the name 'shop' belongs to team sales"}]
    assert (await world.everything())[0] == before


async def test_releases_are_listed_newest_first_page_by_page(world: ManifestWorld) -> None:
    for number in range(5):
        world.clock.move(seconds=number // 2)  # two of one moment
        await world.publish(app_files(version=f"1.0.{number}"))
    await world.publish(app_files("@crm/account"), app="account")
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    pages = 0
    while cursor is not None or not pages:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await world.call("GET", "/deploy/apps/shop/releases", params=params)).json()
        seen += page["releases"]
        cursor = page["cursor"]
        pages += 1
    assert sorted(one["version"] for one in seen) == [f"1.0.{number}" for number in range(5)]
    assert [one["createdAt"] for one in seen] == sorted((one["createdAt"] for one in seen), reverse=True)
    assert pages == 3
    everything = (await world.call("GET", "/deploy/releases")).json()["releases"]
    assert {one["app"] for one in everything} == {"shop", "account"}
    assert "files" not in everything[0]
    assert everything[0]["size"] > 0


@pytest.mark.parametrize("params", [{"cursor": "x"}, {"cursor": "1"}, {"cursor": "9" * 30 + ".a"}])
async def test_a_cursor_of_another_list_is_refused(params: dict[str, str], world: ManifestWorld) -> None:
    problem(await world.call("GET", "/deploy/releases", params=params), 400, "invalid-cursor")


async def test_an_unknown_release_is_a_404(world: ManifestWorld) -> None:
    problem(await world.call("GET", f"/deploy/apps/shop/releases/{'0' * 64}"), 404, "unknown-release")


async def test_files_are_durable_before_the_release_is_known(world: ManifestWorld) -> None:
    """A store that dies at the row leaves assets without a release, and never the other way round."""
    seen: list[bool] = []
    store = world.manifest.store
    real = store.add_release

    async def watched(release: Release, signed: Signed | None = None) -> bool:
        seen.extend([(await world.manifest.assets.sizes(file.integrity))[None] == file.size for file in release.files])
        return await real(release, signed)

    store.add_release = watched  # type: ignore[method-assign]
    assert (await world.publish(app_files())).status_code == 201
    assert seen == [True, True]


async def test_what_a_team_wrote_beside_the_schema_is_kept(world: ManifestWorld) -> None:
    extension: dict[str, Any] = {"x-owner": {"phone": "555"}}
    document = (await world.publish(app_files(**extension))).json()
    assert document["manifest"]["x-owner"] == {"phone": "555"}
    assert json.loads(app_files(**extension)["app.json"]) == document["manifest"]


async def test_another_teams_scope_cannot_be_shared(world: ManifestWorld) -> None:
    stolen = library_files(package="@crm/kit")
    await world.publish(app_files("@crm/account"), app="account")
    before = await world.everything()
    document = problem(await world.publish(stolen, app="libs"), 422, "invalid-release")
    assert [error["pointer"] for error in document["errors"]] == ["/imports/shares/@crm~1kit"]
    assert "team crm" in document["errors"][0]["detail"]
    assert await world.everything() == before


async def test_the_scope_of_a_team_with_a_token_alone_is_taken_too(world: ManifestWorld) -> None:
    await world.token("crm")
    problem(await world.publish(library_files(package="@crm/kit"), app="libs"), 422, "invalid-release")


@pytest.mark.parametrize("package", ["@base/kit", "@nobody/kit", "kit"])
async def test_an_own_scope_and_one_of_no_team_can_be_shared(package: str, world: ManifestWorld) -> None:
    await world.publish(app_files("@crm/account"), app="account")
    assert (await world.publish(library_files(package=package), app="libs")).status_code == 201


async def test_an_app_manifest_that_is_too_large_is_refused(world: ManifestWorld) -> None:
    files = app_files(**{"x-a": "x" * (64 << 10)})
    document = problem(await world.publish(files), 422, "invalid-archive")
    assert document["errors"] == [{"pointer": "file:app.json", "detail": "is larger than 65536 bytes"}]


async def test_an_app_manifest_is_read_off_the_event_loop(world: ManifestWorld) -> None:
    readers = []

    class Watched(UnpackedApp):
        def manifest(self) -> AppManifest:
            readers.append(threading.current_thread())
            return super().manifest()

    for name, content in app_files().items():
        (world.folder / name).write_bytes(content)
    files = {name: world.folder / name for name in app_files()}
    await world.manifest.publish(Watched(files), by=OPERATOR)
    assert readers
    assert threading.current_thread() not in readers


async def test_a_release_of_too_many_modules_is_refused_with_their_number(world: ManifestWorld) -> None:
    def release(modules: int) -> UnpackedApp:
        module = world.folder / "module.js"
        module.write_bytes(b"")
        (world.folder / "app.json").write_bytes(app_files("@sales/big")["app.json"])
        files = {"app.json": world.folder / "app.json", "big.js": module, "data.json": module}
        return UnpackedApp(files | {f"{number}.mjs": module for number in range(modules - 1)})

    with pytest.raises(InvalidRelease) as refused:
        await world.manifest.publish(release(301), by=OPERATOR)
    (finding,) = refused.value.findings
    assert finding.detail.startswith("has 301 JavaScript modules; at most 300")
    assert TITLES[InvalidRelease][0] == 422
    published, _ = await world.manifest.publish(release(300), by=OPERATOR)
    assert len(published.modules) == 300
