"""GraphQL over HTTP: statuses, media types, limits, errors, idempotent mutations."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest
import strawberry

from bffs.kit.tests import notes_bff
from bffs.kit.tests.notes_fixtures import notes
from bffs.kit.tests.token_attacks import ATTACKS
from portico.bff import create_bff, require
from portico.bff.graphql import BffSchema, Limits, field
from portico.bff.graphql.documents import Documents
from portico.bff.testing.client import BffClient, running
from portico.bff.testing.tokens import TokenIssuer

__all__ = ["notes"]

NEW = "application/graphql-response+json"
OLD = "application/json"
WRITE = 'mutation { write(text: "once") { id text } }'


def runs(client: BffClient) -> int:
    return client.app.state.parts.get(notes_bff.Runs).count  # type: ignore[no-any-return]


async def ask(client: BffClient, query: str, accept: str = OLD, **members: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, **members}, headers={"Accept": accept})


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, OLD),
        ("", OLD),
        ("*/*", OLD),
        ("application/*", OLD),
        (OLD, OLD),
        (NEW, NEW),
        (f"{NEW}, {OLD};q=0.9", NEW),
        (f"{OLD}, {NEW}", NEW),
        (f"{OLD}, {NEW};q=0.1", OLD),
        (f"{NEW};q=0, */*", OLD),
        ("text/html, */*;q=0.1", OLD),
        (f"{NEW}; charset=utf-8", NEW),
    ],
)
async def test_the_media_type_is_the_one_the_client_prefers(
    accept: str | None, expected: str, notes: BffClient
) -> None:
    headers = {"Accept": accept} if accept is not None else {}
    if accept is None:
        notes.headers.pop("accept")
    response = await notes.post("/graphql", json={"query": "{ hello }"}, headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"
    assert response.json() == {"data": {"hello": "Hello, you"}}


@pytest.mark.parametrize("accept", ["text/html", "image/*", f"{NEW};q=0, {OLD};q=0", f"{OLD};q=nonsense"])
async def test_a_client_that_takes_neither_is_406(accept: str, notes: BffClient) -> None:
    assert (await ask(notes, "{ hello }", accept)).status_code == 406


@pytest.mark.parametrize(
    ("query", "members"),
    [
        ("{", {}),
        ("{ nothingLikeThis }", {}),
        ("{ hello } { hello }", {}),
        ("query A { hello } query B { hello }", {}),
        ("query A { hello } query B { hello }", {"operationName": "C"}),
        ("query ($n: String!) { hello(name: $n) }", {}),
        ("query ($n: String!) { hello(name: $n) }", {"variables": {"n": 1}}),
        ("fragment F on Query { hello }", {}),
    ],
)
async def test_a_request_that_cannot_run_has_errors_and_no_data(
    query: str, members: dict[str, Any], notes: BffClient
) -> None:
    new, old = await ask(notes, query, NEW, **members), await ask(notes, query, OLD, **members)
    assert (new.status_code, old.status_code) == (400, 200)
    assert new.json() == old.json()
    assert new.json().keys() == {"errors"}


@pytest.mark.parametrize("accept", [NEW, OLD])
async def test_a_field_that_fails_leaves_the_others(accept: str, notes: BffClient) -> None:
    response = await ask(notes, "{ hello crash }", accept)
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "Hello, you", "crash": None}


async def test_the_named_operation_runs(notes: BffClient) -> None:
    query = 'query A { hello(name: "A") } query B { hello(name: "B") }'
    assert (await ask(notes, query, operationName="B")).json() == {"data": {"hello": "Hello, B"}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"{}",
        b'{"query": ""}',
        b'{"query": 1}',
        b'{"query": "{hello}", "variables": []}',
        b'{"query": "{hello}", "variables": "{}"}',
        b'{"query": "{hello}", "operationName": 1}',
        b'{"query": "{hello}", "extensions": []}',
        b'[{"query": "{hello}"}, {"query": "{hello}"}]',
        b'{"query": "\xff"}',
        b"[" * 5000,
    ],
)
async def test_a_malformed_request_is_400_and_a_batch_is_one(content: bytes, notes: BffClient) -> None:
    response = await notes.post("/graphql", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "multipart/form-data; boundary=x", "application/graphql", "application/json; charset=utf-16"],
)
async def test_other_content_types_are_415(content_type: str, notes: BffClient) -> None:
    response = await notes.post("/graphql", content=b'{"query": "{hello}"}', headers={"Content-Type": content_type})
    assert response.status_code == 415


async def test_a_get_may_carry_a_query(notes: BffClient) -> None:
    parameters = {"query": "query A($n: String) { hello(name: $n) }", "variables": '{"n": "B"}', "operationName": "A"}
    assert (await notes.get("/graphql", params=parameters)).json() == {"data": {"hello": "Hello, B"}}
    assert (await notes.head("/graphql", params=parameters)).status_code == 200
    assert (await notes.get("/graphql", params={"query": "{hello}", "variables": "{"})).status_code == 400
    assert (await notes.get("/graphql")).status_code == 400


async def test_a_get_never_carries_a_mutation(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    for method in ("GET", "HEAD"):
        response = await ada.request(method, "/graphql", params={"query": WRITE})
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
    assert runs(notes) == 0


async def test_other_methods_are_405(notes: BffClient) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        response = await notes.request(method, "/graphql", json={"query": "{hello}"})
        assert response.status_code == 405


async def test_nobody_in_particular_is_told_to_sign_in(notes: BffClient) -> None:
    for query in ("{ notes { id } }", "{ ...F } fragment F on Query { ... on Query { notes { id } } }", WRITE):
        response = await ask(notes, query)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
    assert (await ask(notes, "{ hello __typename }")).json()["data"] == {"hello": "Hello, you", "__typename": "Query"}
    assert runs(notes) == 0


@strawberry.type
class Secrets:
    @field(require())
    def secret(self) -> str:
        return "salt"


@pytest.mark.parametrize("content", [b"{", b'{"query": "{ __typename }"}', b'{"query": "{"}', b"[" * 5000])
async def test_where_nothing_is_public_nobody_is_heard_without_a_token(
    content: bytes, token_issuer: TokenIssuer, bff_settings: dict[str, str]
) -> None:
    app = create_bff(bff_settings, schema=BffSchema(query=Secrets), keys=token_issuer.keys())
    async with running(app, token_issuer) as client:
        response = await client.post("/graphql", content=content, headers={"Content-Type": OLD})
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert (await client.get("/graphql", params={"query": "{"})).status_code == 401
        assert (await ask(client.signed_in("ada"), "{ secret }")).json() == {"data": {"secret": "salt"}}


async def test_a_forged_token_is_answered_401_whatever_is_asked(notes: BffClient) -> None:
    for name, forge in ATTACKS.items():
        headers = {"Authorization": f"Bearer {forge(notes.issuer)}"}
        response = await notes.post("/graphql", json={"query": "{ hello }"}, headers=headers)
        assert response.status_code == 401, name
        assert response.headers["www-authenticate"].startswith('Bearer error="invalid_token"'), name


async def test_a_missing_role_is_the_fields_error(notes: BffClient) -> None:
    body = (await ask(notes.signed_in("ada"), "{ cooks }")).json()
    assert body["errors"][0]["extensions"] == {"code": "role-required", "status": 403, "role": "cook"}
    assert (await ask(notes.signed_in("ada", roles=("cook",)), "{ cooks }")).json() == {"data": {"cooks": "salt"}}


async def test_a_problem_keeps_its_code_and_extensions(notes: BffClient) -> None:
    error = (await ask(notes, "{ problem }")).json()["errors"][0]
    assert error["message"] == "We are closed."
    assert error["path"] == ["problem"]
    assert error["extensions"] == {"code": "kitchen-closed", "status": 409, "opens": "10:00"}


async def test_an_unexpected_error_is_masked_and_logged_once(
    notes: BffClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = await ask(notes, "{ crash }")
    error = response.json()["errors"][0]
    assert "secret" not in response.text
    assert error["extensions"]["code"] == "internal-server-error"
    records = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [error["extensions"]["errorId"] in record.getMessage() for record in records] == [True]


def test_documents_are_prepared_once_good_and_bad_and_not_kept_for_ever() -> None:
    documents = Documents(notes_bff.SCHEMA._schema, Limits(), introspection=False, size=2)
    good, bad = documents.prepare("{ hello }"), documents.prepare("{ helo }")
    assert documents.prepare("{ hello }") is good
    assert documents.prepare("{ helo }") is bad
    documents.prepare("{ slow }")
    assert documents.prepare("{ helo }") is bad
    assert documents.prepare("{ hello }") is not good


async def test_answers_are_never_stored_by_caches(notes: BffClient) -> None:
    assert (await ask(notes, "{ hello }")).headers["cache-control"] == "no-store"
    assert json.loads((await ask(notes, "{")).text)["errors"]
