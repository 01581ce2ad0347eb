"""A request that its client has named is done once; one that is only rehearsed changes nothing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from manifest.tests.manifest_world import ManifestWorld, app_files, library_files, tar_gz
from manifest.tests.test_deployer_releases import problem
from portico.sql import Database, Row, Statement, Value

PATH = "/deploy/channels/live/apps/shop"


async def published(world: ManifestWorld, version: str = "1.0.0") -> str:
    return str((await world.publish(app_files(version=version))).json()["digest"])


async def put(world: ManifestWorld, body: dict[str, Any], key: str | None, base: int = 0, **request: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await world.call("PUT", PATH, json=body, base=base, headers=headers, **request)


async def test_a_change_sent_again_with_its_key_is_answered_as_before(world: ManifestWorld) -> None:
    body = {"release": await published(world)}
    first = await put(world, body, "k-1")
    await world.deploy(app_files("@crm/account"))
    again = await put(world, body, "k-1")  # its If-Match is no longer true, and need not be
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"] == '"1"'
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await world.manifest.store.head("live") == 2


@dataclass
class Overtaken(Database):
    """A database that, once the answer of a request was looked for in vain, lets others act before it says so."""

    inner: Database
    meanwhile: list[Callable[[], Awaitable[object]]]

    async def read(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        rows = await self.inner.read(sql, params)
        if "FROM deploy_answers" in sql and self.meanwhile:
            await self.meanwhile.pop()()
        return rows

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        return await self.inner.write(statements)

    async def close(self) -> None:
        await self.inner.close()


async def test_a_change_sent_again_while_the_first_is_under_way_is_answered_as_it(world: ManifestWorld) -> None:
    """The first is done after the second was found to be new, and before its If-Match is compared."""
    body = {"release": await published(world)}
    first: list[Any] = []

    async def sent_before() -> None:
        first.append(await put(world, body, "k-1"))

    world.manifest.store._database = Overtaken(world.database, [sent_before])  # type: ignore[attr-defined]
    again = await put(world, body, "k-1")
    assert (first[0].status_code, again.status_code) == (200, 200), again.text
    assert (again.content, again.headers["idempotency-replayed"]) == (first[0].content, "true")
    assert await world.manifest.store.head("live") == 1
    world.manifest.store._database = Overtaken(world.database, [sent_before])  # type: ignore[attr-defined]
    problem(await put(world, {"release": body["release"], "weight": 99}, "k-2"), 412, "revision-conflict")


async def test_a_change_that_changed_nothing_is_answered_as_before_too(world: ManifestWorld) -> None:
    body = {"release": await world.deploy(app_files())}
    first = await put(world, body, "k-1", base=1)
    await world.deploy(app_files(version="2.0.0"))
    again = await put(world, body, "k-1", base=1)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert await world.manifest.store.head("live") == 2


async def test_another_request_under_the_same_key_is_refused(world: ManifestWorld) -> None:
    one, other = await published(world), await published(world, "2.0.0")
    await put(world, {"release": one}, "k-1")
    before = await world.everything()
    refused = await put(world, {"release": other}, "k-1", base=1)
    problem(refused, 422, "idempotency-key-reused")
    retired = await world.call("DELETE", PATH, base=1, headers={"Idempotency-Key": "k-1"})
    problem(retired, 422, "idempotency-key-reused")
    assert await world.everything() == before


async def test_a_key_is_one_tokens_own(world: ManifestWorld) -> None:
    body = {"release": await published(world)}
    await put(world, body, "k-1")
    other = await put(world, body, "k-1", base=1, team="sales")
    assert (other.status_code, "idempotency-replayed" in other.headers) == (200, False)


async def test_a_refused_change_may_be_sent_again(world: ManifestWorld) -> None:
    body = {"release": await published(world)}
    problem(await put(world, body, "k-1", base=7), 412, "revision-conflict")
    assert (await put(world, body, "k-1", base=0)).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 201, "two words"])
async def test_a_key_that_cannot_be_is_told_so(key: str, world: ManifestWorld) -> None:
    problem(await put(world, {"release": await published(world)}, key), 400, "idempotency-key-invalid")


async def test_a_rollback_and_a_retirement_are_done_once(world: ManifestWorld) -> None:
    await world.deploy(app_files())
    headers = {"Idempotency-Key": "k-1"}
    gone = [await world.call("DELETE", PATH, base=1, headers=headers) for _ in range(2)]
    assert gone[0].content == gone[1].content
    headers = {"Idempotency-Key": "k-2"}
    path = "/deploy/channels/live/rollback"
    back = [await world.call("POST", path, base=2, json={"to": 1}, headers=headers) for _ in range(2)]
    assert back[0].content == back[1].content
    assert await world.manifest.store.head("live") == 3


async def test_a_release_sent_again_with_its_key_is_created_once_and_answered_so(world: ManifestWorld) -> None:
    path, archive = "/deploy/apps/shop/releases", tar_gz(app_files())
    headers = {"Content-Type": "application/gzip", "Idempotency-Key": "k-1"}
    first, again = [await world.call("POST", path, content=archive, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.content, again.headers["location"]) == (first.content, first.headers["location"])
    assert again.headers["idempotency-replayed"] == "true"
    other = await world.call("POST", path, content=tar_gz(app_files(version="2.0.0")), headers=headers)
    problem(other, 422, "idempotency-key-reused")


async def test_old_answers_are_forgotten(world: ManifestWorld) -> None:
    body = {"release": await published(world)}
    await put(world, body, "k-1")
    world.clock.move(days=31)
    world.tokens.clear()
    await put(world, {"release": await published(world, "2.0.0")}, "k-2", base=1)
    assert [row[0] for row in await world.database.read("SELECT key FROM deploy_answers")] == ["k-2"]


async def test_a_rehearsal_says_what_would_change_and_changes_nothing(world: ManifestWorld) -> None:
    first = await world.deploy(app_files())
    second = await published(world, "2.0.0")
    before = await world.everything()
    shown = (await put(world, {"release": second}, None, base=1, params={"dry_run": "true"})).json()
    entry = {"before": f"/a/shop/{first}/shop.js", "after": f"/a/shop/{second}/shop.js"}
    assert shown["importMap"] == {"added": {}, "removed": {}, "changed": {"@sales/shop": entry}}
    assert [change["app"] for change in shown["changes"]] == ["shop"]
    some = (await put(world, {"release": second, "weight": 5}, None, base=1, params={"dry_run": "true"})).json()
    assert some["importMap"] == shown["importMap"]  # what the candidate's people get
    assert [one["weight"] for one in some["changes"][0]["after"]] == [95, 5]
    gone = await world.call("DELETE", PATH, params={"dry_run": "true"})  # on whatever is current
    assert gone.json()["importMap"]["removed"] == {"@sales/shop": f"/a/shop/{first}/shop.js"}
    back = await world.call("POST", "/deploy/channels/live/rollback", json={"to": 0}, params={"dry_run": "true"})
    assert back.json() == gone.json()
    assert await world.everything() == before


async def test_a_rehearsal_is_refused_as_the_change_would_be(world: ManifestWorld) -> None:
    await world.deploy(library_files("11.2.0"))
    await world.deploy(app_files(source="import 'signals'", imports={"needs": {"signals": "^11.0.0"}}))
    before = await world.everything()
    dry = {"dry_run": "true"}
    gone = await world.call("DELETE", "/deploy/channels/live/apps/libs", base=2, params=dry)
    problem(gone, 422, "invalid-channel")
    problem(await world.call("DELETE", "/deploy/channels/live/apps/libs", base=1, params=dry), 412, "revision-conflict")
    problem(await world.call("DELETE", PATH, team="crm", params=dry), 403, "not-your-app")
    problem(await world.call("DELETE", PATH, params={"dry_run": "yes"}), 422, "invalid-request")
    assert await world.everything() == before


async def test_a_release_may_be_rehearsed(world: ManifestWorld) -> None:
    params = {"dry_run": "true", "channel": "live"}
    before = await world.everything()
    shown = (await world.publish(app_files(), params=params)).json()
    url = f"/a/shop/{shown['release']['digest']}/shop.js"
    assert shown["importMap"] == {"added": {"@sales/shop": url}, "removed": {}, "changed": {}}
    needy = app_files(source="import 'signals'")
    problem(await world.publish(needy, params=params), 422, "invalid-channel")
    assert await world.everything() == before
    await world.publish(app_files())
    other = app_files(source="export default 2")
    problem(await world.publish(other, params={"dry_run": "true"}), 409, "version-taken")
    taken = app_files("@crm/shop", "3.0.0")
    problem(await world.publish(taken, params={"dry_run": "true"}), 422, "app-name-taken")


async def test_weights_over_http(world: ManifestWorld) -> None:
    first = await world.deploy(app_files())
    second = await published(world, "2.0.0")
    split = await put(world, {"release": second, "weight": 10}, None, base=1)
    releases = [{"release": first, "weight": 90}, {"release": second, "weight": 10}]
    assert split.json()["apps"] == {"shop": releases}
    for weight in (-1, 101, 1.5, "5"):
        problem(await put(world, {"release": second, "weight": weight}, None, base=2), 422, "invalid-request")
    unweighable = await put(world, {"release": first, "weight": 5}, None, base=2)
    assert problem(unweighable, 422, "invalid-channel")["errors"][0]["pointer"] == "/weight"
    gone = await put(world, {"release": second, "weight": 0}, None, base=2)
    assert gone.json()["apps"] == {"shop": [{"release": first, "weight": 100}]}


async def test_the_first_release_of_an_app_is_for_everyone(world: ManifestWorld) -> None:
    digest = await published(world)
    problem(await put(world, {"release": digest, "weight": 10}, None), 422, "invalid-channel")
