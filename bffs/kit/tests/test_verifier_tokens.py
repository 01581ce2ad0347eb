"""Which tokens the verifier takes, and which not, in this process."""

from __future__ import annotations

import asyncio
import json
import string
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, RSAKey

from bffs.kit.tests.token_attacks import ATTACKS
from portico.bff.errors import DeclarationError, KeysUnavailable, TokenRefused
from portico.bff.testing.tokens import TokenIssuer
from portico.bff.verifier import TokenPolicy, TokenVerifier
from portico.keys import JwksKeys
from portico.keys import KeysUnavailable as NoKeys


class Clock:
    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> TokenIssuer:
    return TokenIssuer(now=clock)


@pytest.fixture
def verifier(issuer: TokenIssuer, clock: Clock) -> TokenVerifier:
    return TokenVerifier(policy_of(issuer), issuer.keys(), now=clock)


def policy_of(issuer: TokenIssuer, **changes: Any) -> TokenPolicy:
    return TokenPolicy(**{"issuers": frozenset({issuer.issuer}), "audience": issuer.audience, **changes})


async def test_a_good_token_becomes_claims(verifier: TokenVerifier, issuer: TokenIssuer) -> None:
    claims = await verifier.verify(issuer.token("ada", roles=("cook",), scope="bff special", tenant="t1"))
    assert (claims.sub, claims.client_id, claims.name, claims.tenant) == ("ada", "portico", "Ada", "t1")
    assert claims.roles == {"cook"}
    assert claims.scopes == {"bff", "special"}
    assert claims.expires_at - claims.issued_at == 300


async def test_what_else_a_token_says_in_texts_is_held(verifier: TokenVerifier, issuer: TokenIssuer) -> None:
    said: dict[str, Any] = {
        "shops": ["north", "south"],
        "place": "here",
        "none": [],
        "mixed": ["a", 1],
        "deep": {"a": "b"},
        "n": 1,
    }
    held = dict((await verifier.verify(issuer.token("ada", **said))).held)
    assert held.pop("name") == {"Ada"}
    assert held == {"shops": {"north", "south"}, "place": {"here"}, "none": frozenset(), "roles": frozenset()}


@pytest.mark.parametrize("name", ATTACKS)
async def test_a_forged_token_is_refused(name: str, verifier: TokenVerifier, issuer: TokenIssuer) -> None:
    with pytest.raises(TokenRefused) as refusal:
        await verifier.verify(ATTACKS[name](issuer))
    assert str(refusal.value).isascii()
    assert '"' not in str(refusal.value)


GOOD: dict[str, Callable[[TokenIssuer], str]] = {
    "typ with its prefix": lambda issuer: issuer.sign(issuer.header(typ="application/at+jwt"), issuer.claims()),
    "typ in capitals": lambda issuer: issuer.sign(issuer.header(typ="AT+JWT"), issuer.claims()),
    "several audiences": lambda issuer: issuer.token(aud=["urn:portico:bff:other", issuer.audience]),
    "expired within the leeway": lambda issuer: issuer.token(exp=int(issuer.now()) - 29),
    "issued by a clock that is ahead": lambda issuer: issuer.token(iat=int(issuer.now()) + 29, nbf=None),
    "fractional times": lambda issuer: issuer.token(exp=issuer.now() + 10.5),
    "no roles, scope or name": lambda issuer: issuer.token(roles2=[], scope=None, name=None, jti=None),
    "signed by the tests' own hand": lambda issuer: issuer.sign_text(
        json.dumps(issuer.header()).encode(), json.dumps(issuer.claims()).encode()
    ),
    "a jku that nobody looks at": lambda issuer: issuer.sign(
        issuer.header(jku="http://127.0.0.1:9/eve.json", extra=1), issuer.claims()
    ),
}


@pytest.mark.parametrize("name", GOOD)
async def test_an_unusual_but_good_token_is_taken(name: str, verifier: TokenVerifier, issuer: TokenIssuer) -> None:
    assert (await verifier.verify(GOOD[name](issuer))).sub == "ada"


async def test_a_remembered_token_still_expires(verifier: TokenVerifier, issuer: TokenIssuer, clock: Clock) -> None:
    token = issuer.token()
    await verifier.verify(token)
    assert verifier.recall(token) is not None
    clock.now += 329
    assert verifier.recall(token) is not None
    clock.now += 1
    with pytest.raises(TokenRefused, match="expired"):
        await verifier.verify(token)


async def test_a_remembered_token_dies_with_its_key(issuer: TokenIssuer, clock: Clock) -> None:
    monotonic = Clock(0)
    keys = JwksKeys(issuer.fetch, frozenset({"ES256"}), clock=monotonic)
    verifier = TokenVerifier(policy_of(issuer), keys, now=clock)
    token = issuer.token(exp=int(clock.now) + 9000)
    await verifier.verify(token)
    issuer.key = ECKey.generate_key("P-256")
    issuer.kid = "test-key-2"
    monotonic.now += 601
    with pytest.raises(TokenRefused, match="key is not known"):
        await verifier.verify(token)


