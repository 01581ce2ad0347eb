"""Tokens for BFFs over the running platform, issued by the host or by the provider: every BFF verifies its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from host.tests.provider_worlds import IndependentProvider
from host.tests.token_site import MOUNTED, REMOTE, token_site
from portico.host.config import HostConfig
from portico.host.config.tokens import BffTokens
from portico.host.devidp.errors import TokenRefusal
from portico.host.devidp.refresh import RefreshGrants
from portico.host.errors import ConfigurationError
from portico.host.tokens import cache
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


async def test_who_signs_out_at_the_provider_is_signed_out_here_and_gets_no_token_more(folder: Path) -> None:
    async with token_site(folder, "resource") as site:
        await site.sign_in()
        await site.who(MOUNTED)
        asked = await site.person.get(f"{site.issuer}/end-session")
        assert asked.status_code == 200, asked.text
        await site.person.post(f"{site.issuer}/end-session/confirm", data={"yes": "1"})
        refused = await site.call(REMOTE)  # no token for it has been kept
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (401, "signed-out")


async def test_while_the_provider_gives_no_token_the_person_stays_signed_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_PAUSE_S", 0)
    async with token_site(folder, "resource") as site:
        await site.sign_in()
        kept = await site.who(MOUNTED)
        with monkeypatch.context() as patched:
            patched.setattr(RefreshGrants, "rotate", broken)
            refused = await site.call(REMOTE)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
            assert refused.json()["type"].rpartition("/")[2] == "token-unavailable"
            assert await site.who(MOUNTED) == kept
        assert (await site.who(REMOTE))["sub"] == "ada"


async def broken(*_: object) -> None:
    raise TokenRefusal("temporarily_unavailable", "not now", status=503)


@pytest.mark.parametrize(
    "wrong",
    [
        {"PORTICO_BFF_TOKENS": "provider"},
        {"PORTICO_BFF_TOKENS": "HOST"},
        {"PORTICO_TOKEN_KEY_DAYS": "-1"},
        {"PORTICO_TOKEN_KEY_DAYS": "a month"},
    ],
    ids=str,
)
def test_a_setting_that_means_nothing_stops_the_start(wrong: dict[str, str], tmp_path: Path) -> None:
    settings = {"PORTICO_BASE_URL": "http://127.0.0.1:8000", "PORTICO_DATA_DIR": str(tmp_path)}
    assert HostConfig.from_environment(settings).bff_tokens == "host"
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        HostConfig.from_environment(settings | wrong)
