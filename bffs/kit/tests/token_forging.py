"""Ways to forge a token: what libraries refuse to write, written by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

from joserfc import jwe, jws
from joserfc.jwk import ECKey, RSAKey

from portico.bff.testing.tokens import TokenIssuer

Forge = Callable[[TokenIssuer], str]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(alg: str, signature: str = "") -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        header, claims = issuer.header(alg=alg), issuer.claims()
        return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}.{signature}"

    return forge


def claims_with(**changes: object) -> Forge:
    return lambda issuer: issuer.token(**changes)  # type: ignore[arg-type]


def header_with(**changes: object) -> Forge:
    return lambda issuer: issuer.sign(issuer.header(**changes), issuer.claims())


def kid(change: Callable[[str], str]) -> Forge:
    return lambda issuer: issuer.sign(issuer.header(kid=change(issuer.kid)), issuer.claims())


def times(**offsets: int) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        now = int(issuer.now())
        times = {name: now + offset for name, offset in offsets.items()}
        return issuer.sign(issuer.header(), issuer.claims() | times)

    return forge


def hmac_with(secret: Callable[[TokenIssuer], bytes]) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        # By hand: joserfc refuses a PEM as an HMAC key, as it should; an attacker's tool does not.
        header, claims = issuer.header(alg="HS256"), issuer.claims()
        signing_input = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        digest = hmac.new(secret(issuer), signing_input.encode(), hashlib.sha256).digest()
        return f"{signing_input}.{b64(digest)}"

    return forge


def by_attacker(**header: object) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        attacker = ECKey.generate_key("P-256")
        extra = {name: attacker.as_dict(private=False) if value == "JWK" else value for name, value in header.items()}
        return issuer.sign(issuer.header(**extra), issuer.claims("eve"), key=attacker)

    return forge


def payload_text(text: str) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        known = json.dumps(issuer.claims())[1:-1]
        return issuer.sign_text(json.dumps(issuer.header()).encode(), text.replace("CLAIMS", known).encode())

    return forge


def times_text(member: str) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        known = json.dumps(issuer.claims(exp=None))[1:-1]
        return issuer.sign_text(json.dumps(issuer.header()).encode(), f"{{{known}, {member}}}".encode())

    return forge


def header_text(text: str) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        known = json.dumps(issuer.header())[1:-1]
        text_of_ours = text.replace("HEADER", known).replace("KID", issuer.kid)
        return issuer.sign_text(text_of_ours.encode(), json.dumps(issuer.claims()).encode())

    return forge


def edited(edit: Callable[[str, str, str], str]) -> Forge:
    return lambda issuer: edit(*issuer.token().split("."))


def other_sub(header: str, payload: str, signature: str) -> str:
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{header}.{b64(json.dumps(claims | {'sub': 'eve'}).encode())}.{signature}"


def der_signature(header: str, payload: str, signature: str) -> str:
    raw = base64.urlsafe_b64decode(signature + "==")
    numbers = [b"\x02" + bytes([33]) + b"\x00" + part for part in (raw[:32], raw[32:])]
    return f"{header}.{payload}.{b64(b'0' + bytes([70]) + numbers[0] + numbers[1])}"


def rsa_signed(issuer: TokenIssuer) -> str:
    return issuer.sign(issuer.header(alg="RS256"), issuer.claims(), key=RSAKey.generate_key(2048))


def p384_signed(issuer: TokenIssuer) -> str:
    return issuer.sign(issuer.header(alg="ES384"), issuer.claims(), key=ECKey.generate_key("P-384"))


def header_bytes(encoding: str) -> Forge:
    return lambda issuer: issuer.sign_text(
        json.dumps(issuer.header()).encode(encoding), json.dumps(issuer.claims()).encode()
    )


def payload_bytes(encoding: str) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        claims = json.dumps(issuer.claims(name="J\u00fcrgen"), ensure_ascii=False)
        return issuer.sign_text(json.dumps(issuer.header()).encode(), claims.encode(encoding))

    return forge


def full_width(text: str) -> str:
    """The same text to whoever normalises it (NFKC)."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def left_over_bits(issuer: TokenIssuer, place: int) -> str:
    """The same bytes, said otherwise: the last character has bits that mean nothing (RFC 4648, 3.5)."""
    # Blanks make every part end in such a character; the signature's 64 bytes always do.
    header, claims = (json.dumps(part).encode() for part in (issuer.header(), issuer.claims()))
    token = issuer.sign_text(header + b" " * (-(len(header) + 1) % 3 + 2), claims + b" " * (-(len(claims) + 1) % 3 + 2))
    parts = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(parts[place][-1])
    assert last % 4 == 0, "no bits are left over"
    parts[place] = parts[place][:-1] + alphabet[last + 1]
    if place < 2:
        signed = ".".join(parts[:2]).encode()  # signed as it is, so that only the form is wrong
        parts[2] = b64(jws.JWSRegistry.algorithms["ES256"].sign(signed, issuer.key))
    return ".".join(parts)


def encrypted(issuer: TokenIssuer) -> str:
    members = issuer.key.as_dict(private=False)
    public = ECKey.import_key({name: members[name] for name in ("kty", "crv", "x", "y")})
    header = issuer.header(alg="ECDH-ES", enc="A128GCM")
    return jwe.encrypt_compact(header, json.dumps(issuer.claims()), public, algorithms=["ECDH-ES", "A128GCM"])


def as_json(issuer: TokenIssuer) -> str:
    header, payload, signature = issuer.token().split(".")
    return json.dumps({"protected": header, "payload": payload, "signature": signature})


_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256."""


def signatures() -> dict[str, Forge]:
    """Signatures of numbers that no honest signer makes, and that broken verifiers took (CVE-2022-21449)."""
    numbers = {
        "r is 0": (0, 1),
        "s is 0": (1, 0),
        "r is the order": (_ORDER, 1),
        "s is the order": (1, _ORDER),
        "r and s are the order": (_ORDER, _ORDER),
        "r and s are 1": (1, 1),
        "r and s are the largest numbers": (2**256 - 1, 2**256 - 1),
    }

    def with_numbers(r: int, s: int) -> Forge:
        raw = r.to_bytes(32) + s.to_bytes(32)
        return edited(lambda header, payload, _: f"{header}.{payload}.{b64(raw)}")

    return {f"signature where {name}": with_numbers(r, s) for name, (r, s) in numbers.items()}
