"""Commands on the wire: lanes, replacements, versions, and what became of a command, for REST and GraphQL alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from bffs.kit.tests import counter_bff
from portico.bff import EntityStore, new_id
from portico.bff.lanes import MOST_LANES
from portico.bff.testing.client import BffClient, running
from portico.bff.testing.tokens import TokenIssuer
from portico.sql import Statement

DEVICE = "0198c0de-0000-7000-8000-000000000001"


@pytest.fixture
async def anybody(token_issuer: TokenIssuer, bff_settings: dict[str, str]) -> AsyncIterator[BffClient]:
    app = counter_bff.create_app(bff_settings, keys=token_issuer.keys())
    async with running(app, token_issuer) as client:
        yield client


@pytest.fixture
def ada(anybody: BffClient) -> BffClient:
    return anybody.signed_in("ada")


@pytest.fixture(params=["rest", "graphql"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def send(client: BffClient, way: str, headers: Mapping[str, str] | None = None, by: int = 1) -> httpx.Response:
    """The same command by either API."""
    if way == "rest":
        return await client.post("/steps", json={"by": by}, headers=dict(headers or {}))
    return await client.graphql("mutation ($by: Int!) { step(by: $by) }", dict(headers or {}), by=by)


def place(key: str, seq: int | str, lane: str = "counter%3Ac", client: str = DEVICE, **more: str) -> dict[str, str]:
    headers = {"Idempotency-Key": key, "Portico-Client": client, "Portico-Lane": lane, "Portico-Lane-Seq": str(seq)}
    return headers | more


def slug(response: httpx.Response) -> str:
    return str(response.json()["type"]).rsplit("/", 1)[-1]


def status(response: httpx.Response) -> int:
    """What a client of both kinds goes by."""
    return int(response.headers.get("portico-status", response.status_code))


async def value(client: BffClient) -> Any:
    return (await client.graphql("{ value }")).json()["data"]["value"]


async def test_a_lane_is_kept_in_order(ada: BffClient, way: str) -> None:
    early = await send(ada, way, place("k2", 2))
    assert (early.status_code, slug(early), early.json()["expected"]) == (409, "lane-gap", 1)
    assert early.headers["retry-after"] == "1"
    assert (await send(ada, way, place("k1", 1))).is_success
    assert (await send(ada, way, place("k2", 2))).is_success
    used = await send(ada, way, place("k3", 2))
    assert (used.status_code, slug(used), used.json()["expected"]) == (409, "lane-seq-used", 3)
    assert "retry-after" not in used.headers
    again = await send(ada, way, place("k1", 1))
    assert again.headers["idempotency-replayed"] == "true"
    assert await value(ada) == 2


async def test_one_lane_too_many_is_answered_as_such(ada: BffClient, way: str) -> None:
    many = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
        " INSERT INTO lanes (sub, client, lane, last, used_at) SELECT 'ada', 'old', i, 1, $2 FROM n"
    )
    store = ada.app.state.parts.get(EntityStore)
    await store.database.write([Statement(many, (MOST_LANES, store.now()))])
    refused = await send(ada, way, place("k1", 1))
    assert (refused.status_code, slug(refused), refused.headers["retry-after"]) == (429, "too-many-lanes", "3600")
    assert await value(ada) == 0


async def test_a_refused_command_does_not_hold_up_its_lane(ada: BffClient, way: str) -> None:
    assert status(await send(ada, way, place("k1", 1), by=-1)) == 422
    edited = await send(ada, way, place("k1b", 1, **{"Portico-Replaces": "k1"}))
    assert edited.is_success
    late = await send(ada, way, place("k1", 1), by=-1)
    assert (late.status_code, slug(late)) == (410, "command-skipped")
    assert await value(ada) == 1


async def test_lanes_are_compared_as_decoded_text(ada: BffClient) -> None:
    assert (await send(ada, "rest", place("k1", 1, lane="caf%C3%A9"))).is_success
    assert (await send(ada, "rest", place("k2", 2, lane="caf%c3%a9"))).is_success
    assert slug(await send(ada, "rest", place("k3", 3, lane="cafe"))) == "lane-gap"


@pytest.mark.parametrize(
    "headers",
    [
        {"Portico-Lane": "a", "Portico-Client": DEVICE, "Idempotency-Key": "k"},
        {"Portico-Lane-Seq": "1", "Portico-Client": DEVICE, "Idempotency-Key": "k"},
        {"Portico-Lane": "a", "Portico-Lane-Seq": "1", "Idempotency-Key": "k"},
        {"Portico-Lane": "a", "Portico-Lane-Seq": "1", "Portico-Client": DEVICE},
        *(place("k", seq) for seq in ("0", "-1", "1.0", "01", "1e3", "", "9" * 17)),
        *(place("k", 1, lane=lane) for lane in ("", "a b", "%", "%zz", "%ff", "a/b", "%00", "x" * 221)),
        *(place("k", 1, client=client) for client in ("", "a b", "x" * 65)),
    ],
)
async def test_a_place_that_is_none_is_refused(ada: BffClient, way: str, headers: dict[str, str]) -> None:
    response = await send(ada, way, headers)
    assert (response.status_code, slug(response)) == (400, "lane-invalid")
    assert await value(ada) == 0


async def test_a_header_that_is_there_twice_is_refused(ada: BffClient) -> None:
    twice = [*place("k1", 1).items(), ("Portico-Lane-Seq", "2")]
    response = await ada.post("/steps", json={"by": 1}, headers=twice)
    assert (response.status_code, slug(response)) == (400, "lane-invalid")


async def test_the_longest_lane_is_taken(ada: BffClient) -> None:
    assert (await send(ada, "rest", place("k1", 1, lane="%F0%9F%8D%95" * 220))).is_success


@pytest.mark.parametrize(
    "headers",
    [
        {"Portico-Replaces": "old"},
        {"Portico-Replaces": "k", "Idempotency-Key": "k"},
        {"Portico-Replaces": "", "Idempotency-Key": "k"},
        {"Portico-Replaces": "a,,b", "Idempotency-Key": "k"},
        {"Portico-Replaces": ",".join(f"k{n}" for n in range(21)), "Idempotency-Key": "k"},
    ],
)
async def test_a_replacement_that_is_none_is_refused(ada: BffClient, way: str, headers: dict[str, str]) -> None:
    response = await send(ada, way, headers)
    assert (response.status_code, slug(response)) == (400, "idempotency-key-invalid")


async def test_what_took_effect_is_told_to_whoever_would_replace_it(ada: BffClient, way: str) -> None:
    await send(ada, way, place("k1", 1))
    response = await send(ada, way, place("k1b", 1, **{"Portico-Replaces": "k0, k1"}), by=5)
    assert (response.status_code, slug(response)) == (409, "command-applied")
    outcome = response.json()["outcome"]
    assert outcome == (await ada.get("/_commands/k1")).json()
    assert (outcome["key"], outcome["state"], outcome["status"]) == ("k1", "applied", 201 if way == "rest" else 200)
    assert await value(ada) == 1


@pytest.mark.parametrize(
    "given", ['W/"1"', "*", "1", '"x"', '"1", "2"', '""', '"-1"', '"01"', '"1', '"9999999999999999999"']
)
async def test_a_version_nobody_can_read_is_refused(ada: BffClient, way: str, given: str) -> None:
    response = await send(ada, way, {"If-Match": given})
    assert (response.status_code, slug(response)) == (400, "if-match-invalid")
    assert await value(ada) == 0


async def test_the_handler_knows_its_key_and_the_version_that_was_seen(ada: BffClient) -> None:
    key = new_id()
    told = (await send(ada, "rest", {"Idempotency-Key": key, "If-Match": '"0"'})).json()
    assert told == {"id": key, "key": key, "base_version": 0, "value": 1}
    plain = (await send(ada, "rest")).json()
    assert (plain["key"], plain["base_version"], plain["value"]) == (None, None, 2)
    assert plain["id"] != key


@pytest.mark.parametrize(
    "key", ["k1", new_id().upper(), "9f1b2c3d-0000-4000-8000-000000000000"], ids=["none", "upper", "random"]
)
async def test_only_a_uuid_with_a_time_in_its_usual_form_becomes_an_id(ada: BffClient, key: str) -> None:
    told = (await send(ada, "rest", {"Idempotency-Key": key})).json()
    assert told["key"] == key != told["id"]


async def test_a_conflict_carries_the_state_now_and_leaves_the_lane(ada: BffClient, way: str) -> None:
    await send(ada, way)
    stale = await send(ada, way, place("k1", 1, **{"If-Match": '"0"'}))
    assert status(stale) == 412
    found = stale.json() if way == "rest" else stale.json()["errors"][0]["extensions"]
    assert found["current"] == {"version": 1, "entity": {"value": 1}}
    assert (await send(ada, way, place("k1", 1, **{"If-Match": '"1"'}))).is_success
    assert await value(ada) == 2


async def test_what_became_of_a_command_can_be_asked_by_its_person_alone(ada: BffClient, anybody: BffClient) -> None:
    assert slug(await ada.get("/_commands/k1")) == "unknown-command"
    await send(ada, "rest", {"Idempotency-Key": "k1"})
    response = await ada.get("/_commands/k1")
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    found = response.json()
    assert (found["key"], found["state"], found["status"]) == ("k1", "applied", 201)
    assert found["at"].endswith("Z")
    bob = anybody.signed_in("bob")
    assert (await bob.get("/_commands/k1")).status_code == 404
    assert (await anybody.get("/_commands/k1")).status_code == 401
    assert (await bob.delete("/_commands/k1")).status_code == 204
    assert (await ada.get("/_commands/k1")).json()["state"] == "applied"


async def test_a_command_that_was_given_up_never_runs_and_its_lane_goes_on(ada: BffClient, way: str) -> None:
    skip = {name: text for name, text in place("", 1).items() if name != "Idempotency-Key"}
    for _ in range(2):
        assert (await ada.delete("/_commands/k1", headers=skip)).status_code == 204
    found = (await ada.get("/_commands/k1")).json()
    assert (found["state"], found["status"]) == ("skipped", None)
    late = await send(ada, way, place("k1", 1))
    assert (late.status_code, slug(late)) == (410, "command-skipped")
    assert (await send(ada, way, place("k2", 2))).is_success
    too_late = await ada.delete("/_commands/k2", headers=skip | {"Portico-Lane-Seq": "2"})
    assert (too_late.status_code, slug(too_late)) == (409, "command-applied")
    assert too_late.json()["outcome"]["state"] == "applied"
    early = await ada.delete("/_commands/k9", headers=skip | {"Portico-Lane-Seq": "9"})
    assert (slug(early), early.json()["expected"], early.headers["retry-after"]) == ("lane-gap", 3, "1")
    used = await ada.delete("/_commands/k9", headers=skip)
    assert slug(used) == "lane-seq-used"


async def test_giving_up_an_edited_command_gives_up_what_it_replaces(ada: BffClient, way: str) -> None:
    assert (await ada.delete("/_commands/k1b", headers={"Portico-Replaces": "k1"})).status_code == 204
    assert (await send(ada, way, {"Idempotency-Key": "k1"})).status_code == 410


async def test_giving_up_needs_someone_and_a_place_that_is_one(ada: BffClient, anybody: BffClient) -> None:
    assert (await anybody.delete("/_commands/k1")).status_code == 401
    response = await ada.delete("/_commands/k1", headers={"Portico-Lane": "a"})
    assert (response.status_code, slug(response)) == (400, "lane-invalid")
    assert slug(await ada.delete("/_commands/" + "k" * 201)) == "idempotency-key-invalid"


async def test_keys_of_any_shape_can_be_asked_for(ada: BffClient) -> None:
    await send(ada, "rest", {"Idempotency-Key": "a/b c"})
    assert (await ada.get("/_commands/a%2Fb%20c")).json()["key"] == "a/b c"


async def test_every_bff_with_a_store_answers_and_describes_it(
    token_issuer: TokenIssuer, bff_settings: dict[str, str]
) -> None:
    keys = token_issuer.keys()
    graphql = counter_bff.create_app(bff_settings, routes=(), keys=keys)
    async with running(graphql, token_issuer) as client:
        assert slug(await client.signed_in("ada").get("/_commands/k1")) == "unknown-command"
        assert (await client.get("/openapi.json")).status_code == 404
    async with running(counter_bff.create_app(bff_settings, keys=keys), token_issuer) as client:
        assert set((await client.get("/openapi.json")).json()["paths"]) >= {"/steps", "/_commands/{key}", "/audit"}


async def test_lanes_that_are_not_used_are_swept(ada: BffClient) -> None:
    await send(ada, "rest", place("k1", 1))
    store: EntityStore = ada.app.state.parts.get(EntityStore)
    assert await store.sweep() == 0
    assert len(await store.database.read("SELECT 1 FROM lanes")) == 1
