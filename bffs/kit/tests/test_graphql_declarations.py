"""Default deny: however a root field came into the schema, without a declaration nothing starts."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import strawberry
from strawberry.tools import create_type, merge_types

from portico.bff import create_bff, require
from portico.bff.authorizer import public
from portico.bff.errors import DeclarationError
from portico.bff.graphql import BffSchema, field
from portico.bff.graphql.guard import guard
from portico.bff.testing.client import running
from portico.bff.testing.tokens import TokenIssuer


def start(settings: dict[str, str], schema: BffSchema) -> None:
    create_bff(settings, schema=schema, store=False)


@strawberry.interface
class Forgotten:
    """Its fields are those of whoever implements it."""

    @strawberry.field
    def secret(self) -> str:
        return "salt"


@strawberry.type
class Declared:
    @field(require())
    def mine(self) -> str:
        return "mine"


@strawberry.type
class OfInterface(Forgotten):
    @field(require())
    def mine(self) -> str:
        return "mine"


@strawberry.type
class Plain:
    secret: str = "salt"


@strawberry.type
class Other:
    @strawberry.field
    def secret(self) -> str:
        return "salt"


@strawberry.field
def secret() -> str:
    return "salt"


FORGOTTEN = {
    "of an interface": OfInterface,
    "without a resolver": Plain,
    "of a merged type": merge_types("Merged", (Declared, Other)),
    "of a type made at run time": create_type("Made", [secret]),
}


@pytest.mark.parametrize("how", FORGOTTEN)
def test_a_query_field_nobody_declared_stops_the_start(bff_settings: dict[str, str], how: str) -> None:
    with pytest.raises(DeclarationError, match=r"\.secret"):
        start(bff_settings, BffSchema(query=FORGOTTEN[how]))


@pytest.mark.parametrize("how", FORGOTTEN)
def test_so_does_a_mutation(bff_settings: dict[str, str], how: str) -> None:
    with pytest.raises(DeclarationError, match=r"\.secret"):
        start(bff_settings, BffSchema(query=Declared, mutation=FORGOTTEN[how]))


def test_so_does_a_field_that_was_put_into_the_finished_schema(bff_settings: dict[str, str]) -> None:
    schema = BffSchema(query=Declared)
    root = schema._schema.query_type
    assert root is not None
    root.fields["secret"] = root.fields["mine"]
    with pytest.raises(DeclarationError, match=r"Declared\.secret"):
        start(bff_settings, schema)


@strawberry.type
class Ticks:
    @strawberry.subscription
    async def ticks(self) -> AsyncGenerator[int, None]:
        yield 1


def test_so_does_a_subscription(bff_settings: dict[str, str]) -> None:
    with pytest.raises(DeclarationError, match=r"Ticks\.ticks"):
        start(bff_settings, BffSchema(query=Declared, subscription=Ticks))


@strawberry.interface
class Thing:
    """The guard of a field of an interface holds for every type that implements it."""

    name: str

    @field(require(role="keeper"))
    def price(self) -> str:
        return "12"


@strawberry.type
class Book(Thing):
    pages: int


@strawberry.type
class Lamp(Thing):
    watts: int


@strawberry.type
class Query:
    @field(public())
    def things(self) -> list[Thing]:
        return [Book(name="book", pages=1), Lamp(name="lamp", watts=1)]

    both: str = strawberry.field(
        resolver=lambda: "both", permission_classes=[guard(public()), guard(require(role="keeper"))]
    )


DOCUMENTS = (
    "{ things { price } }",
    "{ things { ... on Lamp { price } } }",
    "{ things { cost: price } }",
    "query { ...A } fragment A on Query { things { ...B } } fragment B on Thing { price }",
    "{ both }",
    "{ a: both b: both }",
)


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_a_guarded_field_is_guarded_wherever_it_is_reached(
    bff_settings: dict[str, str], token_issuer: TokenIssuer, document: str
) -> None:
    schema = BffSchema(query=Query, types=[Book, Lamp])
    app = create_bff(bff_settings, schema=schema, store=False, keys=token_issuer.keys())
    async with running(app, token_issuer) as client:
        keeper = (await client.signed_in("kim", roles=("keeper",)).graphql(document)).json()
        assert "errors" not in keeper
        for other, code in ((client, "sign-in-required"), (client.signed_in("ada"), "role-required")):
            answer = (await other.graphql(document)).json()
            assert answer["errors"][0]["extensions"]["code"] == code
            assert "12" not in str(answer["data"])
            assert "'both'" not in str(answer["data"])
