"""A provider's answers that must not sign anybody in, and the ones that must."""

from __future__ import annotations

import base64
import hmac
from collections.abc import AsyncIterator
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from host.tests.identity_world import CLIENT, HOST, ISSUER, TestClock, query
from host.tests.scripted_provider import ScriptedProvider, segment
from host.tests.session_world import SessionWorld, session_world

RSA = RSAKey.generate_key(2048, auto_kid=True)


class Stage:
    """The host before a provider that follows a script."""

    def __init__(self, world: SessionWorld, provider: ScriptedProvider) -> None:
        self.world = world
        self.provider = provider

    async def sign_in(self) -> httpx2.Response:
        sent = query(await self.world.authorize_url())
        self.provider.nonce = sent["nonce"]
        return await self.world.person.get(f"{HOST}/auth/callback?code=c&state={sent['state']}")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    provider = ScriptedProvider(TestClock())
    async with session_world(tmp_path, clock=provider.clock, provider=provider.app()) as world:
        yield Stage(world, provider)


def unsigned(header: dict[str, Any], claims: dict[str, Any], _key: Key) -> str:
    return f"{segment(header | {'alg': 'none'})}.{segment(claims)}."


def signature_cut_off(header: dict[str, Any], claims: dict[str, Any], key: Key) -> str:
    return jwt.encode(header, claims, key).rpartition(".")[0] + "."


def signed_by_the_public_key_as_a_secret(header: dict[str, Any], claims: dict[str, Any], key: Key) -> str:
    assert isinstance(key, ECKey)
    # By hand: the library does not take a public key for a secret.
    start = f"{segment(header | {'alg': 'HS256'})}.{segment(claims)}"
    return f"{start}.{segment(hmac.digest(key.as_pem(private=False), start.encode(), 'sha256'))}"


def signed_by_the_client_secret(header: dict[str, Any], claims: dict[str, Any], _key: Key) -> str:
    return jwt.encode(header | {"alg": "HS256"}, claims, OctKey.import_key(CLIENT.client_secret), ["HS256"])


def signed_by_another_key_under_the_same_id(header: dict[str, Any], claims: dict[str, Any], _key: Key) -> str:
    return jwt.encode(header, claims, ECKey.generate_key("P-256"))


def signed_by_a_key_that_it_brings_along(header: dict[str, Any], claims: dict[str, Any], _key: Key) -> str:
    own = ECKey.generate_key("P-256")
    return jwt.encode(header | {"jwk": own.as_dict(private=False)}, claims, own)


def changed_after_signing(header: dict[str, Any], claims: dict[str, Any], key: Key) -> str:
    first, _, last = jwt.encode(header, claims, key).split(".")
    return f"{first}.{segment(claims | {'sub': 'mallory'})}.{last}"


FORGERIES = [
    unsigned,
    signature_cut_off,
    signed_by_the_public_key_as_a_secret,
    signed_by_the_client_secret,
    signed_by_another_key_under_the_same_id,
    signed_by_a_key_that_it_brings_along,
    changed_after_signing,
]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
async def test_a_forged_id_token_signs_nobody_in(stage: Stage, forge: Any) -> None:
    stage.provider.forge = forge
    answer = await stage.sign_in()
    assert answer.status_code == 502
    assert await stage.world.who() is None


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://127.0.0.1:9100/other"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": []},
        {"aud": ["portico", "another-client"]},
        {"aud": ["portico", "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"exp": 1_800_000_000 - 31},
        {"exp": None},
        {"exp": "1900000000"},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"iat": 10**400},
        {"exp": True},
        {"iat": None},
        {"iat": 1_800_000_000 + 31},
        {"iat": 1_800_000_000 - 631},
        {"nonce": None},
        {"nonce": "of-another-attempt"},
        {"nonce": ["x"]},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"roles": {"admin": True}},
        {"roles": [1]},
        {"name": ["x"]},
    ],
    ids=str,
)
async def test_claims_that_do_not_hold_sign_nobody_in(stage: Stage, claims: dict[str, Any]) -> None:
    stage.provider.claims = claims
    stage.provider.userinfo = {"sub": "ada"}
    answer = await stage.sign_in()
    assert answer.status_code == 502
    assert await stage.world.who() is None


