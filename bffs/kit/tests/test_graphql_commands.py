"""GraphQL requests at once, and mutations that arrive more than once (`Idempotency-Key`)."""

from __future__ import annotations

import asyncio

from bffs.kit.tests.notes_fixtures import notes
from portico.bff.testing.client import BffClient

__all__ = ["notes"]

WRITE = 'mutation { write(text: "once") { id text } }'


async def test_requests_at_once_do_not_mix(notes: BffClient) -> None:
    clients = {name: notes.signed_in(name) for name in ("ada", "eve", "bob")}
    for name, client in clients.items():
        await client.graphql("mutation ($t: String!) { write(text: $t) { id } }", t=name)
    queries = ["{ slow notes { text } }", "{ notes { text } slow }", "{ a: slow notes { text } }"]
    asked = [(name, client.graphql(query)) for name, client in clients.items() for query in queries]
    answers = await asyncio.gather(*(request for _, request in asked))
    for (name, _), answer in zip(asked, answers, strict=True):
        assert answer.json()["data"]["notes"] == [{"text": name}]


async def test_a_repeated_mutation_has_the_same_answer_and_one_effect(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    headers = {"Idempotency-Key": "g1"}
    first = await ada.graphql(WRITE, headers=headers)
    again = await ada.graphql(WRITE, headers=headers)
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert len((await ada.graphql("{ notes { id } }")).json()["data"]["notes"]) == 1
    reused = await ada.graphql(WRITE.replace("once", "twice"), headers=headers)
    assert reused.status_code == 422
    assert reused.json()["type"].endswith("/idempotency-key-reused")


async def test_a_query_ignores_the_key(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    headers = {"Idempotency-Key": "g2"}
    before = await ada.graphql("{ notes { text } }", headers=headers)
    await ada.graphql(WRITE)
    after = await ada.graphql("{ notes { text } }", headers=headers)
    assert (before.json()["data"]["notes"], after.json()["data"]["notes"]) == ([], [{"text": "once"}])


async def test_a_mutation_is_all_or_nothing_and_a_refused_one_may_be_tried_again(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    both = 'mutation { a: write(text: "fine") { id } b: write(text: "refused") { id } }'
    for _ in range(2):
        response = await ada.graphql(both, headers={"Idempotency-Key": "g3"})
        assert response.json()["errors"][0]["extensions"]["code"] == "note-refused"
        assert "idempotency-replayed" not in response.headers
    assert (await ada.graphql("{ notes { id } }")).json() == {"data": {"notes": []}}


async def test_a_key_that_is_none_is_400(notes: BffClient) -> None:
    response = await notes.signed_in("ada").graphql(WRITE, headers={"Idempotency-Key": "k" * 201})
    assert response.status_code == 400


async def test_a_mutation_of_which_only_a_part_could_be_answered_is_not_done(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    for _ in range(2):
        response = await ada.graphql('mutation { write(text: "half") { id lost } }', headers={"Idempotency-Key": "k7"})
        assert response.json()["data"]["write"]["lost"] is None
        assert response.headers["portico-status"] == "409"
        assert "idempotency-replayed" not in response.headers
    assert (await ada.graphql("{ notes { text } }")).json()["data"] == {"notes": []}


async def test_a_mutation_whose_commit_fails_is_refused_in_its_header_too(notes: BffClient) -> None:
    ada = notes.signed_in("ada")
    response = await ada.graphql('mutation { write(text: "raced") { id } }')
    assert response.json()["errors"][0]["extensions"]["code"] == "conflict"
    assert (response.status_code, response.headers["portico-status"]) == (200, "412")
    assert (await ada.graphql("{ notes { text } }")).json()["data"] == {"notes": [{"text": "first"}]}
