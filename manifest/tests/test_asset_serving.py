"""Files as browsers get them."""

import gzip
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import httpx
import pytest

from manifest.tests.manifest_world import ManifestWorld, app_files, manifest_world, release_of, tree
from portico.manifest import FolderAssets, Manifest, PlatformAssets, create_deployer, keep_platform
from portico.manifest.compression import Compression, Encoding

SOURCE = "export const mount = async () => {};\n" + "// padding\n" * 100
FILES = app_files(source=SOURCE) | {
    "shop.css": b"a{}" * 100,
    "icon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "photo.png": b"\x89PNG" + bytes(range(256)),
    "odd name é.bin": b"odd",
}


@pytest.fixture
async def release(world: ManifestWorld) -> str:
    """The base URL of the files of one release."""
    digest = (await world.publish(FILES)).json()["digest"]
    return f"/a/shop/{digest}"


async def get(world: ManifestWorld, url: str, accept: str = "identity", **headers: str) -> httpx.Response:
    return await world.http.get(url, headers={"Accept-Encoding": accept, **headers})


async def raw(world: ManifestWorld, url: str, accept: str) -> tuple[httpx.Response, bytes]:
    async with world.http.stream("GET", url, headers={"Accept-Encoding": accept}) as response:
        return response, b"".join([block async for block in response.aiter_raw()])


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("shop.js", "text/javascript; charset=utf-8"),
        ("shop.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("photo.png", "image/png"),
        ("odd%20name%20%C3%A9.bin", "application/octet-stream"),
    ],
)
async def test_files_are_served_for_good_with_their_type(
    path: str, media_type: str, world: ManifestWorld, release: str
) -> None:
    response = await get(world, f"{release}/{path}")
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert response.headers["vary"] == "Accept-Encoding"
    assert int(response.headers["content-length"]) == len(response.content)


async def test_a_client_gets_the_encoding_it_wants(world: ManifestWorld, release: str) -> None:
    response, body = await raw(world, f"{release}/shop.js", "gzip, br;q=0.9, zstd;q=0.1")
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body).decode() == SOURCE
    response, body = await raw(world, f"{release}/shop.js", "gzip, br")
    assert response.headers["content-encoding"] == "br"
    assert brotli.decompress(body).decode() == SOURCE
    assert int(response.headers["content-length"]) == len(body)


async def test_what_does_not_shrink_is_sent_as_it_is(world: ManifestWorld, release: str) -> None:
    response = await get(world, f"{release}/photo.png", "br, gzip")
    assert "content-encoding" not in response.headers
    assert response.content == FILES["photo.png"]


async def test_nothing_that_the_client_takes_is_a_406(world: ManifestWorld, release: str) -> None:
    response = await get(world, f"{release}/photo.png", "identity;q=0, br")
    assert response.status_code == 406
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_copy_that_is_known_is_not_sent_again(world: ManifestWorld, release: str) -> None:
    plain = (await get(world, f"{release}/shop.js")).headers["etag"]
    packed = (await get(world, f"{release}/shop.js", "br")).headers["etag"]
    assert plain != packed
    known = await get(world, f"{release}/shop.js", "br", **{"If-None-Match": f'"other", W/{packed}'})
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == packed
    assert known.headers["vary"] == "Accept-Encoding"
    assert (await get(world, f"{release}/shop.js", "br", **{"If-None-Match": plain})).status_code == 200


async def test_head_answers_as_get_does_without_the_body(world: ManifestWorld, release: str) -> None:
    url, headers = f"{release}/shop.js", {"Accept-Encoding": "br"}
    head = await world.http.head(url, headers=headers)
    got, body = await raw(world, url, "br")
    assert head.headers == got.headers
    assert head.content == b""
    assert int(head.headers["content-length"]) == len(body)


async def test_a_picture_that_is_visited_runs_no_script(world: ManifestWorld, release: str) -> None:
    assert (await get(world, f"{release}/icon.svg")).headers["content-security-policy"].startswith("sandbox;")
    assert "content-security-policy" not in (await get(world, f"{release}/shop.js")).headers


@pytest.mark.parametrize("path", ["missing.js", "app.json", "", "../shop.js", "%2e%2e/shop.js", "shop.js/"])
async def test_what_is_not_there_is_a_problem_that_nobody_caches(path: str, world: ManifestWorld, release: str) -> None:
    response = await get(world, f"{release}/{path}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"


async def test_a_release_is_not_another_apps(world: ManifestWorld, release: str) -> None:
    assert (await get(world, release.replace("/shop/", "/account/") + "/shop.js")).status_code == 404
    assert (await get(world, f"/a/shop/{'0' * 64}/shop.js")).status_code == 404
    assert (await get(world, "/a/_portico/x/shop.js")).status_code == 404


async def test_the_platforms_own_files_are_served_alike(tmp_path: Path) -> None:
    built = tmp_path / "built"
    (built / "deep").mkdir(parents=True)
    (built / "sdk.js").write_text(SOURCE)
    (built / "deep" / "sdk.js.map").write_text("{}")
    platform = PlatformAssets.load(built)
    assert platform.integrity("sdk.js") == next(f.integrity for f in release_of(FILES).files if f.path == "shop.js")
    async with manifest_world(tmp_path, platform={"@portico/sdk": platform.module("sdk.js")}) as world:
        app = create_deployer(world.manifest, platform=platform)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portico.test") as http:
            mapped = (await http.get("/importmap.json")).json()
            url = mapped["imports"]["@portico/sdk"]
            response = await http.get(url, headers={"Accept-Encoding": "br"})
            assert response.text == SOURCE
            assert response.headers["content-encoding"] == "br"
            assert "immutable" in response.headers["cache-control"]
            assert mapped["integrity"][url] == platform.integrity("sdk.js")
            assert (await http.get(platform.url("deep/sdk.js.map"))).status_code == 200
            assert (await http.get(url.replace(platform.digest, "0" * 64))).status_code == 404
            assert (await http.get(url.replace("sdk.js", "other.js"))).status_code == 404


def test_the_platforms_digest_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "sdk.js").write_text("1")
    first = PlatformAssets.load(tmp_path)
    (tmp_path / "shell.css").write_text("2")
    assert PlatformAssets.load(tmp_path).digest != first.digest
    assert PlatformAssets.load(tmp_path).integrity("sdk.js") == first.integrity("sdk.js")


