"""Which published keys may verify tokens, and which sets are refused as a whole."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.util import int_to_base64, urlsafe_b64decode, urlsafe_b64encode

from bffs.kit.tests.key_sets import EC, document, jwk
from portico.keys import ALGORITHMS, KeySetRefused, parse_key_set

ES256 = frozenset({"ES256"})
RSA = RSAKey.generate_key(2048)
X = urlsafe_b64decode(str(EC.as_dict(private=False)["x"]).encode())
ZERO = urlsafe_b64encode(bytes(32)).decode()

USABLE = {
    "a plain key": (jwk(), {"k"}),
    "with use and alg": (jwk(use="sig", alg="ES256"), {"k"}),
    "key_ops with verify": (jwk(key_ops=["verify"]), {"k"}),
    "for encryption": (jwk(use="enc"), set()),
    "key_ops without verify": (jwk(key_ops=["encrypt"]), set()),
    "key_ops is text": (jwk(key_ops="verify"), set()),
    "key_ops with a word twice": (jwk(key_ops=["verify", "verify"]), set()),
    "key_ops for signing and wrapping": (jwk(key_ops=["verify", "wrapKey"]), set()),
    "key_ops of lists": (jwk(key_ops=[["verify"]]), set()),
    "use that is a list": (jwk(use=["sig"]), set()),
    "alg that is a list": (jwk(alg=["ES256"]), set()),
    "alg that is null": (jwk() | {"alg": None}, set()),
    "kid that is a number": (jwk() | {"kid": 1}, set()),
    "kid of 257 characters": (jwk(kid="k" * 257), set()),
    "kty in lower case": (jwk(kty="ec"), set()),
    "kty of an OKP with the curve of an EC": (jwk(kty="OKP"), set()),
    "a crv that is a list": (jwk(crv=["P-256"]), set()),
    "a point of another curve": (jwk() | {"crv": "P-384"}, set()),
    "the point at infinity": (jwk(x=ZERO, y=ZERO), set()),
    "a coordinate beyond the field": (jwk(x=urlsafe_b64encode(b"\xff" * 32).decode()), set()),
    "a coordinate with a zero before it": (jwk(x=urlsafe_b64encode(b"\0" + X).decode()), set()),
    "a coordinate cut short": (jwk(x=urlsafe_b64encode(X[1:]).decode()), set()),
    "a coordinate with padding": (jwk(x=f"{EC.as_dict(private=False)['x']}="), set()),
    "a coordinate that is a number": (jwk() | {"x": 5}, set()),
    "for another algorithm": (jwk(alg="ES384"), set()),
    "without a kid, by its thumbprint": (jwk(kid=None), {EC.thumbprint()}),
    "another type": (jwk(kty="ZZ"), set()),
    "another curve": (jwk(ECKey.generate_key("secp256k1")), set()),
    "a point that is not on the curve": (jwk(x="AAAA"), set()),
    "without its y": (jwk(y=None), set()),
    "an Ed25519 key where only ES256 is taken": (jwk(OKPKey.generate_key("Ed25519")), set()),
    "an RSA key where only ES256 is taken": (jwk(RSA), set()),
    "beside certificates": (jwk(x5u="http://127.0.0.1:9/", x5c=["AAAA"]), {"k"}),
}


@pytest.mark.parametrize("name", USABLE)
def test_only_keys_that_are_for_us_are_used(name: str) -> None:
    key, expected = USABLE[name]
    assert parse_key_set(document(key), ES256).keys() == expected


def rsa_with(n: int, e: int) -> dict[str, Any]:
    return {"kty": "RSA", "kid": "k", "n": int_to_base64(n), "e": int_to_base64(e)}


MODULUS = RSA.public_key.public_numbers().n
NEAR = next(n for n in count(MODULUS + 2, 2) if all(n % small for small in range(3, 1000)))
ROCA = 65537**128  # modulo every small prime a power of 65537, as all that ROCA's broken generator makes

WEAK = {
    "e is 1": (MODULUS, 1, "exponent"),
    "e is 3": (MODULUS, 3, "exponent"),
    "e is even": (MODULUS, 65538, "exponent"),
    "e is huge": (MODULUS, 2**40 + 1, "exponent"),
    "1024 bits": (MODULUS >> 1024 | 1, 65537, "2048 to 8192 bits"),
    "10240 bits": (MODULUS**5, 65537, "2048 to 8192 bits"),
    "n is 1": (1, 65537, "2048 to 8192 bits"),
    "n is even": (MODULUS - 1, 65537, "small factor"),
    "a small factor": (MODULUS * 997, 65537, "small factor"),
    "ROCA": (ROCA, 65537, "ROCA"),
    "a square": (MODULUS * MODULUS, 65537, "too close"),
    "factors that are close": (MODULUS * NEAR, 65537, "too close"),
}


@pytest.mark.parametrize("name", WEAK)
def test_weak_rsa_keys_are_not_used(name: str, caplog: pytest.LogCaptureFixture) -> None:
    n, e, words = WEAK[name]
    assert parse_key_set(document(rsa_with(MODULUS, 65537)), ALGORITHMS).keys() == {"k"}
    assert parse_key_set(document(rsa_with(n, e)), ALGORITHMS) == {}
    assert words in caplog.text


REFUSED = {
    "not JSON": b"{",
    "not an object": b"[]",
    "no keys": b"{}",
    "keys is an object": b'{"keys": {}}',
    "a key is text": b'{"keys": ["k"]}',
    "nested deeply": b'{"keys": [' + b'{"a":' * 5000,
    "two keys with one kid": document(jwk(), jwk(ECKey.generate_key("P-256"))),
    "an unused key with a used kid": document(jwk(), jwk(RSA, use="enc")),
    "a symmetric key": document(jwk(), {**OctKey.generate_key(256).as_dict(private=True), "kid": "o"}),
    "a symmetric key alone": document({**OctKey.generate_key(256).as_dict(private=True), "kid": "o"}),
    "symmetric by its k alone": document(jwk(k="AAAA")),
    "a private RSA key": document({**RSA.as_dict(private=True), "kid": "k"}),
    "a part of a private RSA key": document(jwk(RSA, p="AAAA")),
    "a private key of the quantum age": document({"kty": "AKP", "kid": "k", "alg": "ML-DSA-44", "priv": "AAAA"}),
    "keys twice": b'{"keys": [], "keys": []}',
    "a member twice": document(jwk()).replace(b'"kty"', b'"kid":"other","kty"'),
    "a member twice, once escaped": document(jwk()).replace(b'"kty"', b'"\\u006bid":"other","kty"'),
    "in UTF-16": document(jwk()).decode().encode("utf-16"),
    "with a byte order mark": b"\xef\xbb\xbf" + document(jwk()),
    "a number that is none": b'{"keys": [], "x": NaN}',
    "a private key": document({**EC.as_dict(private=True), "kid": "k"}),
    "far too many keys": document(*(jwk(kid=str(number)) for number in range(65))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_dangerous_key_set_is_refused_as_a_whole(name: str) -> None:
    with pytest.raises(KeySetRefused):
        parse_key_set(REFUSED[name], ES256)


def test_keys_without_a_kid_are_told_apart_by_thumbprint_and_a_kid_wins() -> None:
    first, second = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    named = jwk(second, kid=first.thumbprint())
    keys = parse_key_set(document(jwk(first, kid=None), named), ES256)
    assert {kid: key.thumbprint for kid, key in keys.items()} == {first.thumbprint(): second.thumbprint()}


def test_ed25519_has_two_names() -> None:
    key = jwk(OKPKey.generate_key("Ed25519"), alg="EdDSA")
    [found] = parse_key_set(document(key), ALGORITHMS).values()
    assert found.algorithms == {"Ed25519", "EdDSA"}


def test_ed25519_of_another_length_is_not_used() -> None:
    assert parse_key_set(document(jwk(OKPKey.generate_key("Ed25519"), x="AAAA")), ALGORITHMS) == {}
    assert parse_key_set(document(jwk(OKPKey.generate_key("X25519"))), ALGORITHMS) == {}
