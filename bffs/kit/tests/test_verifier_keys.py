"""The issuer's keys: how long they are used, and how often the issuer is asked."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from bffs.kit.tests.key_sets import document, jwk
from portico.bff.keys import MAX_DOCUMENT_BYTES, HttpKeys
from portico.keys import JwksKeys, KeySetRefused, KeysUnavailable

ES256 = frozenset({"ES256"})


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


async def test_without_a_key_id_there_must_be_no_choice(issuer: Issuer, keys: JwksKeys) -> None:
    found = await keys.choose(None, "ES256")
    assert found is not None
    assert found is await keys.choose("k", "ES256")
    assert await keys.choose("k", "RS256") is None
    assert await keys.choose(None, "RS256") is None
    issuer.keys.append(jwk(ECKey.generate_key("P-256"), kid="k2"))
    issuer.now = 700
    assert await keys.choose(None, "ES256") is None


async def test_why_keys_cannot_be_had_is_told(issuer: Issuer, keys: JwksKeys) -> None:
    issuer.keys = [jwk(), jwk()]
    with pytest.raises(KeysUnavailable) as refusal:
        await keys.find("k")
    assert isinstance(refusal.value.__cause__, KeySetRefused)


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
