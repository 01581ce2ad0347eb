"""Any OpenID provider by discovery: the same scenarios against the built-in one and a second, independent one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import msgspec
import pytest
from joserfc.util import urlsafe_b64decode

from host.tests.identity_world import query
from host.tests.provider_worlds import (
    RESOURCE,
    BuiltInProvider,
    IndependentProvider,
    ProviderUnderTest,
    ProviderWorld,
    browsing,
    follow,
    provider_world,
)
from host.tests.session_world import onward
from portico.host.session.errors import GrantRefused
from tools.oidc_provider import OidcProvider

ADA = {"sub": "ada", "name": "Ada Lovelace", "roles": ["editor", "reader"], "tenant": None}
BEN = {"sub": "ben", "name": "Ben", "roles": [], "tenant": "north"}


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a host does without when the provider is slow, it has here: a busy machine makes any provider slow."""
    for limit in ("session.oidc._PROBE_S", "session.provider_grants._REVOKE_S", "devidp.backchannel._PATIENCE_S"):
        monkeypatch.setattr(f"portico.host.{limit}", 30.0)


@pytest.fixture(params=["built in", "independent"])
async def provider(
    request: pytest.FixtureRequest, tmp_path: Path, oidc_provider: OidcProvider
) -> AsyncIterator[ProviderUnderTest]:
    if request.param == "independent":
        yield IndependentProvider(oidc_provider)
    else:
        built_in = BuiltInProvider(tmp_path / "idp")
        yield built_in
        await built_in.close()


@pytest.fixture
async def world(tmp_path: Path, provider: ProviderUnderTest) -> AsyncIterator[ProviderWorld]:
    async with provider_world(tmp_path, provider) as world:
        yield world


async def test_a_person_signs_in_with_what_the_provider_tells_of_them(world: ProviderWorld) -> None:
    page = await world.signed_in("ada", "/deep")
    assert (page.status_code, onward(page)) == (200, "/deep")
    assert await world.who() == ADA


async def test_roles_and_tenant_are_each_persons_own(world: ProviderWorld) -> None:
    await world.signed_in("ben")
    assert await world.who() == BEN


async def test_signing_out_ends_it_at_the_provider_too_and_the_refresh_token_with_it(world: ProviderWorld) -> None:
    await world.signed_in()
    tokens = await world.tokens()
    assert await world.signed_out() == f"{world.url}/"
    assert await world.who() is None
    with pytest.raises(GrantRefused):
        await world.sign_in.grants.refresh(tokens)
    page = await world.follow(f"{world.url}/auth/sign-in")
    assert not str(page.url).startswith(world.url)  # the provider asks again who it is


async def test_a_refresh_gives_new_tokens_and_says_anew_who_it_is(world: ProviderWorld) -> None:
    await world.signed_in()
    tokens = await world.tokens()
    granted = await world.sign_in.grants.refresh(tokens)
    assert granted.tokens.refresh_token not in {None, tokens.refresh_token}
    assert granted.tokens.access_token == granted.access.token != tokens.access_token
    assert 0 < granted.access.expires_at - world.clock() <= 300
    assert granted.claims is not None
    assert {name: granted.claims[name] for name in ("sub", "name", "roles")} == {
        name: ADA[name] for name in ("sub", "name", "roles")
    }


async def test_a_refresh_token_that_was_used_is_refused_and_takes_the_grant_with_it(world: ProviderWorld) -> None:
    await world.signed_in()
    tokens = await world.tokens()
    granted = await world.sign_in.grants.refresh(tokens)
    with pytest.raises(GrantRefused):
        await world.sign_in.grants.refresh(tokens)
    with pytest.raises(GrantRefused):
        await world.sign_in.grants.refresh(granted.tokens)


async def test_a_revoked_refresh_token_is_refused(world: ProviderWorld) -> None:
    await world.signed_in()
    tokens = await world.tokens()
    await world.sign_in.grants.revoke(tokens)
    with pytest.raises(GrantRefused):
        await world.sign_in.grants.refresh(tokens)


