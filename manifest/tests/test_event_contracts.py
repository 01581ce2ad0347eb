"""Messages between apps at a deploy: who would not be understood, or not understand, is refused with the place."""

import json
from typing import Any

from manifest.tests.manifest_world import OPERATOR, ManifestWorld, app_files

LIT: dict[str, Any] = {
    "type": "object",
    "required": ["room"],
    "properties": {"room": {"type": "string"}},
    "additionalProperties": False,
}
BRIGHTER = LIT | {"properties": {"room": {"type": "string"}, "lumen": {"type": "integer"}}}
TAKES: dict[str, Any] = {"type": "object", "required": ["room"], "properties": {"room": {"type": "string"}}}
NUMBERED = LIT | {"properties": {"room": {"type": "integer"}}}
NAME = "lamp.lit/1"


def lamps(version: str, schema: Any, name: str = NAME) -> dict[str, bytes]:
    """An app that publishes."""
    files = app_files("@home/lamps", version, publishes={name: "schemas/lit.json"})
    return files | {"schemas/lit.json": json.dumps(schema).encode()}


def diary(version: str, schema: Any, **members: Any) -> dict[str, bytes]:
    """Another team's app that consumes."""
    files = app_files("@notes/diary", version, consumes={NAME: "schemas/lit.json"}, **members)
    return files | {"schemas/lit.json": json.dumps(schema).encode()}


async def tried(world: ManifestWorld, app: str, files: dict[str, bytes], weight: int | None = None) -> Any:
    published = await world.publish(files, app=app)
    if published.status_code != 201:
        return published
    base = await world.manifest.store.head("live")
    body = {"release": published.json()["digest"]} | ({} if weight is None else {"weight": weight})
    return await world.call("PUT", f"/deploy/channels/live/apps/{app}", base=base, json=body)


def broken(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    assert response.json()["type"].endswith("contract-broken"), response.text
    return [(error["pointer"], error["detail"]) for error in response.json()["errors"]]


async def test_a_publisher_that_breaks_a_consumer_in_the_channel_is_refused(world: ManifestWorld) -> None:
    await world.deploy(diary("1.0.0", TAKES))
    ((place, detail),) = broken(await tried(world, "lamps", lamps("2.0.0", NUMBERED)))
    assert place == "/publishes/lamp.lit~11"
    assert detail == (
        "@notes/diary 1.0.0, which is in the channel, consumes it: "
        "'room' of the data may be integer, which is not taken"
    )
    assert await world.manifest.store.head("live") == 1


async def test_what_consumers_understand_comes_in_and_so_does_another_version(
    world: ManifestWorld,
) -> None:
    await world.deploy(diary("1.0.0", TAKES))
    assert (await tried(world, "lamps", lamps("1.0.0", BRIGHTER))).status_code == 200
    assert (await tried(world, "lamps", lamps("2.0.0", NUMBERED, "lamp.lit/2"))).status_code == 200


async def test_a_consumer_that_does_not_take_what_is_published_is_refused(world: ManifestWorld) -> None:
    await world.deploy(lamps("1.0.0", BRIGHTER))
    ((place, detail),) = broken(await tried(world, "diary", diary("1.0.0", LIT)))
    assert place == "/consumes/lamp.lit~11"
    assert detail.startswith("@home/lamps 1.0.0, which is in the channel, publishes it: 'lumen' of the data")


async def test_both_sides_of_a_rollout_are_asked(world: ManifestWorld) -> None:
    """The candidate has one hundredth of the people; a consumer that does not take what it sends is refused."""
    await world.deploy(lamps("1.0.0", LIT))
    assert (await tried(world, "lamps", lamps("2.0.0", BRIGHTER), weight=1)).status_code == 200
    ((_, detail),) = broken(await tried(world, "diary", diary("1.0.0", LIT)))
    assert detail.startswith("@home/lamps 2.0.0")
    assert (await tried(world, "diary", diary("2.0.0", TAKES))).status_code == 200


async def test_the_release_that_is_replaced_counts_because_pages_are_open_with_it(world: ManifestWorld) -> None:
    """An app that sends to itself: what the old page published is taken by the new one."""
    both = {"publishes": {NAME: "schemas/lit.json"}}
    await world.deploy(diary("1.0.0", LIT, **both))
    findings = broken(await tried(world, "diary", diary("2.0.0", NUMBERED, **both)))
    assert {place for place, _ in findings} == {"/publishes/lamp.lit~11", "/consumes/lamp.lit~11"}


async def test_a_rollback_is_never_refused(world: ManifestWorld) -> None:
    await world.deploy(lamps("1.0.0", NUMBERED))
    await world.deploy(lamps("2.0.0", LIT))
    await world.deploy(lamps("3.0.0", LIT, "lamp.out/1"))
    await world.deploy(diary("1.0.0", TAKES))
    back = await world.manifest.rollback(1, base=None, by=OPERATOR, app="lamps")
    assert back.number == 5


async def test_a_schema_that_says_what_cannot_be_compared_is_refused_when_it_is_published(world: ManifestWorld) -> None:
    files = lamps("1.0.0", {"oneOf": [LIT, NUMBERED]})
    findings = broken(await world.publish(files, app="lamps"))
    keyword = "schemas/lit.json: /oneOf: the keyword 'oneOf' cannot be compared; see docs/reference"
    assert findings == [("/publishes/lamp.lit~11", keyword)]


async def test_names_without_a_version_and_files_that_are_not_there_are_refused(world: ManifestWorld) -> None:
    nameless = app_files("@home/lamps", publishes={"Lamp lit": "schemas/lit.json"})
    response = await world.publish(nameless, app="lamps")
    assert [error["pointer"] for error in response.json()["errors"]] == ["/publishes"]
    absent = app_files("@home/lamps", consumes={NAME: "schemas/lit.json"})
    response = await world.publish(absent, app="lamps")
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/consumes/lamp.lit~11"
