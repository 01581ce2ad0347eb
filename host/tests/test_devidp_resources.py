"""Tokens for one resource: asked for with a grant (RFC 8707), or had in exchange (RFC 8693)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from joserfc import jws

from host.tests.identity_world import CLIENT, ISSUER, OTHER_CLIENT, Attempt, ProviderWorld, provider_world, refreshing
from portico.host.devidp import exchange

SHOP, NOTES = "urn:portico:bff:shop", "urn:portico:bff:notes"
FOREIGN = [
    "urn:portico:bff:",
    "urn:other:shop",
    "shop",
    "",
    f"{SHOP}#part",
    "https://things.example/api/more",
    "http://[x",
]


@pytest.fixture
async def world() -> AsyncIterator[ProviderWorld]:
    async with provider_world() as world:
        yield world


async def test_a_refresh_gives_a_token_for_the_one_resource_that_it_names(world: ProviderWorld) -> None:
    first = await world.tokens("ben")
    answer = (await world.redeem(refreshing(first["refresh_token"]) | {"resource": SHOP})).json()
    claims = world.claims(answer["access_token"])
    assert len(claims.pop("jti")) == 36
    assert claims.pop("sid") == world.claims(first["id_token"])["sid"]
    assert claims == {
        "iss": ISSUER,
        "aud": SHOP,
        "sub": "ben",
        "name": "Ben",
        "roles": [],
        "tenant": "north",
        "client_id": "portico",
        "scope": "openid profile email",
        "iat": 1_800_000_000,
        "exp": 1_800_000_300,
        "auth_time": 1_800_000_000,
    }
    assert jws.extract_compact(answer["access_token"].encode()).headers()["typ"] == "at+jwt"


async def test_a_code_gives_one_too_when_the_request_named_several(world: ProviderWorld) -> None:
    attempt = Attempt(changes={"resource": f"{SHOP} {NOTES}"})
    form = attempt.redemption(await world.code(attempt)) | {"resource": NOTES}
    assert world.claims((await world.redeem(form)).json()["access_token"])["aud"] == NOTES


async def test_a_repeated_resource_is_several_and_other_repeated_parameters_are_refused(world: ProviderWorld) -> None:
    several = f"{Attempt(changes={'resource': SHOP}).url}&resource={NOTES}"
    assert (await world.person.get(several)).status_code == 200
    assert (await world.person.get(f"{Attempt().url}&nonce=again")).status_code == 400


@pytest.mark.parametrize("resource", [word for word in FOREIGN if word])
async def test_a_resource_that_is_not_the_clients_costs_it_nothing(world: ProviderWorld, resource: str) -> None:
    token = (await world.tokens())["refresh_token"]
    answer = await world.redeem(refreshing(token) | {"resource": resource})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")
    assert (await world.redeem(refreshing(token))).status_code == 200


async def test_a_request_for_such_a_resource_goes_back_to_the_client(world: ProviderWorld) -> None:
    answer = await world.person.get(Attempt(changes={"resource": f"{SHOP} urn:other:shop"}).url)
    assert "error=invalid_target" in answer.headers["location"]


async def test_a_token_for_a_resource_opens_nothing_at_the_provider(world: ProviderWorld) -> None:
    refresh = (await world.tokens())["refresh_token"]
    token = (await world.redeem(refreshing(refresh) | {"resource": SHOP})).json()["access_token"]
    answer = await world.person.get(f"{ISSUER}/userinfo", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert (await world.redeem(exchanging(token))).json()["error"] == "invalid_request"


def exchanging(token: str, **changes: str) -> dict[str, str]:
    return {
        "grant_type": exchange.GRANT_TYPE,
        "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "audience": SHOP,
        "client_id": CLIENT.client_id,
        "client_secret": CLIENT.client_secret,
    } | changes


async def test_an_access_token_is_exchanged_for_one_for_an_audience(world: ProviderWorld) -> None:
    answer = await world.redeem(exchanging((await world.tokens())["access_token"]))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    given: dict[str, Any] = answer.json()
    claims = world.claims(given.pop("access_token"))
    assert (claims["aud"], claims["sub"], claims["roles"]) == (SHOP, "ada", ["editor", "reader"])
    assert given == {
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "openid profile email",
    }


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        *(({"audience": audience}, "invalid_target") for audience in FOREIGN),
        ({"subject_token": "a.b.c"}, "invalid_request"),
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "a.b.c"}, "invalid_request"),
        ({"client_id": OTHER_CLIENT.client_id, "client_secret": OTHER_CLIENT.client_secret}, "invalid_target"),
    ],
    ids=str,
)
async def test_nothing_else_is_exchanged(world: ProviderWorld, changes: dict[str, str], error: str) -> None:
    answer = await world.redeem(exchanging((await world.tokens())["access_token"], **changes))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_neither_an_id_token_nor_an_expired_token_is_exchanged(world: ProviderWorld) -> None:
    tokens = await world.tokens()
    assert (await world.redeem(exchanging(tokens["id_token"]))).json()["error"] == "invalid_request"
    world.clock.now += 300
    assert (await world.redeem(exchanging(tokens["access_token"]))).json()["error"] == "invalid_request"


async def revoke(world: ProviderWorld, token: str, **client: str) -> int:
    form = {"token": token, "client_id": CLIENT.client_id, "client_secret": CLIENT.client_secret} | client
    return (await world.person.post(f"{ISSUER}/revoke", data=form)).status_code


async def test_a_revoked_sign_in_gives_nothing_more(world: ProviderWorld) -> None:
    tokens = await world.tokens()
    assert await revoke(world, tokens["refresh_token"]) == 200
    assert (await world.redeem(exchanging(tokens["access_token"]))).json()["error"] == "invalid_grant"
    assert (await world.redeem(refreshing(tokens["refresh_token"]))).json()["error"] == "invalid_grant"


async def test_nobody_else_revokes_it_and_unknown_tokens_are_no_error(world: ProviderWorld) -> None:
    token = (await world.tokens())["refresh_token"]
    other = {"client_id": OTHER_CLIENT.client_id, "client_secret": OTHER_CLIENT.client_secret}
    assert [await revoke(world, token, **other), await revoke(world, "a.b"), await revoke(world, "")] == [200] * 3
    assert await revoke(world, token, client_secret="wrong") == 401
    assert (await world.redeem(refreshing(token))).status_code == 200
