"""BFF contracts: a release whose service would break what people have open is refused, with the place."""

import json
from typing import Any

import pytest

from manifest.tests.manifest_world import ManifestWorld, app_files
from portico.manifest.contracts.openapi import misfits, read_openapi

THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "note": {"type": "string"}}}
SDL = "type Query { thing(id: ID!): Thing } type Thing { id: ID! note: String }"
QUERY = "query One($id: ID!) { thing(id: $id) { id note } }"


def openapi(**changes: Any) -> dict[str, Any]:
    """A contract with a list of things, one thing, and a way to add one; by JSON Pointer, with changes."""
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "paths": {
            "/things": {
                "get": {"responses": {"200": answer({"type": "array", "items": ref("Thing")})}},
                "post": {"requestBody": {"content": json_of(ref("New"))}, "responses": {"201": answer(ref("Thing"))}},
            },
            "/things/{id}": {
                "get": {"parameters": [parameter("id", "path")], "responses": {"200": answer(ref("Thing"))}}
            },
        },
        "components": {
            "schemas": {
                "Thing": THING,
                "New": {"type": "object", "required": ["note"], "properties": THING["properties"]},
            }
        },
    }
    return document | changes


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def json_of(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def answer(schema: Any) -> dict[str, Any]:
    return {"description": "", "content": json_of(schema)}


def parameter(name: str, place: str = "query", required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required}


def shop(version: str, contract: Any, uses: list[str], api: str = "rest", **texts: str) -> dict[str, bytes]:
    name = "schema.graphql" if api == "graphql" else "openapi.json"
    bff = {"url": "http://shop.test", "api": api, "contract": name, "uses": uses}
    files = app_files(version=version, bff=bff)
    files[name] = (contract if isinstance(contract, str) else json.dumps(contract)).encode()
    return files | {f"{file}.graphql": text.encode() for file, text in texts.items()}


def broken(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    assert response.json()["type"].endswith("contract-broken"), response.text
    return [(error["pointer"], error["detail"]) for error in response.json()["errors"]]


async def publish_and_promote(world: ManifestWorld, files: dict[str, bytes]) -> Any:
    published = await world.publish(files)
    assert published.status_code == 201, published.text
    return await world.promote("shop", published.json()["digest"], base=await world.manifest.store.head("live"))


async def test_a_schema_that_breaks_an_operation_in_use_is_refused(world: ManifestWorld) -> None:
    await world.deploy(shop("1.0.0", SDL, ["one.graphql"], "graphql", one=QUERY))
    without_note = SDL.replace(" note: String", "")
    files = shop("2.0.0", without_note, ["one.graphql"], "graphql", one="query One($id: ID!) { thing(id: $id) { id } }")
    ((place, detail),) = broken(await publish_and_promote(world, files))
    assert place == "/bff/contract"
    assert "@sales/shop 1.0.0" in detail
    assert "one.graphql" in detail
    assert "'note'" in detail
    assert "line 1" in detail


async def test_publishing_for_a_channel_says_so_before_anything_is_kept(world: ManifestWorld) -> None:
    await world.deploy(shop("1.0.0", SDL, ["one.graphql"], "graphql", one=QUERY))
    before = await world.everything()
    files = shop("2.0.0", SDL.replace(" note: String", ""), [], "graphql")
    assert broken(await world.publish(files, params={"channel": "live"}))
    assert await world.everything() == before


async def test_what_nobody_uses_any_more_may_go_and_a_rollback_is_never_refused(world: ManifestWorld) -> None:
    await world.deploy(shop("1.0.0", SDL, ["one.graphql"], "graphql", one=QUERY))
    await world.deploy(shop("1.1.0", SDL, ["one.graphql"], "graphql", one="{ thing(id: 1) { id } }"))
    new = "type Query { thing(id: ID!): Thing other: Int } type Thing { id: ID! }"
    await world.deploy(shop("2.0.0", new, ["one.graphql"], "graphql", one="{ other thing(id: 1) { id } }"))
    rolled = await world.call("POST", "/deploy/channels/live/rollback", base=3, json={"to": 1})
    assert rolled.status_code == 200


async def test_a_rollout_can_be_ended_though_the_candidate_uses_more(world: ManifestWorld) -> None:
    old = await world.deploy(shop("1.0.0", SDL, ["one.graphql"], "graphql", one=QUERY))
    wider = SDL.replace("id: ID! note", "id: ID! more: Int note")
    files = shop("1.1.0", wider, ["one.graphql"], "graphql", one="{ thing(id: 1) { more } }")
    digest = (await world.publish(files)).json()["digest"]
    path = "/deploy/channels/live/apps/shop"
    assert (await world.call("PUT", path, base=1, json={"release": digest, "weight": 10})).status_code == 200
    assert (await world.call("PUT", path, base=2, json={"release": old})).status_code == 200


@pytest.mark.parametrize(
    ("contract", "text", "place", "said"),
    [
        (SDL, "{ thing(id: 1) { price } }", "/bff/uses/0", "'price'"),
        (SDL, "{ thing { id } }", "/bff/uses/0", "(id:)"),
        (SDL, "{ thing(", "/bff/uses/0", "Syntax Error"),
        ("type Query {", "{ a }", "/bff/contract", "Syntax Error"),
        ("type Thing { id: ID }", "{ a }", "/bff/contract", "Query root type"),
        ("type Query { a: Missing }", "{ a }", "/bff/contract", "Missing"),
        ("{" * 5000, "{ a }", "/bff/contract", ""),
    ],
)
async def test_a_releases_own_operations_must_fit_its_schema(
    contract: str, text: str, place: str, said: str, world: ManifestWorld
) -> None:
    response = await world.publish(shop("1.0.0", contract, ["one.graphql"], "graphql", one=text))
    ((where, detail), *_) = broken(response)
    assert where == place
    assert said in detail


async def test_an_operation_that_is_in_use_cannot_go(world: ManifestWorld) -> None:
    await world.deploy(shop("1.0.0", openapi(), ["GET /things/{name}", "GET /things"]))
    less = openapi()
    del less["paths"]["/things/{id}"]
    ((place, detail),) = broken(await publish_and_promote(world, shop("2.0.0", less, ["GET /things"])))
    assert place == "/bff/contract"
    assert "GET /things/{name} is not there" in detail


async def test_a_use_that_the_own_contract_does_not_have_is_refused(world: ManifestWorld) -> None:
    ((place, detail),) = broken(await world.publish(shop("1.0.0", openapi(), ["GET /things", "PUT /things"])))
    assert place == "/bff/uses/1"
    assert "PUT /things is not there" in detail


@pytest.mark.parametrize("contract", ["x", "[]", '{"swagger": "2.0"}', '{"openapi": "3.0.0"}', "[" * 100_000])
async def test_a_contract_that_is_no_openapi_document_is_refused(contract: str, world: ManifestWorld) -> None:
    ((place, _),) = broken(await world.publish(shop("1.0.0", contract, ["GET /things"])))
    assert place == "/bff/contract"


async def test_what_is_no_use_and_files_that_are_not_there_are_refused(world: ManifestWorld) -> None:
    response = await world.publish(app_files(bff={"url": "http://a.test", "uses": ["FETCH /things", "GET things"]}))
    assert [error["pointer"] for error in response.json()["errors"]] == ["/bff/uses/0", "/bff/uses/1"]
    bff = {"url": "http://a.test", "api": "graphql", "contract": "a.graphql", "uses": ["b.graphql"]}
    response = await world.publish(app_files(bff=bff))
    assert [error["pointer"] for error in response.json()["errors"]] == ["/bff/contract", "/bff/uses/0"]


def changed(document: dict[str, Any], at: str, value: Any) -> dict[str, Any]:
    """A copy of the document with one place set, or taken out with ``None``."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    *steps, last = [step.replace("~1", "/") for step in at[1:].split("/")]
    part: Any = copy
    for step in steps:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return copy


@pytest.mark.parametrize(
    ("use", "at", "value", "why"),
    [
        (
            "GET /things",
            "/paths/~1things/get/parameters",
            [parameter("page")],
            "the query parameter 'page' is required",
        ),
        ("GET /things", "/paths/~1things/parameters", [parameter("page")], "the query parameter 'page' is required"),
        ("GET /things", "/components/schemas/Thing/properties/note", None, "each item of the answer has no 'note'"),
        ("GET /things/{x}", "/components/schemas/Thing/properties/note", None, "the answer has no 'note'"),
        ("POST /things", "/paths/~1things/post/requestBody/required", True, "a body is required now"),
        ("POST /things", "/components/schemas/New/required", ["note", "id"], "the body must have 'id' now"),
    ],
)
def test_what_breaks_a_use(use: str, at: str, value: Any, why: str) -> None:
    now = read_openapi(json.dumps(changed(openapi(), at, value)))
    (found,) = misfits(now, use, openapi())
    assert why in found
    assert misfits(now, use) == []


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("/paths/~1things/get/parameters", [parameter("page", required=False)]),
        ("/components/schemas/Thing/properties/more", {"type": "string"}),
        ("/components/schemas/New/required", []),
        ("/components/schemas/Thing", {"oneOf": [{"type": "object"}]}),
        ("/components/schemas/Thing", {"$ref": "#/components/schemas/Thing"}),
        (
            "/components/schemas/Thing/properties/note",
            {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
        ),
    ],
)
@pytest.mark.parametrize("use", ["GET /things", "POST /things", "GET /things/{id}"])
def test_what_breaks_nothing(use: str, at: str, value: Any) -> None:
    assert misfits(changed(openapi(), at, value), use, openapi()) == []


@pytest.mark.parametrize("use", ["GET /x", "POST /x"])
def test_schemas_that_lead_back_to_themselves_are_compared_once(use: str) -> None:
    """Following every way would be 50 to the power of the depth: this test would never end."""
    many = {f"p{number}": ref("Node") for number in range(50)}
    node = {"type": "object", "properties": {**many, "items": {"type": "array", "items": ref("Node")}}}
    operation = {"requestBody": {"content": json_of(ref("Node"))}, "responses": {"200": answer(ref("Node"))}}
    document = {"openapi": "3.1.0", "paths": {"/x": {"get": operation, "post": operation}}}
    before = {**document, "components": {"schemas": {"Node": node}}}
    less = {**node, "properties": {**many}, "required": ["p0"]}
    now = {**document, "components": {"schemas": {"Node": less}}}
    assert misfits(json.loads(json.dumps(before)), use, before) == []
    assert misfits(now, use, before) == [
        f"{use}: the body must have 'p0' now",
        f"{use}: the answer has no 'items' any more",
    ]


def test_an_operation_with_more_schemas_than_anybody_writes_is_refused() -> None:
    names = [f"S{number}" for number in range(300)]
    schemas = {name: {"type": "object", "properties": {one: ref(one) for one in names}} for name in names}
    operation = {"responses": {"200": answer(ref("S0"))}}
    document = {"openapi": "3.1.0", "paths": {"/x": {"get": operation}}, "components": {"schemas": schemas}}
    with pytest.raises(ValueError, match="to compare for one operation"):
        misfits(document, "GET /x", json.loads(json.dumps(document)))


HOSTILE_SDL = {
    "names that are nearly there": "type Query{a:Int}"
    + "".join(f"type Aaaaaaaaaaaaaaaa{n:04}{{b:Caaaaaaaaaaaaaaa{n:04}}}" for n in range(2800)),
    "extensions that are nearly there": "type Query{a:Int}"
    + "".join(f"type Aaaaaaaaaaaaa{n:04}{{b:Int}}extend type Caaaaaaaaaaaa{n:04} @deprecated" for n in range(1500)),
    "names without end": "type Query{a:Int} type "
    + "".join(f"a{n * 7919 % 10**9}" for n in range(12_000))
    + "{a:Int} extend type "
    + "".join(f"b{n * 7919 % 10**9}" for n in range(12_000))
    + "{a:Int}",
}
HOSTILE_OPERATIONS = {
    "one field over and over": f"{{{'id ' * 19_000}}}",
    "fields that are nearly there": f"{{{' '.join(f'a{n}' for n in range(19_000))}}}",
    "a name without end": f"{{{'a' * 200_000}}}",
    "fragments in a ring": "{...A} fragment A on Query{...B} fragment B on Query{...A}",
    "fragments that double": "{...F0}"
    + "".join(f"fragment F{n} on Query{{x:q{{...F{n + 1}}} x:q{{...F{n + 1}}}}}" for n in range(500))
    + "fragment F500 on Query{id}",
}


@pytest.mark.parametrize("text", HOSTILE_SDL.values(), ids=HOSTILE_SDL.keys())
async def test_a_schema_made_to_take_forever_is_refused(text: str, world: ManifestWorld) -> None:
    """Each of them took minutes to hours, when a similar name was looked for among all names."""
    ((place, _),) = broken(await world.publish(shop("1.0.0", text, ["one.graphql"], "graphql", one="{ a }")))
    assert place == "/bff/contract"


@pytest.mark.parametrize("text", HOSTILE_OPERATIONS.values(), ids=HOSTILE_OPERATIONS.keys())
async def test_operations_made_to_take_forever_are_refused_or_done(text: str, world: ManifestWorld) -> None:
    known = " ".join(f"b{n}: Int" for n in range(5000))
    contract = f"type Query {{ id: ID q: Query {known} {'b' * 190}: Int }}"
    response = await world.publish(shop("1.0.0", contract, ["one.graphql"], "graphql", one=text))
    assert response.status_code == 201 or broken(response)[0][0] == "/bff/uses/0"