async def test_a_remembered_token_outlives_a_refresh_that_keeps_its_key(issuer: TokenIssuer, clock: Clock) -> None:
    monotonic = Clock(0)
    keys = JwksKeys(issuer.fetch, frozenset({"ES256"}), clock=monotonic)
    verifier = TokenVerifier(policy_of(issuer), keys, now=clock)
    token = issuer.token()
    await verifier.verify(token)
    monotonic.now += 601
    await keys.find(issuer.kid)
    assert verifier.recall(token) is not None


async def test_the_memory_is_bounded_and_forgets_the_least_used(issuer: TokenIssuer, clock: Clock) -> None:
    verifier = TokenVerifier(policy_of(issuer), issuer.keys(), now=clock, cache_size=2)
    first, second, third = (issuer.token(jti=str(number)) for number in range(3))
    await verifier.verify(first)
    await verifier.verify(second)
    verifier.recall(first)
    await verifier.verify(third)
    assert verifier.recall(second) is None
    assert verifier.recall(first) is not None
    assert verifier.recall(third) is not None


async def test_a_refused_token_is_not_remembered(verifier: TokenVerifier, issuer: TokenIssuer) -> None:
    token = ATTACKS["another key under the known kid"](issuer)
    with pytest.raises(TokenRefused):
        await verifier.verify(token)
    assert verifier.recall(token) is None


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("ES384", ECKey.generate_key("P-384")),
        ("ES512", ECKey.generate_key("P-521")),
        ("RS256", RSAKey.generate_key(2048)),
        ("PS256", RSAKey.generate_key(2048)),
    ],
)
async def test_other_algorithms_are_taken_when_they_are_configured(
    alg: str, key: ECKey | RSAKey, issuer: TokenIssuer, clock: Clock
) -> None:
    async def fetch() -> bytes:
        return msgspec.json.encode({"keys": [{**key.as_dict(private=False), "kid": "k", "alg": alg}]})

    algorithms = frozenset({"ES256", alg})
    verifier = TokenVerifier(policy_of(issuer, algorithms=algorithms), JwksKeys(fetch, algorithms), now=clock)
    token = issuer.sign(issuer.header(alg=alg, kid="k"), issuer.claims(), key=key)
    assert (await verifier.verify(token)).sub == "ada"


async def test_an_algorithm_that_the_key_is_not_for_is_refused(issuer: TokenIssuer, clock: Clock) -> None:
    key = RSAKey.generate_key(2048)

    async def fetch() -> bytes:
        return msgspec.json.encode({"keys": [{**key.as_dict(private=False), "kid": "k", "alg": "PS256"}]})

    algorithms = frozenset({"RS256", "PS256"})
    verifier = TokenVerifier(policy_of(issuer, algorithms=algorithms), JwksKeys(fetch, algorithms), now=clock)
    with pytest.raises(TokenRefused):
        await verifier.verify(issuer.sign(issuer.header(alg="RS256", kid="k"), issuer.claims(), key=key))


async def test_without_keys_nobody_is_judged(issuer: TokenIssuer, clock: Clock) -> None:
    async def fetch() -> bytes:
        raise NoKeys("no")

    verifier = TokenVerifier(policy_of(issuer), JwksKeys(fetch, frozenset({"ES256"})), now=clock)
    with pytest.raises(KeysUnavailable):
        await verifier.verify(issuer.token())


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithms": frozenset({"HS256"})},
        {"algorithms": frozenset({"ES256", "none"})},
        {"algorithms": frozenset()},
        {"issuers": frozenset()},
        {"issuers": frozenset({""})},
        {"audience": ""},
    ],
)
def test_a_policy_that_would_let_anything_in_is_refused(changes: dict[str, Any], issuer: TokenIssuer) -> None:
    with pytest.raises(DeclarationError):
        policy_of(issuer, **changes)


@settings(max_examples=200, deadline=None)
@given(position=st.integers(0, 10_000), replacement=st.sampled_from(string.ascii_letters + string.digits + "-_.=+/ ~"))
def test_a_token_with_any_character_changed_is_refused(position: int, replacement: str) -> None:
    issuer = TokenIssuer(now=Clock())
    token = issuer.token()
    position %= len(token)
    assume(token[position] != replacement)
    forged = token[:position] + replacement + token[position + 1 :]
    verifier = TokenVerifier(policy_of(issuer), issuer.keys(), now=issuer.now)
    with pytest.raises(TokenRefused):
        asyncio.run(verifier.verify(forged))


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_refused_and_never_an_error(text: str) -> None:
    issuer = TokenIssuer(now=Clock())
    verifier = TokenVerifier(policy_of(issuer), issuer.keys(), now=issuer.now)
    with pytest.raises(TokenRefused):
        asyncio.run(verifier.verify(text))
