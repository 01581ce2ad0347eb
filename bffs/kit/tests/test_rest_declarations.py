"""What does not say who may call it, or cannot be served, does not start; and the OpenAPI document tells the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
import pytest
import strawberry
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route
from strawberry.extensions import SchemaExtension

from bffs.kit.tests.notes_bff import NewNote, Note
from bffs.kit.tests.notes_fixtures import notes
from portico.bff import Call, UnitOfWork, create_bff, public, require
from portico.bff.errors import DeclarationError
from portico.bff.graphql import BffSchema, field
from portico.bff.rest import delete, get, post
from portico.bff.rest.openapi import openapi
from portico.bff.testing.client import BffClient

__all__ = ["notes"]


async def fine(call: Call) -> str:
    return ""


async def same_name(call: Call, thing: str) -> str:
    return ""


async def no_call(thing: str) -> str:
    return ""


async def not_annotated(call: Call, thing) -> str:  # type: ignore[no-untyped-def]
    return ""


async def no_result(call: Call):  # type: ignore[no-untyped-def]
    return ""


async def stars(call: Call, *things: str) -> str:
    return ""


async def strange(call: Call, thing: Callable[[], None]) -> str:
    return ""


async def strange_result(call: Call) -> Call:
    return call


async def local_type(call: Call, thing: Nowhere) -> str:  # type: ignore[name-defined]  # noqa: F821
    return ""


class Open(msgspec.Struct):
    inner: int


class Around(msgspec.Struct, forbid_unknown_fields=True):
    items: list[Open]
    again: Around | None = None


async def open_body(call: Call, *, body: Around) -> str:
    return ""


async def mapping_body(call: Call, *, body: dict[str, NewNote]) -> str:
    return ""


async def command(call: Call, *, uow: UnitOfWork) -> None:
    return None


def blocking(call: Call) -> str:
    return ""


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "not async": (
        lambda: get("/x", blocking, access=public()),  # type: ignore[arg-type]
        "async def",
    ),
    "no call": (lambda: get("/x/{thing}", no_call, access=public()), "first parameter"),
    "a parameter without a type": (lambda: get("/x/{thing}", not_annotated, access=public()), "not annotated: thing"),
    "a result without a type": (lambda: get("/x", no_result, access=public()), "not annotated: return"),
    "a path parameter that nobody takes": (lambda: get("/x/{id}", fine, access=public()), "named id"),
    "star arguments": (lambda: get("/x", stars, access=public()), r"\*things"),
    "a type msgspec does not know": (lambda: get("/x", strange, access=public()), "msgspec"),
    "a result msgspec does not know": (lambda: get("/x", strange_result, access=public()), "msgspec"),
    "a type that cannot be found": (lambda: get("/x", local_type, access=public()), "module level"),
    "an open struct inside the body": (lambda: post("/x", open_body, access=public()), "Open accepts unknown fields"),
    "a body in a DELETE": (lambda: delete("/x", mapping_body, access=public()), "has no body"),
    "a read in a unit of work": (lambda: get("/x", command, access=public()), "unit of work"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_handler_that_cannot_be_served_is_refused_by_name(name: str) -> None:
    declare, words = WRONG[name]
    with pytest.raises(DeclarationError, match=words):
        declare()


def test_a_route_that_does_not_say_who_may_call_it_does_not_start(bff_settings: Mapping[str, str]) -> None:
    with pytest.raises(DeclarationError, match=r"GET /secrets \(fine\): it does not say who may call it"):
        create_bff(bff_settings, routes=[get("/secrets", fine)])


@pytest.mark.parametrize(
    ("routes", "words"),
    [
        ([get("/x", fine, access=public()), get("/x", same_name, access=public())], "declared twice"),
        ([get("/x", fine, access=public()), get("/y", fine, access=public())], "same handler name"),
        ([Route("/x", lambda request: None)], "not a declared operation"),
    ],
)
def test_routes_that_contradict_each_other_do_not_start(
    routes: list[Any], words: str, bff_settings: Mapping[str, str]
) -> None:
    with pytest.raises(DeclarationError, match=words):
        create_bff(bff_settings, routes=routes)


def test_a_command_needs_a_store(bff_settings: Mapping[str, str]) -> None:
    with pytest.raises(DeclarationError, match="store"):
        create_bff(bff_settings, routes=[post("/x", command, access=require())], store=False)


@strawberry.type
class HalfOpenQuery:
    @field(public())
    def fine(self) -> str:
        return ""

    @strawberry.field
    def forgotten_field(self) -> str:
        return ""

    plain: str = ""


@strawberry.type
class HalfOpenMutation:
    @strawberry.mutation
    def also_forgotten(self) -> str:
        return ""


def test_a_graphql_field_that_does_not_say_who_may_use_it_does_not_start(bff_settings: Mapping[str, str]) -> None:
    schema = BffSchema(query=HalfOpenQuery, mutation=HalfOpenMutation)
    with pytest.raises(DeclarationError) as refusal:
        create_bff(bff_settings, schema=schema)
    for name in ("HalfOpenQuery.forgottenField", "HalfOpenQuery.plain", "HalfOpenMutation.alsoForgotten"):
        assert name in str(refusal.value)
    assert "HalfOpenQuery.fine" not in str(refusal.value)


@strawberry.type
class GuardedQuery:
    @field(public())
    def fine(self) -> str:
        return ""


@pytest.mark.filterwarnings("ignore:Passing an extension instance:DeprecationWarning")
def test_an_extension_that_requests_would_share_does_not_start(bff_settings: Mapping[str, str]) -> None:
    extension: Any = SchemaExtension()
    with pytest.raises(DeclarationError, match="shared by concurrent requests"):
        create_bff(bff_settings, schema=BffSchema(query=GuardedQuery, extensions=[extension]))
    create_bff(bff_settings, schema=BffSchema(query=GuardedQuery, extensions=[SchemaExtension]))


async def test_the_contract_is_valid_openapi_and_public(notes: BffClient) -> None:
    response = await notes.get("/openapi.json")
    assert response.status_code == 200
    OpenAPIV31SpecValidator(response.json()).validate()
    unchanged = await notes.get("/openapi.json", headers={"If-None-Match": response.headers["etag"]})
    assert unchanged.status_code == 304


async def test_the_contract_tells_parameters_bodies_answers_and_who_may_call(notes: BffClient) -> None:
    document = (await notes.get("/openapi.json")).json()
    listing = document["paths"]["/notes"]["get"]
    assert listing["summary"] == "List my notes."
    assert listing["description"] == "Newest last."
    assert listing["security"] == [{"bearer": []}]
    limit = next(parameter for parameter in listing["parameters"] if parameter["name"] == "limit")
    assert limit["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "default": 20,
        "description": "How many at most",
    }
    assert {"200", "304", "401", "422", "default"} == set(listing["responses"])
    writing = document["paths"]["/notes"]["post"]
    assert writing["parameters"] == [{"$ref": "#/components/parameters/IdempotencyKey"}]
    assert writing["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/NewNote"}
    assert {"201", "400", "401", "409", "413", "415", "422", "default"} == set(writing["responses"])
    assert document["components"]["schemas"]["NewNote"]["additionalProperties"] is False
    assert document["paths"]["/cooks"]["get"]["security"] == [{"bearer": ["cook"]}]
    assert document["paths"]["/greeting"]["get"]["security"] == []
    assert set(document["paths"]["/notes/{note_id}"]["delete"]["responses"]) >= {"204", "401", "404"}


async def generic(
    call: Call, thing: str, *, since: Annotated[int, msgspec.Meta(ge=0)] | None = None, many: list[str] | None = None
) -> dict[str, list[Note]]:
    """Do."""
    return {}


def test_a_path_convertor_does_not_reach_the_contract() -> None:
    document = openapi([get("/x/{thing:path}", generic, access=public())], title="T", version="1", description="D")
    OpenAPIV31SpecValidator(document).validate()
    assert list(document["paths"]) == ["/x/{thing}"]
    assert document["info"]["description"] == "D"