async def test_files_of_an_earlier_build_of_the_platform_are_still_served(tmp_path: Path) -> None:
    """A page of before an upgrade loads its chunks and maps late; another process may also be of another build."""
    built = tmp_path / "built"
    built.mkdir()
    (built / "sdk.js").write_text(SOURCE)
    (built / "late.js").write_text("export {};")
    old = PlatformAssets.load(built)
    async with manifest_world(tmp_path) as before:
        await keep_platform(before.manifest, old)
    (built / "sdk.js").write_text("export const next = 1;")
    (built / "late.js").unlink()
    new = PlatformAssets.load(built)
    async with manifest_world(tmp_path) as world:
        await keep_platform(world.manifest, new)
        app = create_deployer(world.manifest, platform=new)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portico.test") as http:
            assert (await http.get(new.url("sdk.js"))).text == "export const next = 1;"
            assert (await http.get(old.url("late.js"))).text == "export {};"
            late = await http.get(old.url("sdk.js"), headers={"Accept-Encoding": "br"})
            assert (late.text, late.headers["content-encoding"]) == (SOURCE, "br")
            assert late.headers["content-type"] == "text/javascript; charset=utf-8"
            assert "immutable" in late.headers["cache-control"]
            assert (await http.get(old.url("sdk.js").replace("sdk.js", "other.js"))).status_code == 404
            assert (await http.get(new.url("sdk.js").replace("sdk.js", "late.js"))).status_code == 404
        listed = (await world.call("GET", "/deploy/releases")).json()["releases"]
        assert listed == []  # no team's release


async def test_a_build_of_the_platform_is_kept_once_and_from_memory(world: ManifestWorld, tmp_path: Path) -> None:
    built = tmp_path / "built"
    built.mkdir()
    (built / "sdk.js").write_text(SOURCE)
    platform = PlatformAssets.load(built)
    (built / "sdk.js").write_text("built anew")
    await keep_platform(world.manifest, platform)
    kept = tree(world.assets)
    await keep_platform(world.manifest, platform)
    assert tree(world.assets) == kept
    file = await world.manifest.store.platform_file(platform.digest, "sdk.js")
    assert file == platform.files["sdk.js"]
    assert b"".join([block async for block in world.manifest.assets.read(file.integrity, None)]) == SOURCE.encode()
    assert await world.manifest.assets.sizes(file.integrity) == await platform.sizes("sdk.js")


async def test_a_build_whose_files_were_not_all_written_is_not_known(world: ManifestWorld, tmp_path: Path) -> None:
    built = tmp_path / "built"
    built.mkdir()
    (built / "a.js").write_text("1")
    (built / "b.js").write_text("2")
    platform = PlatformAssets.load(built)

    class FullDisk(FolderAssets):
        async def put(self, integrity: str, source: Path, *, effort: Compression) -> None:
            if integrity == platform.integrity("b.js"):
                raise OSError("no space left on device")
            await super().put(integrity, source, effort=effort)

    with pytest.raises(OSError, match="space"):
        await keep_platform(Manifest(world.manifest.store, FullDisk(world.assets)), platform)
    assert not await world.manifest.store.has_platform(platform.digest)
    await keep_platform(world.manifest, platform)
    assert await world.manifest.store.has_platform(platform.digest)


async def test_every_encoding_of_every_file_is_that_file(world: ManifestWorld, release: str) -> None:
    encodings: tuple[Encoding, ...] = ("br", "zstd", "gzip")
    for path in ("shop.js", "shop.css", "icon.svg"):
        for encoding in encodings:
            assert (await get(world, f"{release}/{path}", encoding)).content == FILES[path]


async def test_files_of_old_releases_push_no_release_in_use_out_of_memory(world: ManifestWorld) -> None:
    live, *old = [str((await world.publish(app_files(version=f"{n}.0.0"))).json()["digest"]) for n in range(5)]
    manifest = Manifest(world.manifest.store, world.manifest.assets, remembered=2)
    first = await manifest.release("shop", live)
    for digest in old * 2:
        seen = await manifest.release("shop", digest)
        assert await manifest.release("shop", digest) is seen
        assert await manifest.release("shop", live) is first
    await manifest.release("shop", old[0])
    await manifest.release("shop", old[1])
    assert await manifest.release("shop", live) is not first  # what nobody used for long is read again