async def test_a_token_for_one_resource_is_for_that_alone(tmp_path: Path, provider: ProviderUnderTest) -> None:
    scope = "openid profile email bff" if isinstance(provider, IndependentProvider) else "openid profile email"
    async with provider_world(tmp_path, provider, resources=(RESOURCE,), scope=scope) as world:
        await world.signed_in()
        tokens = await world.tokens()
        granted = await world.sign_in.grants.refresh(tokens, resource=RESOURCE)
        claims = claims_of(granted.access.token)
        assert (claims["aud"], claims["iss"], claims["sub"]) == (RESOURCE, world.client.issuer, "ada")
        assert claims["client_id"] == world.client.client_id
        assert claims["roles"] == ["editor", "reader"]
        assert granted.tokens.access_token == tokens.access_token  # the session's own stays
        again = await world.sign_in.grants.refresh(granted.tokens)
        assert again.access.token != granted.access.token


async def test_people_sign_in_while_the_provider_changes_its_keys(world: ProviderWorld) -> None:
    await world.signed_in()  # the host has the old keys
    async with AsyncExitStack() as stack:
        browsers = [browsing(world.person.headers) for _ in range(6)]
        people = [await stack.enter_async_context(browser) for browser in browsers]
        pages = await asyncio.gather(*(follow(person, f"{world.url}/auth/sign-in") for person in people))
        half = len(people) // 2

        async def finish(person: httpx2.AsyncClient, page: httpx2.Response) -> int:
            return (await follow(person, await world.provider.choose(person, page, "ada"))).status_code

        early = await asyncio.gather(*map(finish, people[:half], pages[:half]))
        await world.provider.change_keys(keep=True)
        late = await asyncio.gather(*map(finish, people[half:], pages[half:]))
        assert {*early, *late} == {200}
        whos = [(await person.get(f"{world.url}/whoami")).json() for person in people]
        assert whos == [ADA] * len(people)


async def test_what_a_withdrawn_key_signed_counts_for_nothing_after_ten_minutes(world: ProviderWorld) -> None:
    await world.signed_in()
    tokens = await world.tokens()
    assert "events is not what it must be" in await refusal(world, tokens.id_token)  # its signature is good
    await world.provider.change_keys(keep=False)
    world.clock.ahead += 601
    assert "no single key of the provider fits" in await refusal(world, tokens.id_token)


async def test_leaving_at_the_provider_ends_the_session_at_the_host(world: ProviderWorld) -> None:
    await world.signed_in()
    session_id, tokens = await world.session_id(), await world.tokens()
    ended = asyncio.get_running_loop().create_future()
    world.sign_in.sessions.when_ended(ended.set_result)
    async with browsing({}) as asking:
        found = await asking.get(f"{world.client.issuer}/.well-known/openid-configuration")
    endpoint = found.json()["end_session_endpoint"]
    page = await world.follow(f"{endpoint}?{urlencode({'id_token_hint': tokens.id_token})}")
    if "xsrf" in page.text:
        await world.provider.confirm(world.person, page)
    async with asyncio.timeout(20):
        assert await ended == session_id
    assert await world.who() is None


async def test_an_answer_meant_for_another_browser_signs_nobody_in(world: ProviderWorld) -> None:
    begun = await world.person.get(f"{world.url}/auth/sign-in")
    sent = query(begun.headers["location"])
    async with httpx2.AsyncClient(trust_env=False) as victim:
        answer = await victim.get(
            f"{world.url}/auth/callback",
            params={"code": "stolen", "state": sent["state"], "iss": world.client.issuer},
        )
    assert answer.status_code == 400


async def refusal(world: ProviderWorld, token: str) -> str:
    """Why the host does not take a token for one that ends sessions."""
    form = {"logout_token": token}
    async with browsing({}) as provider:
        answer = await provider.post(f"{world.url}/auth/backchannel-logout", data=form)
    assert answer.status_code == 400
    return str(answer.json()["error_description"])


def claims_of(token: str) -> dict[str, Any]:
    """What a token says; who may use it verifies it elsewhere."""
    content: dict[str, Any] = msgspec.json.decode(urlsafe_b64decode(token.split(".")[1].encode()))
    return content