@pytest.mark.parametrize(
    "header",
    [{"typ": "at+jwt"}, {"typ": "logout+jwt"}, {"kid": "unknown"}, {"crit": ["exp2"], "exp2": 1}, {"alg": "ES384"}],
    ids=str,
)
async def test_headers_that_do_not_hold_sign_nobody_in(stage: Stage, header: dict[str, Any]) -> None:
    if header.get("alg") == "ES384":
        stage.provider.key = ECKey.generate_key("P-384", auto_kid=True)
    stage.provider.header = header
    assert (await stage.sign_in()).status_code == 502
    assert await stage.world.who() is None


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["portico"]},
        {"aud": ["portico", "another-client"], "azp": "portico"},
        {"exp": 1_800_000_000 - 29},
        {"iat": 1_800_000_000 + 29},
        {"at_hash": base64.urlsafe_b64encode(sha256(b"opaque").digest()[:16]).rstrip(b"=").decode()},
        {"roles": "editor"},
    ],
    ids=str,
)
async def test_claims_that_hold_sign_the_person_in(stage: Stage, claims: dict[str, Any]) -> None:
    stage.provider.claims = claims
    assert (await stage.sign_in()).status_code == 200
    assert await stage.world.who() == {"sub": "ada", "name": "Ada", "roles": ["editor"]}


@pytest.mark.parametrize(
    ("algorithm", "key", "digest"),
    [
        ("ES256", ECKey.generate_key("P-256", auto_kid=True), sha256),
        ("RS256", RSA, sha256),
        ("PS256", RSA, sha256),
        ("EdDSA", OKPKey.generate_key("Ed25519", auto_kid=True), sha512),
        ("Ed25519", OKPKey.generate_key("Ed25519", auto_kid=True), sha512),
    ],
    ids=["ES256", "RS256", "PS256", "EdDSA", "Ed25519"],
)
async def test_each_algorithm_of_the_list_signs_people_in(stage: Stage, algorithm: str, key: Key, digest: Any) -> None:
    half = digest(b"opaque").digest()[: digest().digest_size // 2]
    stage.provider.key = key
    stage.provider.header = {"alg": algorithm}
    stage.provider.claims = {"at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode()}
    assert (await stage.sign_in()).status_code == 200


@pytest.mark.parametrize("iss", ["http://evil.example", f"{ISSUER}/", ""])
async def test_an_answer_in_the_name_of_another_issuer_is_refused(stage: Stage, iss: str) -> None:
    stage.provider.metadata = {"authorization_response_iss_parameter_supported": True}
    sent = query(await stage.world.authorize_url())
    answer = await stage.world.person.get(f"{HOST}/auth/callback?code=c&state={sent['state']}&iss={iss}")
    assert answer.status_code == 502
    assert stage.world.network.count("/idp/token") == 0


async def test_an_issuer_that_says_it_names_itself_must(stage: Stage) -> None:
    stage.provider.metadata = {"authorization_response_iss_parameter_supported": True}
    assert (await stage.sign_in()).status_code == 502


@pytest.mark.parametrize(
    ("answer", "status", "expected"),
    [
        ({"error": "invalid_grant"}, 400, 403),
        ({"id_token": None}, 200, 502),
        ({"id_token": 5}, 200, 502),
        ({"access_token": None}, 200, 502),
        ({"token_type": "mac"}, 200, 502),
        ({}, 500, 503),
    ],
    ids=str,
)
async def test_a_token_answer_that_is_not_one_signs_nobody_in(
    stage: Stage, answer: dict[str, Any], status: int, expected: int
) -> None:
    stage.provider.token_answer, stage.provider.token_status = answer, status
    assert (await stage.sign_in()).status_code == expected
    assert await stage.world.who() is None


async def test_what_the_id_token_leaves_out_comes_from_userinfo(stage: Stage) -> None:
    stage.provider.claims = {"name": None, "roles": None}
    stage.provider.userinfo = {"sub": "ada", "name": "Ada L.", "roles": ["reader"], "iss": "http://evil.example"}
    assert (await stage.sign_in()).status_code == 200
    assert await stage.world.who() == {"sub": "ada", "name": "Ada L.", "roles": ["reader"]}


async def test_userinfo_about_somebody_else_signs_nobody_in(stage: Stage) -> None:
    stage.provider.claims = {"roles": None}
    stage.provider.userinfo = {"sub": "mallory", "roles": ["admin"]}
    assert (await stage.sign_in()).status_code == 502
    assert await stage.world.who() is None


async def test_a_secret_goes_by_form_where_the_provider_wants_it_so(stage: Stage) -> None:
    stage.provider.metadata = {"token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post"]}
    assert (await stage.sign_in()).status_code == 200
    assert stage.provider.redeemed["client_secret"] == CLIENT.client_secret
    assert stage.provider.redeemed_with is None
    assert stage.provider.redeemed["redirect_uri"] == f"{HOST}/auth/callback"


async def test_a_provider_that_takes_no_secret_is_refused(stage: Stage) -> None:
    stage.provider.metadata = {"token_endpoint_auth_methods_supported": ["none"]}
    answer = await stage.world.person.get(f"{HOST}/auth/sign-in")
    assert answer.status_code == 502
