"""The issuer's keys: which are used, how long, and how often the issuer is asked."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import msgspec
import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.util import int_to_base64

from portico.bff.keys import MAX_DOCUMENT_BYTES, HttpKeys
from portico.keys import ALGORITHMS, JwksKeys, KeySetRefused, KeysUnavailable, parse_key_set

ES256 = frozenset({"ES256"})
EC = ECKey.generate_key("P-256")
RSA = RSAKey.generate_key(2048)


def jwk(key: ECKey | RSAKey | OKPKey = EC, kid: str | None = "k", **changes: Any) -> dict[str, Any]:
    members = {**key.as_dict(private=False), "kid": kid, **changes}
    return {name: value for name, value in members.items() if value is not None}


def document(*keys: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"keys": keys})


class Issuer:
    """A key set that counts how often it is fetched, can be slow, and can be down."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.fetches = 0
        self.down = False
        self.gate: asyncio.Event | None = None
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    async def fetch(self) -> bytes:
        self.fetches += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise KeysUnavailable("down")
        return document(*self.keys)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer(jwk())


@pytest.fixture
def keys(issuer: Issuer) -> JwksKeys:
    return JwksKeys(issuer.fetch, ES256, clock=issuer.clock)


USABLE = {
    "a plain key": (jwk(), {"k"}),
    "with use and alg": (jwk(use="sig", alg="ES256"), {"k"}),
    "key_ops with verify": (jwk(key_ops=["verify"]), {"k"}),
    "for encryption": (jwk(use="enc"), set()),
    "key_ops without verify": (jwk(key_ops=["encrypt"]), set()),
    "key_ops is text": (jwk(key_ops="verify"), set()),
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
ROCA = 65537**128  # modulo every small prime a power of 65537, as all that ROCA's broken generator makes


@pytest.mark.parametrize(
    ("n", "e"),
    [
        (MODULUS, 1),
        (MODULUS, 3),
        (MODULUS, 65536),
        (MODULUS, 2**40 + 1),
        (MODULUS >> 1025 | 1, 65537),
        (MODULUS**5, 65537),
        (ROCA, 65537),
    ],
    ids=["e is 1", "e is 3", "e is even", "e is huge", "1024 bits", "10240 bits", "ROCA"],
)
def test_weak_rsa_keys_are_not_used(n: int, e: int) -> None:
    assert parse_key_set(document(rsa_with(MODULUS, 65537)), ALGORITHMS).keys() == {"k"}
    assert parse_key_set(document(rsa_with(n, e)), ALGORITHMS) == {}


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
    "a private key": document({**EC.as_dict(private=True), "kid": "k"}),
    "far too many keys": document(*(jwk(kid=str(number)) for number in range(65))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_dangerous_key_set_is_refused_as_a_whole(name: str) -> None:
    with pytest.raises(KeySetRefused):
        parse_key_set(REFUSED[name], ES256)


async def test_a_refused_key_set_leaves_the_old_keys_in_use(issuer: Issuer, keys: JwksKeys) -> None:
    assert await keys.find("k") is not None
    issuer.keys.append(jwk())
    issuer.now = 700
    assert await keys.find("k") is not None
    assert issuer.fetches == 2


async def test_fresh_keys_are_used_without_asking(issuer: Issuer, keys: JwksKeys) -> None:
    first = await keys.find("k")
    issuer.now = 299
    assert keys.peek("k") is first
    assert await keys.find("k") is first
    assert issuer.fetches == 1


async def test_stale_keys_are_used_while_they_are_refreshed(issuer: Issuer, keys: JwksKeys) -> None:
    first = await keys.find("k")
    issuer.keys = [jwk(kid="k2")]
    issuer.now = 301
    assert keys.peek("k") is first
    await asyncio.sleep(0)
    await keys.find("k2")
    assert keys.peek("k") is None
    assert issuer.fetches == 2


async def test_old_keys_wait_for_the_refresh(issuer: Issuer, keys: JwksKeys) -> None:
    await keys.find("k")
    issuer.keys = [jwk(kid="k2")]
    issuer.now = 601
    assert keys.peek("k") is None
    assert await keys.find("k") is None
    assert await keys.find("k2") is not None
    assert issuer.fetches == 2


async def test_old_keys_are_used_while_the_issuer_is_down_but_not_for_ever(issuer: Issuer, keys: JwksKeys) -> None:
    await keys.find("k")
    issuer.down = True
    issuer.now = 3599
    assert await keys.find("k") is not None
    issuer.now = 3700
    with pytest.raises(KeysUnavailable):
        await keys.find("k")


async def test_an_issuer_that_is_down_is_asked_ever_less_often(issuer: Issuer, keys: JwksKeys) -> None:
    issuer.down = True
    for second in range(120):
        issuer.now = float(second)
        with pytest.raises(KeysUnavailable):
            await keys.find("k")
    assert issuer.fetches == 8  # at 0, 1, 3, 7, 15, 31, 61, 91
    issuer.down = False
    issuer.now = 121
    assert await keys.find("k") is not None


async def test_a_new_key_is_found_at_once(issuer: Issuer, keys: JwksKeys) -> None:
    await keys.find("k")
    issuer.keys.append(jwk(ECKey.generate_key("P-256"), kid="k2"))
    assert await keys.find("k2") is not None
    assert issuer.fetches == 2


async def test_a_flood_of_unknown_kids_makes_two_fetches_a_minute(issuer: Issuer, keys: JwksKeys) -> None:
    """10,000 in ten minutes, from the very start: the first fetch counts, and so do refreshes."""
    fetched_at: list[float] = []
    for number in range(10_000):
        issuer.now = number * 0.06
        before = issuer.fetches
        assert await keys.find(f"nobody-{number}") is None
        fetched_at += [issuer.now] * (issuer.fetches - before)
    assert issuer.fetches <= 20
    assert all(later - first >= 60 for first, later in zip(fetched_at, fetched_at[2:], strict=False))
    assert await keys.find("k") is not None


async def test_a_kid_that_was_just_looked_for_is_not_looked_for_again(issuer: Issuer, keys: JwksKeys) -> None:
    await keys.find("k")
    assert await keys.find("nobody") is None
    issuer.now = 31
    assert await keys.find("nobody") is None
    assert issuer.fetches == 2
    issuer.now = 61
    assert await keys.find("nobody") is None
    assert issuer.fetches == 3


async def test_an_unknown_kid_during_an_outage_is_looked_for_again_later(issuer: Issuer, keys: JwksKeys) -> None:
    await keys.find("k")
    issuer.down = True
    assert await keys.find("k2") is None
    issuer.down = False
    issuer.keys.append(jwk(ECKey.generate_key("P-256"), kid="k2"))
    issuer.now = 59
    assert await keys.find("k2") is None  # two fetches in one minute are enough
    issuer.now = 60
    assert await keys.find("k2") is not None


async def test_many_waiters_share_one_fetch_and_one_giving_up_does_not_end_it(issuer: Issuer, keys: JwksKeys) -> None:
    issuer.gate = asyncio.Event()
    waiters = [asyncio.create_task(keys.find("k")) for _ in range(50)]
    await asyncio.sleep(0)
    waiters[0].cancel()
    await asyncio.sleep(0)
    issuer.gate.set()
    found = await asyncio.gather(*waiters, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert all(key is found[1] and key is not None for key in found[1:])
    assert issuer.fetches == 1


async def test_closing_ends_a_fetch_under_way(issuer: Issuer, keys: JwksKeys) -> None:
    issuer.gate = asyncio.Event()
    waiter = asyncio.create_task(keys.find("k"))
    await asyncio.sleep(0)
    await keys.close()
    with pytest.raises(asyncio.CancelledError):
        await waiter


async def answer_of(handler: httpx.MockTransport) -> bytes:
    return await HttpKeys("https://issuer.test/jwks.json", transport=handler)()


async def test_the_document_is_fetched_over_http() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=document(jwk()))

    assert await answer_of(httpx.MockTransport(handle)) == document(jwk())
    assert seen[0].headers["accept"] == "application/json"


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(500),
        httpx.Response(302, headers={"Location": "https://evil.test/"}),
        httpx.Response(200, content=b" " * (MAX_DOCUMENT_BYTES + 1)),
    ],
    ids=["error", "redirect", "too large"],
)
async def test_an_answer_that_is_no_document_is_not_used(response: httpx.Response) -> None:
    with pytest.raises(KeysUnavailable, match=r"issuer\.test"):
        await answer_of(httpx.MockTransport(lambda request: response))


async def test_an_issuer_that_cannot_be_reached_makes_keys_unavailable() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(KeysUnavailable, match="refused"):
        await answer_of(httpx.MockTransport(refuse))


async def test_an_issuer_that_never_answers_is_given_up() -> None:
    async def wait(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(KeysUnavailable):
        await HttpKeys("https://issuer.test/", timeout=0.01, transport=httpx.MockTransport(wait))()
