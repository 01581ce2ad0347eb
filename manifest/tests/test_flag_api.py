"""Flags over HTTP: who may change them, on what a change is decided, and the history that stays."""

from typing import Any

import httpx
import pytest

from manifest.tests.manifest_world import ManifestWorld

BANNER: dict[str, Any] = {"variants": {"on": True, "off": False}, "defaultVariant": "off"}
NEW = {"If-None-Match": "*"}


async def put(world: ManifestWorld, key: str = "banner", *, team: str = "sales", **request: Any) -> httpx.Response:
    document = BANNER | request.pop("change", {})
    return await world.call("PUT", f"/deploy/flags/{key}", team=team, json=document, **request)


async def rows(world: ManifestWorld) -> list[Any]:
    return [await world.database.read(f"SELECT * FROM {table}") for table in ("flags", "flag_revisions")]


def slug(response: httpx.Response) -> str:
    return str(response.json()["type"]).rpartition("/")[2]


async def test_a_flag_is_made_changed_and_deleted(world: ManifestWorld) -> None:
    made = await put(world, headers=NEW, change={"why": "for the fair"})
    assert (made.status_code, made.headers["etag"], made.headers["location"]) == (201, '"1"', "/deploy/flags/banner")
    assert made.json() == BANNER | {
        "key": "banner", "team": "sales", "description": "", "enabled": True, "rules": [],
        "revision": 1, "who": "sales's", "at": "2026-03-01T12:00:00.000+00:00", "why": "for the fair",
    }  # fmt: skip
    changed = await put(world, base=1, change={"enabled": False})
    assert (changed.status_code, changed.headers["etag"], changed.json()["enabled"]) == (200, '"2"', False)
    assert (await world.call("GET", "/deploy/flags/banner")).json() == changed.json()
    deleted = await world.call("DELETE", "/deploy/flags/banner", base=2, team="sales", json={"why": "over"})
    assert (deleted.status_code, deleted.json()["deleted"], deleted.json()["revision"]) == (200, True, 3)
    gone = await world.call("GET", "/deploy/flags/banner")
    assert (gone.status_code, slug(gone)) == (404, "unknown-flag")
    again = await put(world, headers=NEW)
    assert (again.status_code, again.json()["revision"]) == (201, 4)
    history = (await world.call("GET", "/deploy/flags/banner/history")).json()
    assert [(one["revision"], one["why"]) for one in history["revisions"]] == [
        (4, ""), (3, "over"), (2, ""), (1, "for the fair"),
    ]  # fmt: skip
    assert history["cursor"] is None


async def test_the_same_again_makes_no_revision(world: ManifestWorld) -> None:
    await put(world, headers=NEW)
    again = await put(world, base=1, change={"why": "no reason"})
    assert (again.status_code, again.json()["revision"]) == (200, 1)


async def test_a_change_decided_on_something_older_is_refused(world: ManifestWorld) -> None:
    await put(world, headers=NEW)
    await put(world, base=1, change={"enabled": False})
    before = await rows(world)
    for late in (await put(world, base=1), await put(world, headers=NEW)):
        assert (late.status_code, slug(late), late.headers["etag"]) == (412, "flag-conflict", '"2"')
        assert late.json()["revision"] == 2
    late = await world.call("DELETE", "/deploy/flags/banner", base=1, team="sales")
    assert (late.status_code, slug(late)) == (412, "flag-conflict")
    assert await rows(world) == before


@pytest.mark.parametrize(
    ("headers", "status", "type_"),
    [
        ({}, 428, "precondition-required"),
        ({"If-None-Match": '"1"'}, 400, "invalid-if-match"),
        ({"If-None-Match": "*", "If-Match": '"1"'}, 400, "invalid-if-match"),
        ({"If-Match": "*"}, 400, "invalid-if-match"),
        ({"If-Match": '"1"'}, 404, "unknown-flag"),
    ],
)
async def test_a_change_says_what_it_was_decided_on(
    world: ManifestWorld, headers: dict[str, str], status: int, type_: str
) -> None:
    answer = await put(world, headers=headers)
    assert (answer.status_code, slug(answer)) == (status, type_)
    assert await rows(world) == [[], []]


async def test_a_change_that_its_client_has_named_is_made_once(world: ManifestWorld) -> None:
    """Its answer was lost on the way: sent again it is the same answer, though the flag has moved on."""
    await put(world, headers=NEW)
    named = {"Idempotency-Key": "one", "If-Match": '"1"'}
    first = await put(world, headers=named, change={"enabled": False})
    await put(world, base=2)
    before = await rows(world)
    again = await put(world, headers=named, change={"enabled": False})
    assert (again.status_code, again.json(), again.headers["etag"]) == (200, first.json(), '"2"')
    assert again.headers["idempotency-replayed"] == "true"
    other = await put(world, headers=named, change={"enabled": True})
    assert (other.status_code, slug(other)) == (422, "idempotency-key-reused")
    assert await rows(world) == before


