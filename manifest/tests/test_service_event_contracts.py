"""Events between services at a deploy: who would not be understood, or not understand, is refused with the place.

None of these releases has anything for a browser.
"""

import json
from typing import Any

import pytest

from manifest.tests.manifest_world import OPERATOR, ManifestWorld

LIT: dict[str, Any] = {
    "type": "object",
    "required": ["room"],
    "properties": {"room": {"type": "string", "x-personal": True}},
    "additionalProperties": False,
}
BRIGHTER = LIT | {"properties": {"room": {"type": "string"}, "lumen": {"type": "integer"}}}
TAKES: dict[str, Any] = {"type": "object", "required": ["room"], "properties": {"room": {"type": "string"}}}
NUMBERED = LIT | {"properties": {"room": {"type": "integer"}}}
ANYTHING = object()


def service(
    name: str, version: str, tells: dict[str, Any] | None = None, hears: dict[str, Any] | None = None, by: str = "lamps"
) -> dict[str, bytes]:
    """A service that runs somewhere else, without an app. ``ANYTHING`` is heard without being read."""
    files: dict[str, bytes] = {}
    publishes, consumes = {}, []
    for event, schema in (tells or {}).items():
        publishes[event] = f"schemas/{event.replace('/', '.')}.json"
        files[publishes[event]] = json.dumps(schema).encode()
    for event, schema in (hears or {}).items():
        consumes.append({"from": by, "event": event})
        if schema is not ANYTHING:
            consumes[-1]["schema"] = f"reads/{event.replace('/', '.')}.json"
            files[consumes[-1]["schema"]] = json.dumps(schema).encode()
    bff = {"url": f"https://{name.partition('/')[2]}.test", "events": {"publishes": publishes, "consumes": consumes}}
    return files | {"app.json": json.dumps({"name": name, "version": version, "bff": bff}).encode()}


def lamps(version: str, **tells: Any) -> dict[str, bytes]:
    return service("@home/lamps", version, {event.replace("_", "/"): schema for event, schema in tells.items()})


def diary(version: str, hears: dict[str, Any], **more: Any) -> dict[str, bytes]:
    return service("@notes/diary", version, None, hears, **more)


LAMP_LIT = "lamp.lit/1"
ONE = {"lamp.lit_1": LIT}


async def tried(world: ManifestWorld, files: dict[str, bytes], weight: int | None = None) -> Any:
    app = json.loads(files["app.json"])["name"].partition("/")[2]
    published = await world.publish(files, app=app)
    if not published.is_success:
        return published
    base = await world.manifest.store.head("live")
    body = {"release": published.json()["digest"]} | ({} if weight is None else {"weight": weight})
    return await world.call("PUT", f"/deploy/channels/live/apps/{app}", base=base, json=body)


