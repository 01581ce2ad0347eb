"""The provider's token endpoint: codes, refresh tokens, `/userinfo`."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from joserfc import jws

from host.tests.identity_world import CLIENT, ISSUER, OTHER_CLIENT, Attempt, ProviderWorld, provider_world, refreshing
from portico.host.tokens import HostKeys


@pytest.fixture
async def world() -> AsyncIterator[ProviderWorld]:
    async with provider_world() as world:
        yield world


def basic(client_id: str, secret: str) -> str:
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


async def test_a_code_becomes_tokens_that_say_who_it_is(world: ProviderWorld) -> None:
    attempt = Attempt()
    answer = await world.redeem(attempt.redemption(await world.code(attempt)))
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 300, "openid profile email")
    claims = world.claims(tokens["id_token"])
    digest = sha256(tokens["access_token"].encode()).digest()[:16]
    assert len(claims.pop("sid")) >= 16
    assert claims == {
        "iss": ISSUER,
        "aud": "portico",
        "sub": "ada",
        "name": "Ada Lovelace",
        "email": "ada@people.example",
        "email_verified": True,
        "roles": ["editor", "reader"],
        "iat": 1_800_000_000,
        "exp": 1_800_000_300,
        "auth_time": 1_800_000_000,
        "nonce": "a nonce",
        "at_hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    }


async def test_the_access_token_is_an_at_jwt(world: ProviderWorld) -> None:
    token = (await world.tokens())["access_token"]
    assert jws.extract_compact(token.encode()).headers()["typ"] == "at+jwt"


async def test_a_client_may_authenticate_by_basic_with_encoded_credentials(world: ProviderWorld) -> None:
    attempt = Attempt()
    form = attempt.redemption(await world.code(attempt))
    del form["client_id"], form["client_secret"]
    answer = await world.redeem(form, authorization=basic(CLIENT.client_id, CLIENT.client_secret))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changes", "headers"),
    [
        ({"client_secret": "wrong"}, {}),
        ({"client_secret": ""}, {}),
        ({"client_id": "unknown"}, {}),
        ({}, {"authorization": basic(CLIENT.client_id, CLIENT.client_secret)}),
        ({"client_secret": ""}, {"authorization": "Basic !!!"}),
        ({"client_secret": ""}, {"authorization": basic(CLIENT.client_id, "wrong")}),
    ],
    ids=str,
)
async def test_a_client_that_does_not_authenticate_in_exactly_one_way_gets_nothing(
    world: ProviderWorld, changes: dict[str, str], headers: dict[str, str]
) -> None:
    attempt = Attempt()
    answer = await world.redeem(attempt.redemption(await world.code(attempt)) | changes, **headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "another-verifier-another-verifier-another-ver"},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:8000/elsewhere"},
        {"redirect_uri": ""},
        {"client_id": OTHER_CLIENT.client_id, "client_secret": OTHER_CLIENT.client_secret},
    ],
    ids=str,
)
async def test_a_code_is_bound_to_its_client_redirect_and_verifier_and_spent_by_a_wrong_try(
    world: ProviderWorld, changes: dict[str, str]
) -> None:
    attempt = Attempt()
    right = attempt.redemption(await world.code(attempt))
    wrong = await world.redeem(right | changes)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    assert (await world.redeem(right)).json()["error"] == "invalid_grant"


async def test_a_code_lives_for_a_minute(world: ProviderWorld) -> None:
    attempts = [Attempt(), Attempt(changes={"prompt": "login"})]
    forms = [attempt.redemption(await world.code(attempt)) for attempt in attempts]
    world.clock.now += 59
    assert (await world.redeem(forms[0])).status_code == 200
    world.clock.now += 1
    assert (await world.redeem(forms[1])).json()["error"] == "invalid_grant"


async def test_a_replayed_code_is_refused_and_ends_what_it_has_given_out(world: ProviderWorld) -> None:
    attempt = Attempt()
    form = attempt.redemption(await world.code(attempt))
    tokens = (await world.redeem(form)).json()
    assert (await world.redeem(form)).json()["error"] == "invalid_grant"
    assert (await world.redeem(refreshing(tokens["refresh_token"]))).json()["error"] == "invalid_grant"


async def test_a_refresh_token_is_exchanged_for_the_next(world: ProviderWorld) -> None:
    first = await world.tokens()
    world.clock.now += 3600
    second = (await world.redeem(refreshing(first["refresh_token"]))).json()
    third = (await world.redeem(refreshing(second["refresh_token"]))).json()
    assert len({tokens["refresh_token"] for tokens in (first, second, third)}) == 3
    before, after = world.claims(first["id_token"]), world.claims(third["id_token"])
    assert after["iat"] == before["iat"] + 3600
    kept = ("sub", "sid", "auth_time", "aud")
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert "nonce" not in after


async def test_a_used_refresh_token_coming_back_ends_the_family(world: ProviderWorld) -> None:
    first = await world.tokens()
    second = (await world.redeem(refreshing(first["refresh_token"]))).json()
    assert (await world.redeem(refreshing(first["refresh_token"]))).json()["error"] == "invalid_grant"
    assert (await world.redeem(refreshing(second["refresh_token"]))).json()["error"] == "invalid_grant"


async def test_another_client_can_neither_use_nor_end_a_refresh_token(world: ProviderWorld) -> None:
    token = (await world.tokens())["refresh_token"]
    other = {"client_id": OTHER_CLIENT.client_id, "client_secret": OTHER_CLIENT.client_secret}
    assert (await world.redeem(refreshing(token) | other)).json()["error"] == "invalid_grant"
    assert (await world.redeem(refreshing(token))).status_code == 200


async def test_a_refresh_token_expires(world: ProviderWorld) -> None:
    token = (await world.tokens())["refresh_token"]
    world.clock.now += 14 * 86_400
    assert (await world.redeem(refreshing(token))).json()["error"] == "invalid_grant"


async def test_refresh_tokens_and_keys_survive_a_restart(tmp_path: Path) -> None:
    async with provider_world(tmp_path, HostKeys.open(tmp_path / "keys.json")) as world:
        tokens = await world.tokens()
    async with provider_world(tmp_path, HostKeys.open(tmp_path / "keys.json")) as world:
        assert world.claims(tokens["id_token"])["sub"] == "ada"
        assert (await world.redeem(refreshing(tokens["refresh_token"]))).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": ""}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "a.b"}, "invalid_grant"),
    ],
    ids=str,
)
async def test_other_grants_are_refused(world: ProviderWorld, form: dict[str, str], error: str) -> None:
    client = {"client_id": CLIENT.client_id, "client_secret": CLIENT.client_secret}
    answer = await world.redeem(form | client)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("body", [b'{"grant_type": "x"}', b"a=1&a=2", b"a=%ff", b"x" * 70_000], ids=len)
async def test_a_malformed_token_request_is_answered_in_json(world: ProviderWorld, body: bytes) -> None:
    kind = "application/json" if body[:1] == b"{" else "application/x-www-form-urlencoded"
    answer = await world.person.post(f"{ISSUER}/token", content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def userinfo(world: ProviderWorld, authorization: str) -> Any:
    return await world.person.get(f"{ISSUER}/userinfo", headers={"authorization": authorization})


async def test_userinfo_says_who_a_live_access_token_is_about(world: ProviderWorld) -> None:
    token = (await world.tokens("ben"))["access_token"]
    answer = await userinfo(world, f"Bearer {token}")
    assert answer.json() == {"sub": "ben", "name": "Ben", "roles": [], "tenant": "north"}


async def test_userinfo_takes_nothing_but_a_live_access_token(world: ProviderWorld) -> None:
    tokens = await world.tokens()
    for header in ("", "Bearer", f"Bearer {tokens['id_token']}", f"Basic {tokens['access_token']}", "Bearer a.b.c"):
        assert (await userinfo(world, header)).status_code == 401
    world.clock.now += 300
    refused = await userinfo(world, f"Bearer {tokens['access_token']}")
    assert refused.status_code == 401
    assert "invalid_token" in refused.headers["www-authenticate"]
