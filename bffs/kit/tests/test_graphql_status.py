"""`Portico-Status`: what a refused mutation would be as a REST command."""

from __future__ import annotations

import httpx
import pytest

from bffs.kit.tests.test_command_headers import ada, anybody
from portico.bff.testing.client import BffClient

__all__ = ["ada", "anybody"]


def status(response: httpx.Response) -> str | None:
    found: str | None = response.headers.get("portico-status")
    return found


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("mutation { step(by: 1) }", None),
        ("mutation { step(by: -1) }", "422"),
        ("mutation { step(by: 1001) }", "500"),
        ("mutation { reset }", "403"),
        ("mutation { broken }", "500"),
        ("mutation { a: step(by: 1) reset }", "403"),
        ('mutation { step(by: "one") }', "400"),
        ("mutation ($by: Int!) { step(by: $by) }", "400"),
        ("mutation { unknown }", "400"),
        ("mutation {", "400"),
        ("mutation a { step(by: 1) } mutation b { step(by: 2) }", "400"),
        ("{ value }", None),
        ("{ secret }", None),
    ],
)
async def test_the_status_of_the_first_error_stands_for_a_refused_mutation(
    ada: BffClient, document: str, expected: str | None
) -> None:
    response = await ada.graphql(document)
    assert response.status_code == 200
    assert ("errors" in response.json()) == (expected is not None or "secret" in document)
    assert status(response) == expected


async def test_a_replayed_answer_has_none(ada: BffClient) -> None:
    for _ in range(2):
        response = await ada.graphql("mutation { step(by: 1) }", headers={"Idempotency-Key": "k1"})
        assert status(response) is None


async def test_what_is_refused_before_it_is_graphql_has_its_own_status(ada: BffClient, anybody: BffClient) -> None:
    assert status(await anybody.graphql("mutation { step(by: 1) }")) is None
    response = await ada.graphql("mutation { step(by: 1) }", headers={"Idempotency-Key": ""})
    assert (response.status_code, status(response)) == (400, None)


async def test_with_the_new_media_type_both_say_the_same(ada: BffClient) -> None:
    response = await ada.graphql("mutation {", headers={"Accept": "application/graphql-response+json"})
    assert (response.status_code, status(response)) == (400, "400")