def broken(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    assert response.json()["type"].endswith("contract-broken"), response.text
    return [(error["pointer"], error["detail"]) for error in response.json()["errors"]]


async def test_a_service_without_an_app_is_deployed(world: ManifestWorld) -> None:
    assert (await tried(world, lamps("1.0.0", **ONE))).status_code == 200
    assert (await tried(world, diary("1.0.0", {LAMP_LIT: TAKES}))).status_code == 200
    assert (await tried(world, lamps("1.1.0", **{"lamp.lit_1": BRIGHTER}))).status_code == 200


async def test_who_would_tell_what_a_listener_does_not_take_is_refused(world: ManifestWorld) -> None:
    await world.deploy(lamps("1.0.0", **ONE))
    await world.deploy(diary("1.0.0", {LAMP_LIT: TAKES}))
    ((place, detail),) = broken(await tried(world, lamps("2.0.0", **{"lamp.lit_1": NUMBERED})))
    assert place == "/bff/events/publishes/lamp.lit~11"
    assert detail == (
        "@notes/diary 1.0.0, which is in the channel, reads it: 'room' of the data may be integer, which is not taken"
    )


async def test_who_does_not_take_what_is_told_is_refused(world: ManifestWorld) -> None:
    await world.deploy(lamps("1.0.0", **{"lamp.lit_1": BRIGHTER}))
    ((place, detail),) = broken(await tried(world, diary("1.0.0", {LAMP_LIT: LIT})))
    assert place == "/bff/events/consumes/0"
    assert detail.startswith("@home/lamps 1.0.0, which is in the channel, tells lamp.lit/1: 'lumen' of the data")
    assert (await tried(world, diary("1.0.1", {LAMP_LIT: ANYTHING}))).status_code == 200


async def test_a_new_version_waits_until_all_listeners_read_it(world: ManifestWorld) -> None:
    """The hub gives a rule whichever version comes: a name of its own would keep nobody from hearing it."""
    await world.deploy(lamps("1.0.0", **ONE))
    await world.deploy(diary("1.0.0", {LAMP_LIT: TAKES}))
    both = {"lamp.lit_1": LIT, "lamp.lit_2": NUMBERED}
    ((place, detail),) = broken(await tried(world, lamps("2.0.0", **both)))
    assert place == "/bff/events/publishes/lamp.lit~12"
    assert detail.endswith("reads lamp.lit/1 alone; it has to learn lamp.lit/2 first")
    await world.deploy(diary("2.0.0", {LAMP_LIT: TAKES, "lamp.lit/2": NUMBERED}))
    assert (await tried(world, lamps("2.0.0", **both))).status_code == 200
    ((place, _),) = broken(await tried(world, diary("3.0.0", {LAMP_LIT: TAKES})))
    assert place == "/bff/events/consumes/0/event"
    assert (await tried(world, lamps("3.0.0", **{"lamp.lit_2": NUMBERED}))).status_code == 200


async def test_what_somebody_hears_does_not_cease(world: ManifestWorld) -> None:
    await world.deploy(lamps("1.0.0", **ONE))
    await world.deploy(diary("1.0.0", {LAMP_LIT: ANYTHING}))
    findings = broken(await tried(world, lamps("2.0.0", **{"lamp.out_1": LIT})))
    words = "@notes/diary 1.0.0, which is in the channel, reads lamp.lit, which is told no more"
    assert findings == [("/bff/events/publishes", words)]


async def test_both_sides_of_a_rollout_are_asked(world: ManifestWorld) -> None:
    await world.deploy(lamps("1.0.0", **ONE))
    assert (await tried(world, lamps("2.0.0", **{"lamp.lit_1": BRIGHTER}), weight=1)).status_code == 200
    ((_, detail),) = broken(await tried(world, diary("1.0.0", {LAMP_LIT: LIT})))
    assert detail.startswith("@home/lamps 2.0.0")
    assert (await tried(world, diary("2.0.0", {LAMP_LIT: TAKES}))).status_code == 200


async def test_events_of_another_service_are_not_meant(world: ManifestWorld) -> None:
    """Nobody can stand in another's way by telling events of the same name."""
    await world.deploy(diary("1.0.0", {LAMP_LIT: TAKES}))
    assert (await tried(world, service("@evil/lights", "1.0.0", {LAMP_LIT: NUMBERED}))).status_code == 200
    assert (await tried(world, lamps("1.0.0", **ONE))).status_code == 200


async def test_a_service_that_hears_itself_is_asked_before_it_is_published(world: ManifestWorld) -> None:
    files = service("@home/lamps", "1.0.0", {LAMP_LIT: NUMBERED}, {LAMP_LIT: TAKES})
    ((place, detail),) = broken(await world.publish(files, app="lamps"))
    assert (place, detail.partition(":")[0]) == ("/bff/events/consumes/0", "the service itself tells lamp.lit/1")


async def test_a_rollback_is_never_refused(world: ManifestWorld) -> None:
    await world.deploy(lamps("1.0.0", **{"lamp.lit_1": NUMBERED}))
    await world.deploy(lamps("2.0.0", **{"lamp.lit_1": LIT}))
    await world.deploy(diary("1.0.0", {LAMP_LIT: TAKES}))
    assert (await world.manifest.rollback(1, base=None, by=OPERATOR, app="lamps")).number == 4


@pytest.mark.parametrize(
    ("events", "place"),
    [
        ({"publishes": {"lit": "a.json"}}, "/bff/events/publishes"),
        ({"publishes": {"lamp.lit/1": "absent.json"}}, "/bff/events/publishes/lamp.lit~11"),
        ({"consumes": [{"from": "lamps"}]}, "/bff/events/consumes/0"),
        ({"consumes": [{"from": "Lamps", "event": "lamp.lit/1"}]}, "/bff/events/consumes/0/from"),
        ({"consumes": [{"from": "lamps", "event": "lamp.lit"}]}, "/bff/events/consumes/0/event"),
        (
            {"consumes": [{"from": "lamps", "event": "lamp.lit/1", "schema": "no.json"}]},
            "/bff/events/consumes/0/schema",
        ),
        ({"hears": []}, "/bff/events"),
    ],
)
async def test_what_is_wrong_with_app_json_is_said_with_its_place(
    world: ManifestWorld, events: dict[str, Any], place: str
) -> None:
    document = {"name": "@home/lamps", "version": "1.0.0", "bff": {"url": "https://lamps.test", "events": events}}
    response = await world.publish({"app.json": json.dumps(document).encode()}, app="lamps")
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [place]


async def test_a_schema_that_cannot_be_compared_is_refused_with_its_place(world: ManifestWorld) -> None:
    findings = broken(await world.publish(lamps("1.0.0", **{"lamp.lit_1": {"oneOf": [LIT, TAKES]}}), app="lamps"))
    words = "schemas/lamp.lit.1.json: /oneOf: the keyword 'oneOf' cannot be compared; see docs/reference"
    assert findings == [("/bff/events/publishes/lamp.lit~11", words)]
