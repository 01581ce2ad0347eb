"""The provider tells its clients when a sign-in ends (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from joserfc import jws
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from host.tests.identity_world import CLIENT, HOST, ISSUER, ProviderWorld, provider_world, refreshing
from portico.host.devidp.backchannel import EVENT


@pytest.fixture
async def world() -> AsyncIterator[ProviderWorld]:
    async with provider_world() as world:
        yield world


class Client:
    """The client's end: what it was told."""

    def __init__(self, world: ProviderWorld, status: int = 200) -> None:
        self.told: list[str] = []
        self._status = status
        routes = [Route("/auth/backchannel-logout", self._take, methods=["POST"])]
        world.network.add(HOST, Starlette(routes=routes))

    async def _take(self, request: Request) -> Response:
        async with request.form() as form:
            self.told.append(str(form["logout_token"]))
        return Response(status_code=self._status)


async def end(world: ProviderWorld, **hint: str) -> None:
    answer = await world.person.get(f"{ISSUER}/end-session", params=hint)
    if not hint:
        answer = await world.person.post(f"{ISSUER}/end-session/confirm", data={"yes": "1"})
    assert answer.status_code == 200, answer.text


async def test_signing_out_at_the_provider_is_told_to_the_client(world: ProviderWorld) -> None:
    client = Client(world)
    sid = world.claims((await world.tokens())["id_token"])["sid"]
    await end(world)
    [token] = client.told
    claims = world.claims(token)
    assert len(claims.pop("jti")) == 36
    assert claims == {
        "iss": ISSUER,
        "aud": CLIENT.client_id,
        "iat": 1_800_000_000,
        "exp": 1_800_000_120,
        "sub": "ada",
        "sid": sid,
        "events": {EVENT: {}},
    }
    assert jws.extract_compact(token.encode()).headers()["typ"] == "logout+jwt"


async def test_signing_out_by_the_client_is_told_once_even_when_it_comes_twice(world: ProviderWorld) -> None:
    client = Client(world)
    tokens = await world.tokens()
    await end(world, id_token_hint=tokens["id_token"])
    await end(world, id_token_hint=tokens["id_token"])
    assert len(client.told) == 1


async def test_nobody_is_told_of_a_sign_in_they_had_no_part_in(world: ProviderWorld) -> None:
    client = Client(world)
    token = (await world.tokens())["refresh_token"]
    form = {"token": token, "client_id": CLIENT.client_id, "client_secret": CLIENT.client_secret}
    await world.person.post(f"{ISSUER}/revoke", data=form)
    await end(world)
    assert client.told == []


@pytest.mark.parametrize("status", [None, 400, 500])
async def test_a_client_that_does_not_take_it_keeps_nobody_signed_in(world: ProviderWorld, status: int | None) -> None:
    if status is not None:
        Client(world, status)
    token = (await world.tokens())["refresh_token"]
    await end(world)
    assert (await world.redeem(refreshing(token))).json()["error"] == "invalid_grant"
