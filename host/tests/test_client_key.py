"""The client's own key: what may be one, and what it signs."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from host.tests.identity_world import ISSUER, TestClock
from portico.host.config import ProviderConfig
from portico.host.config.provider import provider_config, provider_faults
from portico.host.errors import ConfigurationError
from portico.host.session.client_authentication import ClientAuthentication
from portico.host.session.client_key import ASSERTION_TYPE, ClientKey
from portico.host.session.errors import ProviderDistrusted
from portico.host.session.provider import ProviderMetadata
from portico.keys import ALGORITHMS, TokenForm, open_token, parse_key_set

EC = ECKey.generate_key("P-256", private=True, parameters={"kid": "mine"})
METADATA = ProviderMetadata(
    issuer=ISSUER,
    authorization_endpoint=f"{ISSUER}/authorize",
    token_endpoint=f"{ISSUER}/token",
    jwks_uri=f"{ISSUER}/jwks",
    token_endpoint_auth_methods_supported=("private_key_jwt",),
)


def as_json(key: ECKey | RSAKey | OKPKey | OctKey, **members: str) -> str:
    return json.dumps(key.as_dict(private=True) | members)


def short_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def client(key: str) -> ClientAuthentication:
    return ClientAuthentication(ProviderConfig(issuer=ISSUER, client_id="portico", client_key=key), clock=TestClock())


def test_an_assertion_says_who_the_client_is_to_this_provider_alone_for_a_minute() -> None:
    sent = client(as_json(EC)).credentials(METADATA)
    assert sent.headers == {}
    assert (sent.fields["client_id"], sent.fields["client_assertion_type"]) == ("portico", ASSERTION_TYPE)
    token = jwt.decode(sent.fields["client_assertion"], EC)
    assert token.header == {"alg": "ES256", "kid": "mine", "typ": "JWT"}
    now = int(TestClock()())
    assert len(token.claims.pop("jti")) >= 22
    assert token.claims == {"iss": "portico", "sub": "portico", "aud": ISSUER, "iat": now, "exp": now + 60}


def test_no_assertion_is_made_twice() -> None:
    mine = client(as_json(EC))
    assert mine.credentials(METADATA) != mine.credentials(METADATA)


@pytest.mark.parametrize(
    ("key", "offered", "algorithm"),
    [
        (as_json(EC), None, "ES256"),
        (as_json(RSAKey.generate_key(2048)), None, "PS256"),
        (as_json(RSAKey.generate_key(2048)), ("RS256", "ES256"), "RS256"),
        (as_json(RSAKey.generate_key(2048), alg="RS256"), None, "RS256"),
        (as_json(OKPKey.generate_key("Ed25519")), ("EdDSA",), "EdDSA"),
        (EC.as_pem(private=True).decode(), None, "ES256"),
        (f"\n{RSAKey.generate_key(2048).as_pem(private=True).decode()}\n", None, "PS256"),
    ],
)
def test_the_algorithm_is_one_that_key_and_provider_know(
    key: str, offered: tuple[str, ...] | None, algorithm: str
) -> None:
    metadata = ProviderMetadata(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        jwks_uri=f"{ISSUER}/jwks",
        token_endpoint_auth_methods_supported=("private_key_jwt",),
        token_endpoint_auth_signing_alg_values_supported=offered,
    )
    assertion = client(key).credentials(metadata).fields["client_assertion"]
    published = parse_key_set({"keys": [ClientKey(key).public_jwk]}, ALGORITHMS)
    opened = open_token(assertion, TokenForm(ALGORITHMS, frozenset({"jwt"})))
    assert opened.algorithm == algorithm
    assert opened.verified(published[str(opened.kid)])


@pytest.mark.parametrize(
    "key",
    [
        "secret",
        "{}",
        "{",
        "[]",
        json.dumps(EC.as_dict(private=False)),
        as_json(EC, alg="RS256"),
        as_json(OctKey.generate_key(256)),
        as_json(ECKey.generate_key("P-384")),
        short_pem(),
        as_json(OKPKey.generate_key("X25519")),
        EC.as_pem(private=False).decode(),
        EC.as_pem(private=True, password="closed").decode(),
    ],
    ids=[
        *("words", "empty", "no JSON", "a list", "public", "another algorithm", "symmetric", "P-384", "1,024 bits"),
        *("X25519", "public PEM", "encrypted PEM"),
    ],
)
@pytest.mark.filterwarnings("ignore")  # of the library, about the short key
def test_what_is_no_such_key_is_refused_without_quoting_it(key: str) -> None:
    with pytest.raises(ConfigurationError, match="OIDC_CLIENT_KEY must be a private key") as refused:
        ClientKey(key)
    assert key not in str(refused.value) or len(key) < 3


def test_the_public_key_tells_nothing_private() -> None:
    assert ClientKey(as_json(EC)).public_jwk.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert "d" not in repr(ClientKey(as_json(EC))).removeprefix("ClientKey")


def test_a_provider_that_takes_no_assertions_or_not_of_this_kind_is_refused() -> None:
    mine = client(as_json(EC))
    for methods, algorithms in ((("client_secret_basic",), None), (("private_key_jwt",), ("RS256",))):
        metadata = ProviderMetadata(
            issuer=ISSUER,
            authorization_endpoint=f"{ISSUER}/authorize",
            token_endpoint=f"{ISSUER}/token",
            jwks_uri=f"{ISSUER}/jwks",
            token_endpoint_auth_methods_supported=methods,
            token_endpoint_auth_signing_alg_values_supported=algorithms,
        )
        with pytest.raises(ProviderDistrusted):
            mine.credentials(metadata)


THREE = {"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "portico", "OIDC_CLIENT_SECRET": "s" * 32}


def test_three_settings_are_a_provider() -> None:
    assert provider_faults(THREE) == []
    config = provider_config(THREE)
    assert config is not None
    assert (config.scope, config.roles_claim, config.tenant_claim) == ("openid profile email", "roles", "tenant")
    assert "s" * 32 not in repr(config)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID is not set"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_KEY"),
        ({"OIDC_CLIENT_KEY": "k"}, "both set"),
        ({"OIDC_SCOPE": "profile"}, "OIDC_SCOPE must have the word openid"),
    ],
    ids=["no id", "no secret", "secret and key", "no openid"],
)
def test_a_setting_that_cannot_be_is_named(changes: dict[str, str], names: str) -> None:
    [fault] = provider_faults(THREE | changes)
    assert names in fault
