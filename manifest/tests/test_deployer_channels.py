"""Changing what people see, over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from manifest.tests.manifest_world import OPERATOR, ManifestWorld, app_files, library_files, manifest_world
from manifest.tests.test_deployer_releases import problem
from portico.manifest import Manifest, RevisionConflict, match_route
from portico.manifest.manifest import utc_now


async def apps_of(world: ManifestWorld) -> dict[str, str]:
    document = (await world.call("GET", "/deploy/channels/live")).json()
    return {app: releases[0]["release"] for app, releases in document["apps"].items()}


async def test_an_empty_channel_is_at_revision_0(world: ManifestWorld) -> None:
    response = await world.call("GET", "/deploy/channels/live")
    assert response.headers["etag"] == '"0"'
    assert response.json()["apps"] == {}


async def test_a_promotion_answers_the_new_revision_and_the_next_read_has_it(world: ManifestWorld) -> None:
    digest = (await world.publish(app_files())).json()["digest"]
    response = await world.promote("shop", digest, base=0, why="first")
    document = response.json()
    assert response.headers["etag"] == '"1"'
    assert (document["revision"], document["parent"], document["why"]) == (1, 0, "first")
    assert document["apps"] == {"shop": [{"release": digest, "weight": 100}]}
    assert (await world.call("GET", "/deploy/channels/live")).json() == document
    assert (await world.http.get("/apps.json")).json()["revision"] == 1


async def test_promoting_what_is_there_makes_no_revision(world: ManifestWorld) -> None:
    digest = await world.deploy(app_files())
    response = await world.promote("shop", digest, base=1)
    assert (response.status_code, response.headers["etag"]) == (200, '"1"')


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/deploy/channels/live/apps/shop", {"release": "0"}),
        ("DELETE", "/deploy/channels/live/apps/shop", {}),
        ("POST", "/deploy/channels/live/rollback", {"to": 0}),
    ],
)
async def test_every_change_says_what_it_was_decided_on(
    method: str, path: str, body: dict[str, Any], world: ManifestWorld
) -> None:
    await world.deploy(app_files())
    before = await world.everything()
    problem(await world.call(method, path, json=body), 428, "precondition-required")
    moved = await world.call(method, path, json=body, base=0)
    assert problem(moved, 412, "revision-conflict")["revision"] == 1
    assert moved.headers["etag"] == '"1"'
    for tag in ("*", "1", 'W/"1"', '"one"', '"1" "2"'):
        problem(await world.call(method, path, json=body, headers={"If-Match": tag}), 400, "invalid-if-match")
    assert await world.everything() == before


@pytest.mark.parametrize("base", [0, 1, 3])
async def test_the_manifest_itself_changes_nothing_on_another_base(base: int, world: ManifestWorld) -> None:
    first = await world.deploy(app_files())
    account = await world.deploy(app_files("@crm/account"))
    before, manifest = await world.everything(), world.manifest
    for change in (
        manifest.promote("account", account, base=base, by=OPERATOR),
        manifest.promote("shop", first, base=base, by=OPERATOR),
        manifest.retire("shop", base=base, by=OPERATOR),
        manifest.rollback(1, base=base, by=OPERATOR),
        manifest.rollback(2, base=base, by=OPERATOR),
    ):
        with pytest.raises(RevisionConflict) as conflict:
            await change
        assert conflict.value.current == 2
    assert await world.everything() == before


async def test_a_change_whose_body_comes_after_another_deploy_is_refused(world: ManifestWorld) -> None:
    await world.deploy(app_files())
    second = (await world.publish(app_files(version="2.0.0"))).json()["digest"]
    asked = []

    async def slowly() -> AsyncIterator[bytes]:
        asked.append(await world.manifest.store.head("live"))  # the header was judged before the body is read
        await world.deploy(app_files("@crm/account"))
        yield b'{"release": "' + second.encode() + b'"}'

    late = await world.call("PUT", "/deploy/channels/live/apps/shop", base=1, content=slowly())
    assert asked == [1]
    assert problem(late, 412, "revision-conflict")["revision"] == 2
    assert late.headers["etag"] == '"2"'
    assert (await apps_of(world))["shop"] != second


async def test_if_match_may_name_several_revisions(world: ManifestWorld) -> None:
    digest = (await world.publish(app_files())).json()["digest"]
    path = "/deploy/channels/live/apps/shop"
    response = await world.call("PUT", path, json={"release": digest}, headers={"If-Match": '"7", "0"'})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"{", 400, "malformed-body"),
        (b"[" * 60_000, 422, "invalid-request"),
        (b'{"release": ' + b"[" * 60_000, 422, "invalid-request"),
        (b'{"more": ' + b"[" * 60_000, 422, "invalid-request"),
        (b"", 422, "invalid-request"),
        (b'{"release": 7}', 422, "invalid-request"),
        (b'{"release": "x", "weigth": 5}', 422, "invalid-request"),
        (b'{"release": "x"}', 404, "unknown-release"),
        (b'{"why": "' + b"x" * 70_000 + b'"}', 413, "content-too-large"),
    ],
)
async def test_a_wrong_body_is_told_so(body: bytes, status: int, slug: str, world: ManifestWorld) -> None:
    await world.deploy(app_files())
    problem(await world.call("PUT", "/deploy/channels/live/apps/shop", base=1, content=body), status, slug)


async def test_a_release_of_another_app_cannot_be_promoted(world: ManifestWorld) -> None:
    await world.publish(app_files())
    other = (await world.publish(app_files("@crm/account"), app="account")).json()["digest"]
    problem(await world.promote("shop", other, base=0), 404, "unknown-release")
    problem(await world.promote("nothing", other, base=0), 404, "unknown-app")


async def test_what_others_need_cannot_be_taken_away(world: ManifestWorld) -> None:
    libs = await world.deploy(library_files("11.2.0"))
    await world.deploy(app_files(source="import 'signals'", imports={"needs": {"signals": "^11.0.0"}}))
    before = await world.everything()
    retired = await world.call("DELETE", "/deploy/channels/live/apps/libs", base=2)
    places = [error["pointer"] for error in problem(retired, 422, "invalid-channel")["errors"]]
    assert places == ["/imports/needs/signals", "file:shop.js:1:8"]
    problem(
        await world.call("POST", "/deploy/channels/live/rollback", base=2, json={"to": 0, "app": "libs"}),
        422,
        "invalid-channel",
    )
    assert await world.everything() == before
    newer = (await world.publish(library_files("12.0.0"), app="libs")).json()["digest"]
    problem(await world.promote("libs", newer, base=2), 422, "invalid-channel")
    assert (await apps_of(world))["libs"] == libs


async def test_two_apps_cannot_have_one_route(world: ManifestWorld) -> None:
    await world.deploy(app_files(routes=[{"path": "/"}]))
    digest = (await world.publish(app_files("@crm/account", routes=[{"path": "/"}]), app="account")).json()["digest"]
    document = problem(await world.promote("account", digest, base=1), 422, "invalid-channel")
    assert document["errors"][0]["pointer"] == "/routes/0/path"


async def test_retiring_takes_an_app_out_and_its_files_stay(world: ManifestWorld) -> None:
    digest = await world.deploy(app_files())
    response = await world.call("DELETE", "/deploy/channels/live/apps/shop", base=1, json={"why": "done"})
    assert response.json()["apps"] == {}
    assert (await world.http.get("/apps.json")).json()["apps"] == []
    assert (await world.http.get(f"/a/shop/{digest}/shop.js")).status_code == 200
    problem(await world.call("DELETE", "/deploy/channels/live/apps/shop", base=2), 404, "unknown-app")


async def test_a_rollback_is_a_new_revision_equal_to_an_old_one(world: ManifestWorld) -> None:
    first = await world.deploy(app_files())
    await world.deploy(app_files("@crm/account"))
    await world.deploy(app_files(version="2.0.0"))
    one = await world.call("POST", "/deploy/channels/live/rollback", base=3, json={"to": 1, "app": "shop"})
    assert one.json()["revision"] == 4
    assert (await apps_of(world))["shop"] == first
    assert "account" in await apps_of(world)
    whole = await world.call("POST", "/deploy/channels/live/rollback", base=4, json={"to": 1, "why": "all of it"})
    assert (whole.json()["revision"], await apps_of(world)) == (5, {"shop": first})
    again = await world.call("POST", "/deploy/channels/live/rollback", base=5, json={"to": 1})
    assert again.json()["revision"] == 5
    problem(await world.call("POST", "/deploy/channels/live/rollback", base=5, json={"to": 9}), 404, "unknown-revision")


@pytest.mark.parametrize("to", ["-1", "1000000000000000", str(2**63), "1" + "0" * 400, "1.5", '"1"', "null", "true"])
async def test_a_rollback_to_no_possible_revision_is_told_so(to: str, world: ManifestWorld) -> None:
    await world.deploy(app_files())
    before = await world.everything()
    body = f'{{"to": {to}}}'.encode()
    document = problem(
        await world.call("POST", "/deploy/channels/live/rollback", base=1, content=body), 422, "invalid-request"
    )
    assert document["errors"][0]["pointer"] == "/to"
    assert await world.everything() == before


@pytest.mark.parametrize("number", ["-1", "1e3", "1000000000000000", str(2**63), "9" * 5000, "\u0661", ""])
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("channels/live", "revision"),
        ("channels/live/history", "cursor"),
        ("channels/live/history", "limit"),
        ("releases", "limit"),
        ("apps/shop/releases", "limit"),
    ],
)
async def test_a_number_that_cannot_be_is_told_so(path: str, name: str, number: str, world: ManifestWorld) -> None:
    await world.publish(app_files())
    problem(await world.call("GET", f"/deploy/{path}", params={name: number}), 422, "invalid-request")


@pytest.mark.parametrize("name", ["revision", "cursor"])
async def test_the_largest_number_is_taken(name: str, world: ManifestWorld) -> None:
    path = "/deploy/channels/live" if name == "revision" else "/deploy/channels/live/history"
    response = await world.call("GET", path, params={name: "9" * 15})
    assert response.status_code == (404 if name == "revision" else 200)


@pytest.mark.parametrize("tag", ['"1000000000000000"', f'"{2**63}"', '"-1"'])
async def test_an_etag_of_no_possible_revision_is_told_so(tag: str, world: ManifestWorld) -> None:
    headers = {"If-Match": tag}
    problem(await world.call("DELETE", "/deploy/channels/live/apps/shop", headers=headers), 400, "invalid-if-match")


@pytest.mark.parametrize("cursor", [f"{2**63}.a", f"{10**18}.a", "-1.a", "1", ".a", "1e3.a"])
async def test_a_cursor_of_releases_that_cannot_be_is_told_so(cursor: str, world: ManifestWorld) -> None:
    problem(await world.call("GET", "/deploy/releases", params={"cursor": cursor}), 400, "invalid-cursor")


async def test_history_tells_who_changed_what_and_why(world: ManifestWorld) -> None:
    first = await world.deploy(app_files())
    second = (await world.publish(app_files(version="2.0.0"))).json()["digest"]
    world.clock.move(hours=1)
    await world.promote("shop", second, base=1, team="sales", why="faster")
    await world.call("POST", "/deploy/channels/live/rollback", base=2, json={"to": 1})
    page = (await world.call("GET", "/deploy/channels/live/history", params={"limit": "2"})).json()
    back, promoted = page["revisions"]
    weight = {"weight": 100, "signedBy": []}
    assert back["why"] == "rollback to revision 1"
    assert (promoted["who"], promoted["why"], promoted["at"]) == ("sales's", "faster", "2026-03-01T13:00:00.000+00:00")
    assert promoted["changes"] == [
        {"app": "shop", "before": [{"release": first, **weight}], "after": [{"release": second, **weight}]}
    ]
    rest = (await world.call("GET", "/deploy/channels/live/history", params={"cursor": str(page["cursor"])})).json()
    assert [one["revision"] for one in rest["revisions"]] == [1]
    assert rest["cursor"] is None
    assert rest["revisions"][0]["changes"][0]["before"] == []


async def test_an_older_revision_can_be_read(world: ManifestWorld) -> None:
    first = await world.deploy(app_files())
    await world.deploy(app_files(version="2.0.0"))
    old = await world.call("GET", "/deploy/channels/live", params={"revision": "1"})
    assert old.json()["apps"]["shop"][0]["release"] == first
    assert old.headers["etag"] == '"1"'
    problem(await world.call("GET", "/deploy/channels/live", params={"revision": "9"}), 404, "unknown-revision")
    problem(await world.call("GET", "/deploy/channels/live", params={"revision": "x"}), 422, "invalid-request")
    problem(await world.call("GET", "/deploy/channels/Not%20one"), 404, "not-found")


async def test_channels_are_apart(world: ManifestWorld) -> None:
    await world.deploy(app_files())
    digest = (await world.publish(app_files(version="2.0.0"))).json()["digest"]
    await world.call("PUT", "/deploy/channels/next/apps/shop", base=0, json={"release": digest})
    shown = [(await world.http.get(f"/apps.json?channel={name}")).json() for name in ("live", "next")]
    assert [one["apps"][0]["version"] for one in shown] == ["1.0.0", "2.0.0"]


async def test_the_public_reads_show_what_a_page_needs_and_no_more(world: ManifestWorld) -> None:
    nav = [
        {"key": "b", "label": "B", "href": "/b", "order": 2},
        {"key": "a", "label": "A", "href": "/", "icon": "i.svg", "order": 1},
    ]
    files = app_files(
        routes=[{"path": "/", "access": "public", "title": "Shop"}, {"path": "/b", "roles": ["x"]}],
        styles=["shop.css"],
        mountPoints={"nav": nav},
        bff={"url": "http://10.0.0.7:9001/secret", "api": "rest"},
    )
    digest = await world.deploy(files | {"shop.css": b"a{}", "i.svg": b"<svg/>"})
    apps = await world.http.get("/apps.json")
    (shop,) = apps.json()["apps"]
    assert shop["entry"] == f"/a/shop/{digest}/shop.js"
    assert shop["styles"][0]["href"] == f"/a/shop/{digest}/shop.css"
    assert shop["bff"] == "/api/shop"
    assert shop["routes"][1] == {"path": "/b", "slot": "main", "access": "signed-in", "roles": ["x"]}
    assert "10.0.0.7" not in apps.text
    points = (await world.http.get("/mount-points.json")).json()["mountPoints"]
    assert [offer["key"] for offer in points["nav"]] == ["a", "b"]
    assert points["nav"][0]["icon"] == f"/a/shop/{digest}/i.svg"
    mapped = await world.http.get("/importmap.json")
    assert mapped.headers["content-type"] == "application/importmap+json"
    assert mapped.json()["imports"]["@sales/shop"] == f"/a/shop/{digest}/shop.js"
    assert (
        await world.http.get("/importmap.json", headers={"If-None-Match": mapped.headers["etag"]})
    ).status_code == 304


async def test_a_change_by_another_process_is_seen_by_the_next_call(world: ManifestWorld) -> None:
    await world.deploy(app_files(routes=[{"path": "/:id"}]))
    async with manifest_world(world.folder) as other:
        first = await other.manifest.snapshot()
        assert await other.manifest.snapshot() is first
        await world.deploy(app_files(version="2.0.0", routes=[{"path": "/:id"}]))
        second = await other.manifest.snapshot()
    assert (first.revision, second.revision, second.etag) == (1, 2, '"2"')
    assert [release.version for release in second.releases] == ["2.0.0"]
    match = match_route(second, "/7")
    assert match is not None
    assert (match.release.version, match.params) == ("2.0.0", {"id": "7"})


async def test_an_unchanged_channel_costs_one_question_answered_from_memory(world: ManifestWorld) -> None:
    await world.deploy(app_files())
    await world.manifest.snapshot()
    asked: list[str] = []
    read, recall = world.database.read, world.database.recall

    async def counted_read(sql: str, params: Any = ()) -> Any:
        asked.append("read")
        return await read(sql, params)

    async def counted_recall(sql: str, params: Any = ()) -> Any:
        asked.append("recall")
        return await recall(sql, params)

    world.database.read, world.database.recall = counted_read, counted_recall  # type: ignore[method-assign]
    await world.manifest.snapshot()
    assert asked == ["recall"]


async def test_the_clock_of_the_world_is_the_only_one(world: ManifestWorld) -> None:
    document = (await world.publish(app_files())).json()
    assert document["createdAt"] == "2026-03-01T12:00:00.000+00:00"
    assert Manifest(world.manifest.store, world.manifest.assets).now() <= utc_now()
