"""The tokens that the gateway attaches for BFFs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from portico.host.tokens import CachedTokens, HostKeys, SignedTokens

ISSUER = "https://portico.example"
NOW = 1_800_000_000.5


@dataclass(frozen=True)
class Person:
    id: str = "hash-of-an-id"
    sub: str = "ada"
    name: str = "Ada"
    roles: tuple[str, ...] = ("editor", "reader")
    tenant: str | None = "north"
    version: int = 1
    expires_at: float = NOW + 86_400


class Desk:
    """Where tokens are handed out, with a clock that the test turns."""

    def __init__(self, sessions: int = 100) -> None:
        self.now = NOW
        self.keys = HostKeys.generate()
        signed = SignedTokens(self.keys, ISSUER, lambda: self.now)
        self.tokens = CachedTokens(signed, lambda: self.now, sessions=sessions)

    def claims(self, token: str) -> dict[str, Any]:
        key_set = KeySet.import_key_set({"keys": self.keys.public_jwks()["keys"]})
        return jwt.decode(token, key_set, algorithms=["ES256"]).claims


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_token_carries_the_claims_of_rfc_9068_and_the_person(desk: Desk) -> None:
    claims = desk.claims(await desk.tokens.token_for(Person(), "urn:portico:bff:shop"))
    assert len(claims.pop("jti")) == 36
    assert claims == {
        "iss": ISSUER,
        "sub": "ada",
        "aud": "urn:portico:bff:shop",
        "client_id": "portico-host",
        "iat": 1_800_000_000,
        "nbf": 1_800_000_000,
        "exp": 1_800_000_300,
        "roles": ["editor", "reader"],
        "scope": "bff",
        "name": "Ada",
        "tenant": "north",
    }


async def test_a_person_without_a_tenant_has_no_tenant_claim(desk: Desk) -> None:
    assert "tenant" not in desk.claims(await desk.tokens.token_for(Person(tenant=None), "urn:portico:bff:shop"))


async def test_the_same_session_and_audience_get_the_same_token_until_shortly_before_it_expires(desk: Desk) -> None:
    first = await desk.tokens.token_for(Person(), "a")
    desk.now += 239
    assert await desk.tokens.token_for(Person(), "a") == first
    desk.now += 2
    assert await desk.tokens.token_for(Person(), "a") != first


@pytest.mark.parametrize("other", [replace(Person(), id="another"), replace(Person(), version=2, roles=())])
async def test_another_session_or_a_changed_one_gets_its_own_token(desk: Desk, other: Person) -> None:
    assert await desk.tokens.token_for(Person(), "a") != await desk.tokens.token_for(other, "a")


async def test_another_audience_gets_its_own_token(desk: Desk) -> None:
    tokens = [await desk.tokens.token_for(Person(), audience) for audience in ("a", "b")]
    assert [desk.claims(token)["aud"] for token in tokens] == ["a", "b"]


async def test_a_token_does_not_outlive_its_session(desk: Desk) -> None:
    claims = desk.claims(await desk.tokens.token_for(Person(expires_at=NOW + 20), "a"))
    assert claims["exp"] == int(NOW + 20)


async def test_the_cache_forgets_the_longest_unused_session_first() -> None:
    desk = Desk(sessions=2)
    first, second = [await desk.tokens.token_for(Person(id=name), "a") for name in ("1", "2")]
    assert await desk.tokens.token_for(Person(id="1"), "a") == first
    await desk.tokens.token_for(Person(id="3"), "a")
    assert await desk.tokens.token_for(Person(id="1"), "a") == first
    assert await desk.tokens.token_for(Person(id="2"), "a") != second
