"""The provider's metadata and keys: found, kept for a while, never trusted blindly."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from host.tests.identity_world import ISSUER, Network, TestClock
from host.tests.scripted_provider import ScriptedProvider
from host.tests.session_world import PROVIDER_ORIGIN
from portico.host.session.errors import ProviderDistrusted, ProviderUnreachable
from portico.host.session.keys import key_for, verification_keys
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


async def test_keys_are_asked_for_every_ten_minutes_so_a_withdrawn_one_stops_working(stage: Stage) -> None:
    old = stage.script.key.kid
    assert [key.kid for key in await stage.provider.keys_for(old)] == [old]
    stage.script.key = ECKey.generate_key("P-256", auto_kid=True)
    stage.clock.now += 599
    assert [key.kid for key in await stage.provider.keys_for(old)] == [old]
    stage.clock.now += 1
    assert [key.kid for key in await stage.provider.keys_for(old)] == [stage.script.key.kid]


async def test_a_new_key_is_fetched_as_soon_as_something_is_signed_with_it(stage: Stage) -> None:
    await stage.provider.keys_for(stage.script.key.kid)
    stage.script.key = ECKey.generate_key("P-256", auto_kid=True)
    stage.clock.now += 30
    assert [key.kid for key in await stage.provider.keys_for(stage.script.key.kid)] == [stage.script.key.kid]


async def test_a_flood_of_unknown_key_ids_asks_the_provider_twice_a_minute(stage: Stage) -> None:
    for number in range(600):
        await stage.provider.keys_for(f"unknown-{number}")
        stage.clock.now += 0.1
    assert stage.network.count("/idp/jwks") == 2


EC = ECKey.generate_key("P-256", auto_kid=True)


@pytest.mark.parametrize(
    "entry",
    [
        OctKey.generate_key(256).as_dict(),
        {"kty": "RSA", "n": "s" * 171, "e": "AQAB"},  # 1,024 bits
        ECKey.generate_key("P-384").as_dict(private=False),
        ECKey.generate_key("secp256k1").as_dict(private=False),
        OKPKey.generate_key("X25519").as_dict(private=False),
        EC.as_dict(private=False, use="enc"),
        EC.as_dict(private=False, key_ops=["sign"]),
        EC.as_dict(private=False, alg="ES384"),
        EC.as_dict(private=False) | {"x": "AAAA"},
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
        {"kty": "EC"},
        {"kty": "RSA", "n": 5, "e": "AQAB"},
        {"kty": "RSA", "n": "%", "e": "AQAB"},
        "not a key",
    ],
    ids=[
        *("symmetric", "1,024 bits", "P-384", "secp256k1", "X25519", "to encrypt", "to sign", "another algorithm"),
        *("off the curve", "unknown type", "empty", "number for text", "no base64url", "no object"),
    ],
)
def test_a_key_that_is_weak_or_meant_for_something_else_is_left_out(entry: Any) -> None:
    good = RSAKey.generate_key(2048, auto_kid=True)
    keys = verification_keys({"keys": [entry, good.as_dict(private=False)]})
    assert [key.kid for key in keys] == [good.kid]


@pytest.mark.parametrize(
    "jwks", [{}, {"keys": None}, {"keys": []}, {"keys": [{"kty": "oct", "k": "AAAA"}]}, {"keys": [EC.as_dict()] * 2}]
)
def test_a_set_without_a_usable_key_or_with_a_key_id_twice_is_refused(jwks: dict[str, Any]) -> None:
    with pytest.raises(ProviderDistrusted):
        verification_keys(jwks)


def test_without_a_key_id_there_must_be_no_choice() -> None:
    pair = [ECKey.generate_key("P-256").as_dict(private=False) for _ in range(2)]
    for entry in pair:
        entry.pop("kid", None)
    assert key_for(verification_keys({"keys": pair[:1]}), None, "ES256").as_dict(private=False) == pair[0]
    with pytest.raises(ProviderDistrusted):
        key_for(verification_keys({"keys": pair}), None, "ES256")


def test_a_key_serves_its_own_algorithm_alone() -> None:
    keys = verification_keys({"keys": [RSAKey.generate_key(2048, parameters={"kid": "r", "alg": "RS256"}).as_dict()]})
    assert key_for(keys, "r", "RS256").kid == "r"
    for algorithm in ("PS256", "ES256"):
        with pytest.raises(ProviderDistrusted):
            key_for(keys, "r", algorithm)
