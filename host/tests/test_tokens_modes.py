"""Tokens for BFFs over the running platform, issued by the host or by the provider: every BFF verifies its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from host.tests.provider_worlds import IndependentProvider
from host.tests.token_site import MOUNTED, REMOTE, token_site
from portico.host.config.tokens import BffTokens
from tools.oidc_provider import OidcProvider

MODES: list[BffTokens] = ["host", "resource", "exchange"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize("mode", MODES)
async def test_each_bff_gets_a_token_of_its_own_until_the_person_signs_out(folder: Path, mode: BffTokens) -> None:
    async with token_site(folder, mode) as site:
        await site.sign_in()
        near, far = await site.who(MOUNTED), await site.who(REMOTE)
        tokens = {near.pop("token"), far.pop("token")}
        assert len(tokens) == 2
        assert [near.pop("audience"), far.pop("audience")] == [f"urn:portico:bff:{app}" for app in (MOUNTED, REMOTE)]
        assert (
            near
            == far
            == {
                "sub": "ada",
                "name": "Ada Lovelace",
                "roles": ["editor", "reader"],
                "tenant": "north",
                "issuer": site.url if mode == "host" else site.issuer,
            }
        )
        again = {(await site.who(app))["token"] for app in (MOUNTED, REMOTE)}
        assert again == tokens  # kept for the calls to come

        await site.sign_out()
        assert [(await site.call(app)).status_code for app in (MOUNTED, REMOTE)] == [401, 401]
        await site.sign_in("ben")
        other = await site.who(REMOTE)
        assert (other["sub"], other["roles"]) == ("ben", [])
        assert other["token"] not in tokens
        said = await asyncio.gather(*(site.who(MOUNTED) for _ in range(10)))
        assert len({one["token"] for one in said}) == 1  # calls that come at once share one


async def test_another_providers_own_tokens_reach_each_bff_and_serve_there(
    folder: Path, oidc_provider: OidcProvider
) -> None:
    """It gives tokens only for what the sign-in has named, with keys that BFFs find by its discovery document."""
    other = IndependentProvider(oidc_provider)
    async with token_site(folder, "resource", other, scope="openid profile email bff") as site:
        await site.sign_in()
        near, far = await site.who(MOUNTED), await site.who(REMOTE)
        assert [near["audience"], far["audience"]] == [f"urn:portico:bff:{app}" for app in (MOUNTED, REMOTE)]
        assert {near["issuer"], far["issuer"]} == {oidc_provider.issuer}
        assert [near["sub"], near["roles"]] == ["ada", ["editor", "reader"]]
        assert near["token"] != far["token"] is not None
        assert (await site.who(REMOTE))["token"] == far["token"]
