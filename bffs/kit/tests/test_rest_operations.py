"""REST operations over HTTP: who may call, what is taken, what is answered."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bffs.kit.tests import notes_bff
from bffs.kit.tests.notes_fixtures import notes
from bffs.kit.tests.token_attacks import ATTACKS
from portico.bff.testing.client import BffClient

__all__ = ["notes"]


def runs(client: BffClient) -> int:
    return client.app.state.parts.get(notes_bff.Runs).count  # type: ignore[no-any-return]


async def test_nobody_in_particular_is_told_to_sign_in(notes: BffClient) -> None:
    response = await notes.get("/notes")
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "https://portico.dev/problems/sign-in-required"


async def test_a_forged_token_is_answered_401(notes: BffClient) -> None:
    for name, forge in ATTACKS.items():
        response = await notes.get("/notes", headers={"Authorization": f"Bearer {forge(notes.issuer)}"})
        assert response.status_code == 401, name
        challenge = response.headers["www-authenticate"]
        assert challenge.startswith('Bearer error="invalid_token", error_description="'), name
    assert runs(notes) == 0


async def test_other_ways_to_authenticate_are_not_taken(notes: BffClient) -> None:
    token = notes.issuer.token()
    for headers in ({"Authorization": f"Basic {token}"}, {"Authorization": token}, {"Cookie": f"access_token={token}"}):
        response = await notes.get("/notes", headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
    assert (await notes.get("/notes", params={"access_token": token})).status_code == 401


async def test_two_authorization_headers_are_refused(notes: BffClient) -> None:
    good = notes.issuer.headers()["Authorization"]
    response = await notes.get("/notes", headers=[("Authorization", good), ("Authorization", good)])
    assert response.status_code == 401


async def test_the_scheme_is_not_case_sensitive(notes: BffClient) -> None:
    response = await notes.get("/notes", headers={"Authorization": f"bearer {notes.issuer.token()}"})
    assert response.status_code == 200


async def test_a_missing_role_is_403_and_says_which(notes: BffClient) -> None:
    refused = await notes.signed_in("ada", roles=("waiter",)).get("/cooks")
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("/role-required")
    assert refused.json()["role"] == "cook"
    assert (await notes.signed_in("ada", roles=("cook",)).get("/cooks")).json() == {"secret": "salt"}


async def test_a_missing_scope_is_403_with_the_challenge(notes: BffClient) -> None:
    refused = await notes.signed_in("ada").get("/scoped")
    assert refused.status_code == 403
    assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="special"'
    assert (await notes.signed_in("ada", scope="bff special").get("/scoped")).status_code == 200


async def test_a_public_route_needs_no_token_and_is_not_hindered_by_a_bad_one(notes: BffClient) -> None:
    assert (await notes.get("/greeting")).json() == "Hello"
    assert (await notes.signed_in("ada").get("/greeting")).json() == "Hello, Ada"
    assert (await notes.get("/greeting", headers={"Authorization": "Bearer rubbish"})).json() == "Hello"


async def test_two_people_do_not_see_each_others_notes(notes: BffClient) -> None:
    ada, eve = notes.signed_in("ada"), notes.signed_in("eve")
    note = (await ada.post("/notes", json={"text": "mine"})).json()
    assert (await ada.get(f"/notes/{note['id']}")).json() == note
    assert (await eve.get(f"/notes/{note['id']}")).status_code == 404
    assert (await eve.get("/notes")).json() == {"items": []}


async def test_a_command_answers_its_status_headers_and_value(notes: BffClient) -> None:
    response = await notes.signed_in("ada").post("/notes", json={"text": "hello"})
    assert response.status_code == 201
    assert response.headers["location"] == f"notes/{response.json()['id']}"
    assert response.headers["cache-control"] == "no-store"
    assert "idempotency-replayed" not in response.headers


async def test_nothing_to_say_is_204(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    note = (await ada.post("/notes", json={"text": "hello"})).json()
    response = await ada.delete(f"/notes/{note['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert "content-type" not in response.headers
    assert (await ada.get(f"/notes/{note['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("limit=0", [{"pointer": "query:limit", "detail": "Expected `int` >= 1"}]),
        ("limit=x", [{"pointer": "query:limit", "detail": "Expected `int`, got `str`"}]),
        ("limit=", [{"pointer": "query:limit", "detail": "Expected `int`, got `str`"}]),
        ("limit=1&limit=2", [{"pointer": "query:limit", "detail": "This parameter is given more than once"}]),
        ("limitt=1", [{"pointer": "query:limitt", "detail": "There is no such parameter"}]),
        (
            "limit=0&x=1",
            [
                {"pointer": "query:x", "detail": "There is no such parameter"},
                {"pointer": "query:limit", "detail": "Expected `int` >= 1"},
            ],
        ),
    ],
)
async def test_wrong_parameters_are_reported_all_at_once(
    query: str, errors: list[dict[str, str]], notes: BffClient
) -> None:
    response = await notes.signed_in("ada").get(f"/notes?{query}")
    assert response.status_code == 422
    assert response.json()["errors"] == errors


async def test_text_parameters_are_never_read_as_null_and_lists_repeat(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    await ada.post("/notes", json={"text": "null and void"})
    await ada.post("/notes", json={"text": "other"})
    assert len((await ada.get("/notes?q=null")).json()["items"]) == 1
    assert (await ada.get("/notes?tag=a&tag=b")).status_code == 200


async def test_a_wrong_path_parameter_is_422(notes: BffClient) -> None:
    assert (await notes.get("/numbers/5")).json() == 5
    response = await notes.get("/numbers/five")
    assert response.json()["errors"] == [{"pointer": "path:number", "detail": "Expected `int`, got `str`"}]


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"text": ""}, 422, {"pointer": "/text", "detail": "Expected `str` of length >= 1"}),
        ({"text": "a", "tags": ["x", 1]}, 422, {"pointer": "/tags/1", "detail": "Expected `str`, got `int`"}),
        ({}, 422, {"pointer": "", "detail": "Object missing required field `text`"}),
        ({"text": "a", "done": True}, 422, {"pointer": "", "detail": "Object contains unknown field `done`"}),
        ([], 422, {"pointer": "", "detail": "Expected `object`, got `array`"}),
    ],
)
async def test_a_wrong_body_is_422_with_a_pointer(
    body: Any, status: int, error: dict[str, str], notes: BffClient
) -> None:
    response = await notes.signed_in("ada").post("/notes", json=body)
    assert response.status_code == status
    assert response.json()["errors"] == [error]
    assert runs(notes) == 0


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"text": "\xff"}', "application/json", 400),
        (b'{"tags": ' + b"[" * 5000, "application/json", 400),
        (b'{"text": "a"}', "text/plain", 415),
        (b'{"text": "a"}', "application/x-www-form-urlencoded", 415),
        (b'{"text": "' + b"a" * 300_000 + b'"}', "application/json", 413),
    ],
)
async def test_a_body_that_is_no_json_or_too_large_is_refused(
    content: bytes, content_type: str, status: int, notes: BffClient
) -> None:
    response = await notes.signed_in("ada").post("/notes", content=content, headers={"Content-Type": content_type})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_body_without_an_announced_length_is_limited_too(notes: BffClient) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b"a" * 10_000

    response = await notes.signed_in("ada").post(
        "/notes", content=endless(), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 413


async def test_a_charset_is_no_hindrance(notes: BffClient) -> None:
    response = await notes.signed_in("ada").post(
        "/notes", content=b'{"text": "a"}', headers={"Content-Type": "Application/JSON; charset=utf-8"}
    )
    assert response.status_code == 201


async def test_a_read_carries_an_etag_and_is_private(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    first = await ada.get("/notes")
    assert first.headers["cache-control"] == "private, no-cache"
    again = await ada.get("/notes", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "private, no-cache"
    await ada.post("/notes", json={"text": "new"})
    changed = await ada.get("/notes", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_a_cache_rule_becomes_its_header(notes: BffClient) -> None:
    assert (await notes.get("/greeting")).headers["cache-control"] == "public, max-age=60"


async def test_a_head_request_is_a_read(notes: BffClient) -> None:
    response = await notes.signed_in("ada").head("/notes")
    assert response.status_code == 200
    assert response.headers["etag"]


async def test_other_methods_and_paths_are_problems(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    refused = await ada.put("/notes")
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert (await ada.get("/nowhere")).json()["type"].endswith("/not-found")


async def test_an_unexpected_error_is_masked_and_logged(notes: BffClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = await notes.signed_in("ada").post("/notes", json={"text": "crash"})
    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.json()["errorId"] in caplog.text


async def test_health_and_readiness_are_public(notes: BffClient) -> None:
    assert (await notes.get("/healthz")).json() == {"status": "ok"}
    assert (await notes.get("/readyz")).json() == {"status": "ready"}


async def test_before_its_lifespan_an_application_is_healthy_but_not_ready(
    notes: BffClient, bff_settings: dict[str, str]
) -> None:
    client = BffClient(notes_bff.create_app(bff_settings), notes.issuer)
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 503


async def test_without_the_issuers_keys_the_answer_is_try_again(notes: BffClient, bff_settings: dict[str, str]) -> None:
    app = notes_bff.create_app(bff_settings)  # nobody listens at its PORTICO_JWKS_URL
    async with app.router.lifespan_context(app):
        response = await BffClient(app, notes.issuer).signed_in("ada").get("/notes")
    assert response.status_code == 503
    assert response.json()["type"].endswith("/keys-unavailable")
    assert response.headers["retry-after"] == "2"
    assert "127.0.0.1" not in response.text
