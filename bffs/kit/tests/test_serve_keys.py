"""A BFF in a process of its own, whose issuer publishes weak keys too, and a crowd that guesses key ids."""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc.jwk import ECKey
from joserfc.util import int_to_base64, urlsafe_b64encode

from bffs.kit.tests.bff_process import serving
from bffs.kit.tests.jwks_server import jwks_server
from portico.bff.testing.tokens import TokenIssuer

GUESSES = 300
PATIENCE_S = 60.0
"""Until the last of all guesses, which wait for each other, has its answer."""


def rsa_public(key: rsa.RSAPrivateKey, kid: str, **more: Any) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": kid, "n": int_to_base64(numbers.n), "e": int_to_base64(numbers.e), **more}


def rsa_token(issuer: TokenIssuer, key: rsa.RSAPrivateKey, kid: str) -> str:
    """A token with a good RS256 signature: by hand, for joserfc refuses to sign with a weak key."""
    parts = [issuer.header(alg="RS256", kid=kid), issuer.claims()]
    signed = b".".join(urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
    signature = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return (signed + b"." + urlsafe_b64encode(signature)).decode()


async def ask(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/notes", headers={"Authorization": f"Bearer {token}"})


async def test_weak_keys_and_a_flood_of_guessed_ids(token_issuer: TokenIssuer, bff_settings: dict[str, str]) -> None:
    """Good keys of the same set go on working, and the issuer sees two requests at most."""
    short, exponent, strong = (
        rsa.generate_private_key(65537, 1024),
        rsa.generate_private_key(3, 2048),
        rsa.generate_private_key(65537, 2048),
    )
    other = ECKey.generate_key("P-256")
    keys = [
        token_issuer.jwk(),
        rsa_public(short, "short"),
        rsa_public(exponent, "exponent"),
        rsa_public(strong, "to-encrypt", use="enc"),
        rsa_public(strong, "for-pss", alg="PS256"),
        rsa_public(strong, "strong"),
        {**other.as_dict(private=False), "kid": "to-derive", "key_ops": ["deriveBits"]},
    ]
    refused = [
        rsa_token(token_issuer, short, "short"),
        rsa_token(token_issuer, exponent, "exponent"),
        rsa_token(token_issuer, strong, "to-encrypt"),
        rsa_token(token_issuer, strong, "for-pss"),
        token_issuer.sign(token_issuer.header(kid="to-derive"), token_issuer.claims(), key=other),
    ]
    with jwks_server(lambda: json.dumps({"keys": keys}).encode()) as published:
        settings = {"PORTICO_JWKS_URL": published.url, "PORTICO_TOKEN_ALGORITHMS": "ES256,RS256,PS256"}
        async with (
            serving({**os.environ, **bff_settings, **settings}) as (_, address),
            httpx.AsyncClient(base_url=address, trust_env=False, timeout=PATIENCE_S) as client,
        ):
            begun = time.monotonic()
            assert (await ask(client, token_issuer.token())).status_code == 200
            assert (await ask(client, rsa_token(token_issuer, strong, "strong"))).status_code == 200
            assert [(await ask(client, token)).status_code for token in refused] == [401] * len(refused)
            guesses = (
                token_issuer.sign(token_issuer.header(kid=f"guess-{n}"), token_issuer.claims()) for n in range(GUESSES)
            )
            answers = await asyncio.gather(*(ask(client, guess) for guess in guesses))
            assert {answer.status_code for answer in answers} == {401}
            assert (await ask(client, token_issuer.token("grace"))).status_code == 200
            minutes = 1 + (time.monotonic() - begun) // 60
    assert len(published.asked_at) <= 2 * minutes


async def test_a_set_with_a_secret_in_it_is_not_used_at_all(
    token_issuer: TokenIssuer, bff_settings: dict[str, str]
) -> None:
    """It is an outage to whoever asks: 503, never a token taken by a key of such a set."""
    keys = [token_issuer.jwk(), {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}]
    with jwks_server(lambda: json.dumps({"keys": keys}).encode()) as published:
        async with (
            serving({**os.environ, **bff_settings, "PORTICO_JWKS_URL": published.url}) as (_, address),
            httpx.AsyncClient(base_url=address, trust_env=False) as client,
        ):
            answer = await ask(client, token_issuer.token())
            assert answer.status_code == 503
            assert answer.json()["type"] == "https://portico.dev/problems/keys-unavailable"
            assert answer.headers["retry-after"]
