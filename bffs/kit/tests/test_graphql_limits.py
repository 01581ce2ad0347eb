"""What a GraphQL document may ask for: introspection in development only, and never too much of anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bffs.kit.tests import notes_bff
from bffs.kit.tests.notes_fixtures import notes
from portico.bff.graphql import Limits
from portico.bff.testing.client import BffClient, running
from portico.bff.testing.tokens import TokenIssuer

__all__ = ["notes"]

NEW = "application/graphql-response+json"


def runs(client: BffClient) -> int:
    return client.app.state.parts.get(notes_bff.Runs).count  # type: ignore[no-any-return]


async def ask(client: BffClient, query: str, accept: str = "application/json", **members: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, **members}, headers={"Accept": accept})


@pytest.fixture
async def open_notes(token_issuer: TokenIssuer, bff_settings: dict[str, str]) -> AsyncIterator[BffClient]:
    """The same BFF as in development: introspection is on."""
    app = notes_bff.create_app(bff_settings | {"PORTICO_INTROSPECTION": "1"}, keys=token_issuer.keys())
    async with running(app, token_issuer) as client:
        yield client


INTROSPECTION = ["{ __schema { types { name } } }", '{ __type(name: "Note") { name } }']


@pytest.mark.parametrize("query", INTROSPECTION)
async def test_introspection_is_for_development(query: str, notes: BffClient, open_notes: BffClient) -> None:
    assert "introspection" in (await ask(notes, query)).json()["errors"][0]["message"]
    assert "errors" not in (await ask(open_notes, query)).json()


async def test_without_introspection_no_error_suggests_names(notes: BffClient, open_notes: BffClient) -> None:
    assert "Did you mean" in (await ask(open_notes, "{ helo }")).text
    assert "Did you mean" not in (await ask(notes, "{ helo }")).text
    assert "Did you mean" not in (await ask(notes, "{ hello(nam: 1) }")).text


HIDDEN = [
    "{ helo " + "__schema { types { name } } " * 60 + "}",
    "{ helo ...F } fragment F on Query { ... { x: __schema { types { name } } } }",
    '{ helo } fragment Unused on Query { __type(name: "Note") { name } }',
    "query A { helo } query B { notes { __schema { types { name } } } }",
]


@pytest.mark.parametrize("query", HIDDEN)
async def test_hidden_introspection_is_refused_before_the_document_is_validated(query: str, notes: BffClient) -> None:
    response = await ask(notes, query, NEW)
    assert response.status_code == 400
    # Validation would have told of `helo` too, and of the fields below.
    [error] = response.json()["errors"]
    assert error["message"].startswith("GraphQL introspection has been disabled, but the requested query contained")
    assert error["locations"]


# What getIntrospectionQuery of graphql-js 16 asks for with every option.
TYPE_REF = "kind name " + "ofType { name kind " * 9 + "}" * 9
STANDARD = (
    "query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } "
    "subscriptionType { name kind } types { ...FullType } directives { name description isRepeatable locations "
    "args(includeDeprecated: true) { ...InputValue } } } } fragment FullType on __Type { kind name description "
    "specifiedByURL isOneOf fields(includeDeprecated: true) { name description args(includeDeprecated: true) { "
    "...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields(includeDeprecated: true) { "
    "...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated "
    "deprecationReason } possibleTypes { ...TypeRef } } fragment InputValue on __InputValue { name description type { "
    f"...TypeRef }} defaultValue isDeprecated deprecationReason }} fragment TypeRef on __Type {{ {TYPE_REF} }}"
)


async def test_the_standard_introspection_query_is_within_the_limits(open_notes: BffClient) -> None:
    body = (await ask(open_notes, STANDARD)).json()
    assert "errors" not in body
    assert "Note" in {kind["name"] for kind in body["data"]["__schema"]["types"]}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ __schema { types { " + "ofType { " * 14 + "name" + " }" * 17, "levels of introspection: 17"),
        ("{ __schema { types {" + "name " * 500 + "} } }", "fields: 502"),
        ("{ __schema { types {" + " ".join(f"a{n}: name" for n in range(31)) + "} } }", "aliases: 31"),
        ("{" + "__schema { types { name } } " * 140 + "}", "overlap"),
    ],
)
async def test_introspection_counts_against_the_limits(query: str, words: str, open_notes: BffClient) -> None:
    response = await ask(open_notes, query, NEW)
    assert response.status_code == 400
    assert words in response.json()["errors"][0]["message"]


def nested(depth: int) -> str:
    return "{ notes " + "{ again " * (depth - 2) + "{ id }" + " }" * (depth - 2) + " }"


def spread_bomb(levels: int) -> str:
    fragments = [f"fragment F{n} on Note {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return "{ notes { ...F0 } }" + " ".join(fragments) + f" fragment F{levels} on Note {{ id }}"


TOO_MUCH = {
    "levels": (nested(11), "levels"),
    "levels through a fragment": (
        "{ notes { ...F } } fragment F on Note" + nested(11).removeprefix("{ notes").removesuffix("}"),
        "levels",
    ),
    "aliases": ("{" + " ".join(f"a{n}: hello" for n in range(31)) + "}", "aliases"),
    "aliases through fragments": (
        "{ notes { ...A ...A } } fragment A on Note {" + " ".join(f"a{n}: id" for n in range(16)) + "}",
        "aliases",
    ),
    "fields": ("{" + "hello " * 501 + "}", "fields"),
    "fields by fragments of fragments": (spread_bomb(60), "fields"),
    "a fragment in itself": ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "spreads itself"),
    "tokens": ("{ hello }" + "# \n" + " ".join("{ hello }" for _ in range(700)), "tokens"),
    "directives": ("{ hello " + "@skip(if: false) " * 400 + "}", "tokens"),
    "brackets": ("{" * 900, "Syntax Error"),
    "one field again and again": ("{" + "hello " * 490 + "}", "overlap"),
    "fragments that overlap": (
        "{"
        + " ".join(f"...F{n}" for n in range(100))
        + "}"
        + " ".join(f"fragment F{n} on Query {{ hello }}" for n in range(100)),
        "overlap",
    ),
    "selections by spreads": (
        "{" + " ...A" * 90 + "} fragment A on Query {" + " ...B" * 10 + "} fragment B on Query { ...C }",
        "selections: 1890",
    ),
    "selections of all operations": (
        " ".join(f"query Q{n} {{ ...F0 }}" for n in range(40))
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(40))
        + "fragment F40 on Query { hello }",
        "selections: 1680",
    ),
    "lines": ("{ hello }" + "\n" * 1000, "lines: 1001"),
    "type definitions": ("type A {" + "a: Int " * 300 + "}", "operations and fragments only"),
}


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_a_document_that_asks_for_too_much_is_refused_before_it_runs(name: str, notes: BffClient) -> None:
    query, words = TOO_MUCH[name]
    response = await ask(notes.signed_in("ada"), query, NEW)
    assert response.status_code == 400
    assert words in response.json()["errors"][0]["message"]
    assert runs(notes) == 0


async def test_a_document_within_the_limits_runs(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    for query in (nested(10), "{" + " ".join(f"a{n}: hello" for n in range(30)) + "}", spread_bomb(6)):
        assert "errors" not in (await ask(ada, query)).json()


@pytest.mark.parametrize(
    "variables",
    [
        {"name": [0] * 1000},
        {"name": {str(n): n for n in range(1000)}},
        {"name": [[[0] * 100] * 10]},
        {str(n): n for n in range(1001)},
    ],
)
async def test_variables_of_too_many_values_are_refused(variables: dict[str, Any], notes: BffClient) -> None:
    response = await ask(notes, "query ($name: String) { hello(name: $name) }", NEW, variables=variables)
    assert response.status_code == 400
    assert response.json() == {"errors": [{"message": "The variables have too many values; the limit is 1000."}]}


async def test_a_document_of_too_many_bytes_is_413(notes: BffClient) -> None:
    assert (await ask(notes, "{ hello }" + " " * Limits().bytes)).status_code == 413
    assert (await ask(notes, "{ hello } #" + "é" * (Limits().bytes // 2))).status_code == 413
