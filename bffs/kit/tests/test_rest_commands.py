"""REST commands that arrive more than once (`Idempotency-Key`)."""

from __future__ import annotations

import pytest

from bffs.kit.tests import notes_bff
from bffs.kit.tests.notes_fixtures import notes
from portico.bff.testing.client import BffClient

__all__ = ["notes"]


def runs(client: BffClient) -> int:
    return client.app.state.parts.get(notes_bff.Runs).count  # type: ignore[no-any-return]


async def test_a_repeated_command_has_the_same_answer_and_one_effect(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    key = {"Idempotency-Key": "k1"}
    first = await ada.post("/notes", json={"text": "once"}, headers=key)
    again = await ada.post("/notes", json={"text": "once"}, headers=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["content-type"] == "application/json"
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len((await ada.get("/notes")).json()["items"]) == 1
    assert runs(notes) == 2  # the command once, the list once


async def test_a_repeated_command_without_content_is_replayed(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    note = (await ada.post("/notes", json={"text": "gone"})).json()
    for _ in range(2):
        response = await ada.delete(f"/notes/{note['id']}", headers={"Idempotency-Key": "k2"})
        assert (response.status_code, response.content) == (204, b"")


async def test_a_key_belongs_to_one_request_of_one_person(notes: BffClient) -> None:
    key = {"Idempotency-Key": "k3"}
    ada = notes.signed_in("ada")
    await ada.post("/notes", json={"text": "one"}, headers=key)
    reused = await ada.post("/notes", json={"text": "two"}, headers=key)
    assert reused.status_code == 422
    assert reused.json()["type"].endswith("/idempotency-key-reused")
    other = await notes.signed_in("eve").post("/notes", json={"text": "one"}, headers=key)
    assert other.status_code == 201
    assert "idempotency-replayed" not in other.headers


async def test_a_refused_command_leaves_nothing_and_its_key_may_try_again(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    key = {"Idempotency-Key": "k4"}
    for _ in range(2):
        refused = await ada.post("/notes", json={"text": "refused"}, headers=key)
        assert refused.status_code == 409
        assert "idempotency-replayed" not in refused.headers
    assert (await ada.get("/notes")).json() == {"items": []}


async def test_a_command_that_answers_with_a_redirect_is_not_done(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    moved = await ada.post("/notes", json={"text": "moved"}, headers={"Idempotency-Key": "k5"})
    assert moved.status_code == 500
    assert (await ada.get("/notes")).json() == {"items": []}


@pytest.mark.parametrize("key", [b"", b"k" * 201, b"k\xe4se"])
async def test_a_key_that_is_none_is_400(key: bytes, notes: BffClient) -> None:
    authorization = notes.issuer.headers()["Authorization"].encode()
    response = await notes.post(
        "/notes", json={"text": "a"}, headers={b"Authorization": authorization, b"Idempotency-Key": key}
    )
    assert response.status_code == 400
    assert response.json()["type"].endswith("/idempotency-key-invalid")
