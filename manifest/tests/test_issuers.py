"""The keys of CIs' identity providers: kept fresh, asked for rarely, let go when they are too old."""

import asyncio
import json
from dataclasses import dataclass, field

import pytest
from joserfc import jwk

from manifest.tests.ci_issuer import new_key, published_keys
from portico.manifest.access.issuers import Fetch, Issuers
from portico.manifest.errors import IssuerUnavailable

CI = "https://ci.example"


@dataclass
class Monotonic:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Served(Fetch):
    """An issuer's documents; counts how often its keys were read."""

    keys: list[jwk.Key] = field(default_factory=lambda: list(published_keys()))
    reads: int = 0
    fails: bool = False
    keys_url: str = f"{CI}/keys"

    async def __call__(self, url: str) -> bytes:
        await asyncio.sleep(0)
        if self.fails:
            raise ValueError("it is away")
        if url.endswith("openid-configuration"):
            return json.dumps({"issuer": CI, "jwks_uri": self.keys_url}).encode()
        self.reads += 1
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()


@pytest.fixture
def clock() -> Monotonic:
    return Monotonic()


@pytest.fixture
def served() -> Served:
    return Served()


@pytest.fixture
def issuers(served: Served, clock: Monotonic) -> Issuers:
    return Issuers(served, clock=clock)


async def test_many_at_once_are_one_fetch(issuers: Issuers, served: Served) -> None:
    found = await asyncio.gather(*(issuers.key(CI, "ec-1", "ES256") for _ in range(50)))
    assert all(key is not None for key in found)
    assert served.reads == 1


async def test_keys_are_read_again_after_ten_minutes(issuers: Issuers, served: Served, clock: Monotonic) -> None:
    for seconds, reads in [(0, 1), (599, 1), (600, 2), (1100, 2), (1200, 3)]:
        clock.seconds = seconds
        assert await issuers.key(CI, "ec-1", "ES256") is not None
        assert served.reads == reads


async def test_a_new_key_is_found_and_a_withdrawn_one_ends(issuers: Issuers, served: Served, clock: Monotonic) -> None:
    await issuers.key(CI, "ec-1", "ES256")
    served.keys = [new_key("ec", "ec-2")]
    assert await issuers.key(CI, "ec-2", "ES256") is not None
    assert await issuers.key(CI, "ec-1", "ES256") is None


async def test_guesses_ask_twice_a_minute_at_most(issuers: Issuers, served: Served, clock: Monotonic) -> None:
    for second in range(300):
        clock.seconds = second
        assert await issuers.key(CI, f"guess-{second}", "ES256") is None
    assert served.reads == 10


async def test_old_keys_serve_for_an_hour_while_the_issuer_is_away(
    issuers: Issuers, served: Served, clock: Monotonic
) -> None:
    await issuers.key(CI, "ec-1", "ES256")
    served.fails = True
    clock.seconds = 3599
    assert await issuers.key(CI, "ec-1", "ES256") is not None
    clock.seconds = 3600
    with pytest.raises(IssuerUnavailable):
        await issuers.key(CI, "ec-1", "ES256")
    served.fails = False
    clock.seconds = 3610
    assert await issuers.key(CI, "ec-1", "ES256") is not None


async def test_a_key_serves_its_own_algorithms_alone(issuers: Issuers) -> None:
    assert await issuers.key(CI, "rsa-1", "PS256") is not None
    assert await issuers.key(CI, "rsa-1", "ES256") is None
    assert await issuers.key(CI, "ec-1", "RS256") is None


async def test_without_a_key_id_there_must_be_no_choice(issuers: Issuers, served: Served, clock: Monotonic) -> None:
    assert await issuers.key(CI, None, "ES256") is not None
    served.keys.append(new_key("ec", "ec-2"))
    clock.seconds = 600
    assert await issuers.key(CI, None, "ES256") is None


@pytest.mark.parametrize("document", ["[]", "{}", '{"keys": 1}', '{"keys": [{}, {}', "rubbish"])
async def test_what_is_no_key_set_gives_no_keys(document: str, served: Served, clock: Monotonic) -> None:
    async def fetch(url: str) -> bytes:
        return document.encode() if url.endswith("/keys") else await served(url)

    with pytest.raises(IssuerUnavailable):
        await Issuers(fetch, clock=clock).key(CI, "ec-1", "ES256")


async def test_an_issuer_that_publishes_a_secret_is_not_asked_for_more(
    issuers: Issuers, served: Served, clock: Monotonic
) -> None:
    served.keys = [jwk.OctKey.generate_key(256)]
    with pytest.raises(IssuerUnavailable):
        await issuers.key(CI, None, "ES256")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/keys", "HTTP://127.0.0.1/keys", "Http://localhost/keys", "file:///keys"]
)
async def test_an_issuer_elsewhere_cannot_have_this_machine_asked(url: str, issuers: Issuers, served: Served) -> None:
    served.keys_url = url
    with pytest.raises(IssuerUnavailable):
        await issuers.key(CI, "ec-1", "ES256")
    assert served.reads == 0
