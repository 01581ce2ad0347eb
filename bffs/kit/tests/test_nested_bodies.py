"""A body nested as deeply as somebody likes is refused, and never an error of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
import strawberry
from strawberry.scalars import JSON

from portico.bff import Call, EntityType, UnitOfWork, create_bff, public, require
from portico.bff.graphql import BffSchema, field, mutation
from portico.bff.ids import new_id
from portico.bff.nesting import DEEPEST, is_too_deep
from portico.bff.rest import post
from portico.bff.testing.client import BffClient, running
from portico.bff.testing.tokens import TokenIssuer


class Thing(msgspec.Struct, forbid_unknown_fields=True):
    """Anything at all."""

    data: Any = None


@strawberry.input
class Tree:
    """An input without end."""

    child: Tree | None = None


THING = EntityType("thing", Thing)


async def keep(_call: Call, *, body: Thing, uow: UnitOfWork) -> Thing:
    """Keep it, and say it."""
    await uow.put(THING, new_id(), body)
    return body


Info = strawberry.Info[Call, None]


@strawberry.type
class Mutation:
    """Keeps things."""

    @mutation(require())
    async def keep(self, info: Info, data: JSON) -> JSON:
        """Keep it, and say it."""
        await info.context.uow.put(THING, new_id(), Thing(data))
        return data

    @mutation(require())
    async def grow(self, info: Info, tree: Tree) -> bool:
        """Look at it."""
        return tree.child is not None


@strawberry.type
class Query:
    """Nothing."""

    @field(public())
    async def hello(self) -> str:
        """Say it."""
        return "hello"


@pytest.fixture
async def things(token_issuer: TokenIssuer, bff_settings: dict[str, str]) -> AsyncIterator[BffClient]:
    app = create_bff(
        bff_settings,
        routes=[post("/things", keep, access=require())],
        schema=BffSchema(query=Query, mutation=Mutation),
        keys=token_issuer.keys(),
    )
    async with running(app, token_issuer) as client:
        yield client.signed_in("ada")


def nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "1" + closing * depth


async def send(things: BffClient, way: str, depth: int) -> httpx.Response:
    """Send a body of that depth: in what is wanted, in what nobody asked for, and in the text of a document."""
    inner = nested("[", "]", depth - 2)
    keeping = '{"query": "mutation ($d: JSON!) { keep(data: $d) }", "variables": {"d": %s}}'
    growing = '{"query": "mutation ($t: Tree!) { grow(tree: $t) }", "variables": {"t": %s}}'
    body = {
        "rest": f'{{"data": [{inner}]}}',
        "rest, more": f'{{"more": [{inner}]}}',
        "graphql": keeping % inner,
        "graphql, more": f'{{"query": "{{hello}}", "more": [{inner}]}}',
        "graphql, input": growing % nested('{"child": ', "}", depth - 2).replace("1", "null"),
    }[way]
    headers = {"Content-Type": "application/json"}
    return await things.post("/things" if way.startswith("rest") else "/graphql", content=body, headers=headers)


WAYS = ["rest", "rest, more", "graphql", "graphql, more", "graphql, input"]


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_nested_too_deeply_is_refused(way: str, things: BffClient) -> None:
    """Also where the decoder's depth ends, at some 900 levels: what just fits there is too deep for others."""
    for depth in (DEEPEST + 1, 300, *range(900, 1000, 3), 5000):
        response = await send(things, way, depth)
        assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json"), depth


@pytest.mark.parametrize("way", ["rest", "graphql", "graphql, more", "graphql, input"])
async def test_what_is_nested_as_deeply_as_may_be_is_taken(way: str, things: BffClient) -> None:
    response = await send(things, way, DEEPEST)
    assert response.status_code == 200, response.text
    assert "portico-status" not in response.headers, response.text


async def test_a_nested_parameter_of_a_query_is_refused_too(things: BffClient) -> None:
    for name in ("variables", "extensions"):
        response = await things.get("/graphql", params={"query": "{hello}", name: nested("[", "]", 920)})
        assert response.status_code == 400


async def test_a_value_nested_in_a_document_is_refused(things: BffClient) -> None:
    for depth in (300, *range(800, 1000, 3), 5000):
        response = await things.graphql(f"mutation {{ keep(data: {nested('[', ']', depth)}) }}")
        assert response.headers["portico-status"] == "400", (depth, response.text)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"[" * 100 + b"]" * 100, False),
        (b"[" * 101 + b"]" * 101, True),
        (b'{"a":' * 101 + b"1" + b"}" * 101, True),
        (b'[{"a":' * 51 + b"1" + b"}]" * 51, True),
        (b"[" + b"[1],{}," * 500 + b"[]]", False),
        (b'["' + b"[{" * 500 + b'"]', False),
        (b'["\\\\", "\\"' + b"[" * 500 + b'", "a"]', False),
        (b'["\\\\", ' + b"[" * 101, True),
        (b'"' + b"[" * 500, False),
        (b'"' + b"[" * 500 + b"\\", False),
        (b"]" * 500 + b"[" * 500, False),
    ],
)
def test_only_brackets_outside_of_text_count(body: bytes, answer: bool) -> None:
    assert is_too_deep(body) is answer
