"""The provider's metadata and keys: found, kept for a while, never trusted blindly."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey
from starlette.applications import Starlette

from host.tests.identity_world import ISSUER, Network, TestClock
from host.tests.scripted_provider import ScriptedProvider
from host.tests.session_world import PROVIDER_ORIGIN
from portico.host.session.errors import ProviderDistrusted, ProviderUnreachable
from portico.host.session.provider import Provider, ProviderHttp

DISCOVERY = "/idp/.well-known/openid-configuration"


class Stage:
    def __init__(self) -> None:
        self.clock = TestClock()
        self.script = ScriptedProvider(self.clock)
        self.network = Network({PROVIDER_ORIGIN: self.script.app()})
        self.provider = Provider(ISSUER, http=ProviderHttp(ISSUER, self.network), clock=self.clock)


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_metadata_is_asked_for_once_an_hour(stage: Stage) -> None:
    for _ in range(3):
        assert (await stage.provider.metadata()).token_endpoint == f"{ISSUER}/token"
    stage.clock.now += 3599
    await stage.provider.metadata()
    assert stage.network.count(DISCOVERY) == 1
    stage.clock.now += 1
    await stage.provider.metadata()
    assert stage.network.count(DISCOVERY) == 2


async def test_many_people_at_once_cost_one_request_also_when_it_fails(stage: Stage) -> None:
    await asyncio.gather(*(stage.provider.metadata() for _ in range(50)))
    assert stage.network.count(DISCOVERY) == 1
    stage.clock.now += 3600
    stage.network.down.add(PROVIDER_ORIGIN)
    results = await asyncio.gather(*(stage.provider.metadata() for _ in range(50)), return_exceptions=True)
    assert {type(result) for result in results} == {ProviderUnreachable}
    assert stage.network.count(DISCOVERY) == 2


async def test_one_who_gives_up_leaves_the_request_to_the_others(stage: Stage) -> None:
    first, second = (asyncio.create_task(stage.provider.metadata()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).issuer == ISSUER


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "http://127.0.0.1:9100/another"},
        {"issuer": f"{ISSUER}/"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://idp.example/token"},
        {"jwks_uri": "http://192.168.1.1/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"end_session_endpoint": "http://evil.example/"},
        {"userinfo_endpoint": 7},
    ],
    ids=str,
)
async def test_metadata_that_does_not_hold_is_refused(stage: Stage, metadata: dict[str, Any]) -> None:
    stage.script.metadata = metadata
    with pytest.raises(ProviderDistrusted):
        await stage.provider.metadata()


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(302, headers={"location": "http://127.0.0.1:9100/x"}),
        httpx2.Response(404),
        httpx2.Response(200, content=b"<html>"),
        httpx2.Response(200, content=b"[]"),
        httpx2.Response(200, content=b" " * 600_000),
    ],
    ids=["redirect", "missing", "html", "array", "large"],
)
async def test_an_answer_that_is_no_document_counts_as_none(answer: httpx2.Response) -> None:
    http = ProviderHttp(ISSUER, httpx2.MockTransport(lambda _request: answer))
    with pytest.raises(ProviderUnreachable):
        await Provider(ISSUER, http=http, clock=TestClock()).metadata()


_TYPES = frozenset({"jwt"})


async def test_keys_are_asked_for_every_ten_minutes_so_a_withdrawn_one_stops_working(stage: Stage) -> None:
    old = stage.script.id_token()
    await stage.provider.keys.signed_claims(old, types=_TYPES)
    stage.script.key = ECKey.generate_key("P-256", auto_kid=True)
    stage.clock.now += 599
    await stage.provider.keys.signed_claims(old, types=_TYPES)
    stage.clock.now += 1
    with pytest.raises(ProviderDistrusted):
        await stage.provider.keys.signed_claims(old, types=_TYPES)


async def test_a_withdrawn_key_stops_working_also_when_the_provider_cannot_be_asked(stage: Stage) -> None:
    old = stage.script.id_token()
    await stage.provider.keys.signed_claims(old, types=_TYPES)
    stage.network.add(PROVIDER_ORIGIN, Starlette())
    stage.clock.now += 600
    with pytest.raises(ProviderUnreachable):
        await stage.provider.keys.signed_claims(old, types=_TYPES)


async def test_a_new_key_is_fetched_as_soon_as_something_is_signed_with_it(stage: Stage) -> None:
    await stage.provider.keys.signed_claims(stage.script.id_token(), types=_TYPES)
    stage.script.key = ECKey.generate_key("P-256", auto_kid=True)
    claims, algorithm = await stage.provider.keys.signed_claims(stage.script.id_token(), types=_TYPES)
    assert (claims["sub"], algorithm) == ("ada", "ES256")


async def test_a_flood_of_unknown_key_ids_asks_the_provider_twice_a_minute(stage: Stage) -> None:
    for number in range(600):
        stage.script.header = {"kid": f"unknown-{number}"}
        with pytest.raises(ProviderDistrusted):
            await stage.provider.keys.signed_claims(stage.script.id_token(), types=_TYPES)
        stage.clock.now += 0.1
    assert stage.network.count("/idp/jwks") == 2


@pytest.mark.parametrize(
    "jwks",
    [
        {"keys": None},
        {"keys": ["not a key"]},
        {"keys": [{"kty": "oct", "k": "AAAA"}]},
        {"keys": [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)] * 2},
        {"keys": [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True)]},
    ],
    ids=["no set", "no object", "symmetric", "a key id twice", "private"],
)
async def test_a_dangerous_key_set_is_distrusted(jwks: dict[str, Any], stage: Stage) -> None:
    stage.script.jwks = jwks
    with pytest.raises(ProviderDistrusted):
        await stage.provider.keys.signed_claims(stage.script.id_token(), types=_TYPES)


async def test_keys_that_cannot_be_had_are_told_from_keys_that_are_not_trusted(stage: Stage) -> None:
    await stage.provider.metadata()
    token = stage.script.id_token()
    stage.script.metadata = {"jwks_uri": f"{ISSUER}/nowhere"}
    stage.clock.now += 3600
    with pytest.raises(ProviderUnreachable, match="404"):
        await stage.provider.keys.signed_claims(token, types=_TYPES)


async def test_without_a_key_id_there_must_be_no_choice(stage: Stage) -> None:
    stage.script.header = {"kid": None}
    claims, _ = await stage.provider.keys.signed_claims(stage.script.id_token(), types=_TYPES)
    assert claims["sub"] == "ada"
    stage.script.jwks = {
        "keys": [stage.script.key.as_dict(private=False), ECKey.generate_key("P-256").as_dict(private=False)]
    }
    stage.clock.now += 600
    with pytest.raises(ProviderDistrusted, match="no single key"):
        await stage.provider.keys.signed_claims(stage.script.id_token(), types=_TYPES)
