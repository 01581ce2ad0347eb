"""Tokens that must be refused, each with the reason it is dangerous in its name; used in-process and over HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

from joserfc.jwk import ECKey, RSAKey

from portico.bff.testing.tokens import TokenIssuer

Forge = Callable[[TokenIssuer], str]


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unsigned(alg: str, signature: str = "") -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        header, claims = issuer.header(alg=alg), issuer.claims()
        return f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(claims).encode())}.{signature}"

    return forge


def _claims(**changes: object) -> Forge:
    return lambda issuer: issuer.token(**changes)  # type: ignore[arg-type]


def _header(**changes: object) -> Forge:
    return lambda issuer: issuer.sign(issuer.header(**changes), issuer.claims())


def _times(**offsets: int) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        now = int(issuer.now())
        times = {name: now + offset for name, offset in offsets.items()}
        return issuer.sign(issuer.header(), issuer.claims() | times)

    return forge


def _hmac_with(secret: Callable[[TokenIssuer], bytes]) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        # By hand: joserfc refuses a PEM as an HMAC key, as it should; an attacker's tool does not.
        header, claims = issuer.header(alg="HS256"), issuer.claims()
        signing_input = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(claims).encode())}"
        digest = hmac.new(secret(issuer), signing_input.encode(), hashlib.sha256).digest()
        return f"{signing_input}.{_b64(digest)}"

    return forge


def _by_attacker(**header: object) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        attacker = ECKey.generate_key("P-256")
        extra = {name: attacker.as_dict(private=False) if value == "JWK" else value for name, value in header.items()}
        return issuer.sign(issuer.header(**extra), issuer.claims("eve"), key=attacker)

    return forge


def _payload(text: str) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        known = json.dumps(issuer.claims())[1:-1]
        return issuer.sign_text(json.dumps(issuer.header()).encode(), text.replace("CLAIMS", known).encode())

    return forge


def _times_text(member: str) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        known = json.dumps(issuer.claims(exp=None))[1:-1]
        return issuer.sign_text(json.dumps(issuer.header()).encode(), f"{{{known}, {member}}}".encode())

    return forge


def _header_text(text: str) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        known = json.dumps(issuer.header())[1:-1]
        return issuer.sign_text(text.replace("HEADER", known).encode(), json.dumps(issuer.claims()).encode())

    return forge


def _edited(edit: Callable[[str, str, str], str]) -> Forge:
    return lambda issuer: edit(*issuer.token().split("."))


def _other_sub(header: str, payload: str, signature: str) -> str:
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{header}.{_b64(json.dumps(claims | {'sub': 'eve'}).encode())}.{signature}"


def _der_signature(header: str, payload: str, signature: str) -> str:
    raw = base64.urlsafe_b64decode(signature + "==")
    numbers = [b"\x02" + bytes([33]) + b"\x00" + part for part in (raw[:32], raw[32:])]
    return f"{header}.{payload}.{_b64(b'0' + bytes([70]) + numbers[0] + numbers[1])}"


def _rsa_signed(issuer: TokenIssuer) -> str:
    return issuer.sign(issuer.header(alg="RS256"), issuer.claims(), key=RSAKey.generate_key(2048))


def _p384_signed(issuer: TokenIssuer) -> str:
    return issuer.sign(issuer.header(alg="ES384"), issuer.claims(), key=ECKey.generate_key("P-384"))


ATTACKS: dict[str, Forge] = {
    "alg none without a signature": _unsigned("none"),
    "alg none with a signature": _unsigned("none", "AAAA"),
    "alg None in another case": _unsigned("NoNe"),
    "HMAC with the public key as PEM": _hmac_with(lambda issuer: issuer.key.as_pem(private=False)),
    "HMAC with the public key as JWK": _hmac_with(lambda issuer: json.dumps(issuer.jwk()).encode()),
    "HMAC with an empty secret": _hmac_with(lambda issuer: b""),
    "another key under the known kid": _by_attacker(),
    "embedded jwk under the known kid": _by_attacker(jwk="JWK"),
    "embedded jwk under a kid of its own": _by_attacker(jwk="JWK", kid="eve"),
    "embedded jwk without a kid": _by_attacker(jwk="JWK", kid=None),
    "jku of the attacker": _by_attacker(jku="http://127.0.0.1:9/eve.json", kid="eve"),
    "x5u of the attacker": _by_attacker(x5u="http://127.0.0.1:9/eve.pem", kid="eve"),
    "x5c of the attacker": _by_attacker(x5c=["AAAA"]),
    "another algorithm, RSA": _rsa_signed,
    "another algorithm, P-384": _p384_signed,
    "alg in lower case": _header_text('{"typ": "at+jwt", "alg": "es256", "kid": "test-key-1"}'),
    "alg is a list": _header_text('{"typ": "at+jwt", "alg": ["ES256"], "kid": "test-key-1"}'),
    "no alg": _header_text('{"typ": "at+jwt", "kid": "test-key-1"}'),
    "typ of an ordinary JWT": _header(typ="JWT"),
    "typ of a logout token": _header(typ="logout+jwt"),
    "no typ (an ID token)": _header(typ=None),
    "unknown crit": _header_text('{HEADER, "crit": ["exp"], "exp": 1}'),
    "crit b64": _header_text('{HEADER, "crit": ["b64"], "b64": false}'),
    "empty crit": _header_text('{HEADER, "crit": []}'),
    "b64 without crit": _header_text('{HEADER, "b64": false}'),
    "unknown kid": _header(kid="nobody"),
    "no kid": _header(kid=None),
    "kid is a path": _header(kid="../../dev/null"),
    "kid is a number": _header_text('{"typ": "at+jwt", "alg": "ES256", "kid": 1}'),
    "kid is enormous": _header(kid="k" * 1000),
    "header member twice": _header_text('{HEADER, "alg": "ES256"}'),
    "header is a list": _header_text("[]"),
    "header is not JSON": _header_text("{"),
    "header nested deeply": _header_text("[" * 3000),
    "audience of another BFF": _claims(aud="urn:portico:bff:other"),
    "audience list without ours": _claims(aud=["urn:portico:bff:other", "urn:portico:bff:test2"]),
    "audience missing": _claims(aud=None),
    "audience is an object": _claims(aud={"urn:portico:bff:test": 1}),
    "another issuer": _claims(iss="http://evil.test"),
    "issuer with a slash more": _claims(iss="http://portico.test/"),
    "issuer missing": _claims(iss=None),
    "expired": _times(exp=-31),
    "expiry missing": _claims(exp=None),
    "expiry is text": _claims(exp="9999999999"),
    "expiry is true": _claims(exp=True),
    "expiry is negative": _claims(exp=-1),
    "expiry is infinite": _times_text('"exp": 1e999'),
    "expiry is not a number": _times_text('"exp": NaN'),
    "expiry is beyond all time": _claims(exp=2**60),
    "not valid yet": _times(nbf=120),
    "issued in the future": _times(iat=120),
    "issue time missing": _claims(iat=None),
    "subject missing": lambda issuer: issuer.sign(issuer.header(), issuer.claims() | {"sub": None}),
    "subject empty": lambda issuer: issuer.token(""),
    "subject is a number": lambda issuer: issuer.sign(issuer.header(), issuer.claims() | {"sub": 7}),
    "client missing": _claims(client_id=None),
    "client empty": _claims(client_id=""),
    "roles are text": lambda issuer: issuer.sign(issuer.header(), issuer.claims() | {"roles": "cook"}),
    "scope is a list": _claims(scope=["bff"]),
    "claim twice": _payload('{CLAIMS, "sub": "eve"}'),
    "claims are a list": _payload("[]"),
    "claims are not JSON": _payload("{CLAIMS"),
    "claims with a lone surrogate": _payload('{CLAIMS, "tenant": "\\ud800"}'),
    "claims nested deeply": _payload("[" * 3000),
    "oversized": lambda issuer: issuer.token(name="x" * 9000),
    "payload changed": _edited(_other_sub),
    "signature cut off": _edited(lambda header, payload, _: f"{header}.{payload}."),
    "signature left out": _edited(lambda header, payload, _: f"{header}.{payload}"),
    "signature of nothing": _edited(lambda header, payload, _: f"{header}.{payload}.{_b64(bytes(64))}"),
    "signature too long": _edited(lambda header, payload, signature: f"{header}.{payload}.{signature}AAAA"),
    "signature in DER": _edited(_der_signature),
    "signature padded": _edited(lambda header, payload, signature: f"{header}.{payload}.{signature}=="),
    "signature with white space": _edited(lambda header, payload, signature: f"{header}.{payload}. {signature}"),
    "a part too many": _edited(lambda header, payload, signature: f"{header}.{payload}.{signature}.AAAA"),
    "five parts, like a JWE": lambda issuer: "a.b.c.d.e",
    "not a token": lambda issuer: "hello",
    "nothing": lambda issuer: "",
}
