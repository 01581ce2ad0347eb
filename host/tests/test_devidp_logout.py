"""RP-initiated logout at the provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx2
import pytest

from host.tests.identity_world import CLIENT, ISSUER, Attempt, ProviderWorld, provider_world, refreshing

BACK = CLIENT.post_logout_redirect_uris[0]


@pytest.fixture
async def world() -> AsyncIterator[ProviderWorld]:
    async with provider_world() as world:
        yield world


async def end_session(world: ProviderWorld, **parameters: str) -> httpx2.Response:
    return await world.person.get(f"{ISSUER}/end-session?{urlencode(parameters)}")


async def is_signed_in(world: ProviderWorld) -> bool:
    return (await world.person.get(Attempt().url)).status_code == 303


async def test_a_client_that_shows_the_id_token_signs_the_person_out_and_gets_them_back(
    world: ProviderWorld,
) -> None:
    tokens = await world.tokens()
    answer = await end_session(
        world, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK, state="a state & more"
    )
    assert answer.headers["location"] == f"{BACK}?state=a+state+%26+more"
    assert not await is_signed_in(world)
    assert (await world.redeem(refreshing(tokens["refresh_token"]))).json()["error"] == "invalid_grant"


async def test_an_expired_id_token_still_serves_as_the_hint(world: ProviderWorld) -> None:
    tokens = await world.tokens()
    world.clock.now += 86_400
    answer = await end_session(world, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK)
    assert answer.headers["location"] == BACK


async def test_without_an_id_token_the_person_is_asked(world: ProviderWorld) -> None:
    await world.tokens()
    asked = await end_session(world, client_id=CLIENT.client_id, post_logout_redirect_uri=BACK)
    assert asked.status_code == 200
    assert "Ada Lovelace" in asked.text
    assert await is_signed_in(world)
    form = {"content-type": "application/x-www-form-urlencoded"}
    confirmed = await world.person.post(f"{ISSUER}/end-session/confirm", headers=form)
    assert "You are signed out" in confirmed.text
    assert not await is_signed_in(world)


async def test_another_site_cannot_confirm(world: ProviderWorld) -> None:
    await world.tokens()
    headers = {"sec-fetch-site": "cross-site", "content-type": "application/x-www-form-urlencoded"}
    assert (await world.person.post(f"{ISSUER}/end-session/confirm", headers=headers)).status_code == 400
    assert await is_signed_in(world)


async def test_an_id_token_of_another_sign_in_does_not_end_this_one_unasked(world: ProviderWorld) -> None:
    old = await world.tokens()
    world.person.cookies.clear()
    await world.tokens("ben")
    assert (await end_session(world, id_token_hint=old["id_token"], post_logout_redirect_uri=BACK)).status_code == 200
    assert await is_signed_in(world)


@pytest.mark.parametrize("target", ["http://evil.example/", f"{BACK}x", "//evil.example"])
async def test_nobody_is_sent_to_an_unregistered_address(world: ProviderWorld, target: str) -> None:
    tokens = await world.tokens()
    answer = await end_session(world, id_token_hint=tokens["id_token"], post_logout_redirect_uri=target)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_forged_or_other_token_is_no_hint(world: ProviderWorld) -> None:
    tokens = await world.tokens()
    for hint in (tokens["access_token"], tokens["id_token"][:-6] + "AAAAAA", "a.b.c"):
        assert (await end_session(world, id_token_hint=hint)).status_code == 200
        assert await is_signed_in(world)


async def test_someone_who_is_not_signed_in_is_told_so(world: ProviderWorld) -> None:
    assert "You are signed out" in (await end_session(world)).text