async def test_a_team_changes_its_own_flags_alone(world: ManifestWorld) -> None:
    await put(world, headers=NEW)
    before = await rows(world)
    for answer in (
        await put(world, team="base", base=1),
        await put(world, team="base", base=1, change={"team": "sales"}),
        await put(world, "other", team="base", headers=NEW, change={"team": "sales"}),
        await world.call("DELETE", "/deploy/flags/banner", base=1, team="base"),
    ):
        assert (answer.status_code, slug(answer)) == (403, "not-your-flag")
    taken = await put(world, team="sales", base=1, change={"team": "base"})
    assert (taken.status_code, taken.json()["errors"][0]["pointer"]) == (422, "/team")
    assert await rows(world) == before
    assert (await world.call("GET", "/deploy/flags/banner", team="base")).status_code == 200


async def test_an_operator_says_whose_flag_it_is(world: ManifestWorld) -> None:
    nobody = await put(world, team="*", headers=NEW)
    assert (nobody.status_code, slug(nobody), nobody.json()["errors"][0]["pointer"]) == (422, "invalid-flag", "/team")
    made = await put(world, team="*", headers=NEW, change={"team": "sales"})
    assert (made.status_code, made.json()["team"]) == (201, "sales")
    assert (await put(world, team="*", base=1, change={"enabled": False})).json()["team"] == "sales"


async def test_without_a_token_nothing_is_shown(world: ManifestWorld) -> None:
    for method, path in (("GET", ""), ("GET", "/a"), ("PUT", "/a"), ("DELETE", "/a"), ("GET", "/a/history")):
        answer = await world.http.request(method, f"/deploy/flags{path}")
        assert (answer.status_code, slug(answer)) == (401, "invalid-token")


async def test_a_wrong_document_changes_nothing(world: ManifestWorld) -> None:
    answer = await put(world, headers=NEW, change={"rules": [{"percentages": {"on": 5}}]})
    assert (answer.status_code, slug(answer)) == (422, "invalid-flag")
    assert answer.json()["errors"] == [
        {"pointer": "/rules/0/percentages", "detail": "add up to 5, not 100; name the variant of everyone else too"}
    ]
    assert (await world.call("PUT", "/deploy/flags/a", headers=NEW, content=b"[]")).status_code == 422
    assert (await world.call("PUT", "/deploy/flags/a", headers=NEW, content=b"{")).status_code == 400
    assert (await world.call("PUT", "/deploy/flags/a%00b", headers=NEW, json=BANNER)).status_code == 404
    assert await rows(world) == [[], []]


async def test_lists_are_paged(world: ManifestWorld) -> None:
    for key, team in (("a", "sales"), ("b", "base"), ("c", "sales")):
        await put(world, key, team=team, headers=NEW)
    first = (await world.call("GET", "/deploy/flags", params={"limit": 2})).json()
    assert ([one["key"] for one in first["flags"]], first["cursor"]) == (["a", "b"], "b")
    second = (await world.call("GET", "/deploy/flags", params={"limit": 2, "cursor": "b"})).json()
    assert ([one["key"] for one in second["flags"]], second["cursor"]) == (["c"], None)
    own = (await world.call("GET", "/deploy/flags", params={"team": "sales"})).json()
    assert [one["key"] for one in own["flags"]] == ["a", "c"]
    for number in range(1, 4):
        await put(world, "a", base=number, change={"description": f"{number}"})
    newest = (await world.call("GET", "/deploy/flags/a/history", params={"limit": 2})).json()
    assert ([one["revision"] for one in newest["revisions"]], newest["cursor"]) == ([4, 3], 3)
    older = (await world.call("GET", "/deploy/flags/a/history", params={"cursor": 3})).json()
    assert ([one["revision"] for one in older["revisions"]], older["cursor"]) == ([2, 1], None)


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/deploy/flags", {"cursor": "\x00"}, 400),
        ("/deploy/flags", {"team": "A B"}, 422),
        ("/deploy/flags/never/history", {}, 404),
        ("/deploy/flags/never/history", {"cursor": "x"}, 422),
        ("/deploy/flags/a%2Fb", {}, 404),
    ],
)
async def test_what_cannot_be_is_said_so(world: ManifestWorld, path: str, params: dict[str, str], status: int) -> None:
    assert (await world.call("GET", path, params=params)).status_code == status
