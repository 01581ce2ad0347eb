"""What only a second, independent provider offers: other ways to say who the client is, pushed requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from playwright.async_api import Page, expect

from host.tests.identity_world import query
from host.tests.provider_worlds import IndependentProvider, provider_world
from portico.host.session.client_key import ClientKey
from tools.oidc_provider import OidcProvider


def ec_jwk() -> str:
    return json.dumps(ECKey.generate_key("P-256", private=True, auto_kid=True).as_dict(private=True))


def rsa_pem() -> str:
    return RSAKey.generate_key(2048, private=True).as_pem(private=True).decode()


def ed25519_pem() -> str:
    return OKPKey.generate_key("Ed25519", private=True).as_pem(private=True).decode()


@pytest.mark.parametrize("make", [ec_jwk, rsa_pem, ed25519_pem])
async def test_a_client_may_sign_who_it_is(tmp_path: Path, oidc_provider: OidcProvider, make: Any) -> None:
    key = make()
    wanted: dict[str, Any] = {
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [ClientKey(key).public_jwk]},
        "client_key": key,
    }
    async with provider_world(tmp_path, IndependentProvider(oidc_provider), **wanted) as world:
        assert (await world.signed_in()).status_code == 200
        granted = await world.sign_in.grants.refresh(await world.tokens())
        await world.sign_in.grants.revoke(granted.tokens)


async def test_a_client_with_another_key_signs_nobody_in(tmp_path: Path, oidc_provider: OidcProvider) -> None:
    wanted: dict[str, Any] = {
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [ClientKey(ec_jwk()).public_jwk]},
        "client_key": ec_jwk(),
    }
    async with provider_world(tmp_path, IndependentProvider(oidc_provider), **wanted) as world:
        assert (await world.signed_in()).status_code == 403
        assert await world.who() is None


async def test_a_secret_may_go_by_form(tmp_path: Path, oidc_provider: OidcProvider) -> None:
    wanted: dict[str, Any] = {"token_endpoint_auth_method": "client_secret_post"}
    async with provider_world(tmp_path, IndependentProvider(oidc_provider), **wanted) as world:
        assert (await world.signed_in()).status_code == 200


async def test_a_request_may_be_pushed_so_that_nothing_of_it_passes_through_the_browser(
    tmp_path: Path, oidc_provider: OidcProvider
) -> None:
    wanted: dict[str, Any] = {"require_pushed_authorization_requests": True, "pushed_requests": True}
    async with provider_world(tmp_path, IndependentProvider(oidc_provider), **wanted) as world:
        begun = await world.person.get(f"{world.url}/auth/sign-in")
        assert query(begun.headers["location"]).keys() == {"client_id", "request_uri"}
        assert (await world.signed_in()).status_code == 200


@pytest.mark.asyncio(loop_scope="session")
async def test_in_a_browser_a_person_signs_in_and_out(tmp_path: Path, oidc_provider: OidcProvider, page: Page) -> None:
    async with provider_world(tmp_path, IndependentProvider(oidc_provider)) as world:
        await page.goto(f"{world.url}/auth/sign-in?return_to=/deep%3Fx%3D1")
        await page.get_by_role("button", name="Ada Lovelace").click()
        await expect(page.get_by_role("heading")).to_have_text("Ada Lovelace")
        assert page.url == f"{world.url}/deep?x=1"
        await page.get_by_role("button", name="Sign out").click()
        await page.get_by_role("button", name="Yes, sign me out").click()
        await expect(page.get_by_role("heading")).to_have_text("nobody")
        assert page.url.startswith(f"{world.url}/")
        await page.goto(f"{world.url}/auth/sign-in")
        await expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
