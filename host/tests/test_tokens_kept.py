"""Tokens that are kept: one call for each, for its session alone, gone with it; and what the provider may not give."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from host.tests.identity_world import TestClock
from portico.host.session.errors import GrantRefused, ProviderDistrusted, ProviderUnreachable
from portico.host.session.grants import AccessToken
from portico.host.tokens.cache import CachedTokens
from portico.host.tokens.errors import SessionOver, TokenUnavailable
from portico.host.tokens.from_provider import ExchangedTokens, ResourceTokens
from portico.host.tokens.source import Identity

NOW = 1_800_000_000


@dataclass(frozen=True)
class Person:
    id: str = "hash-of-an-id"
    sub: str = "ada"
    name: str = "Ada"
    roles: tuple[str, ...] = ()
    tenant: str | None = None
    version: int = 1
    expires_at: float = NOW + 86_400


@dataclass
class Slow:
    """An issuer that answers when it is told to, and counts."""

    lifetime: int = 300
    issued: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    fails: Exception | None = None

    async def issue(self, identity: Identity, audience: str) -> AccessToken:
        self.issued += 1
        number = self.issued
        await self.open.wait()
        if self.fails is not None:
            raise self.fails
        return AccessToken(f"{identity.id}/{identity.version}/{audience}/{number}", NOW + self.lifetime)


class Desk:
    def __init__(self, lifetime: int = 300, patience: float = 10) -> None:
        self.clock = TestClock(NOW)
        self.issuer = Slow(lifetime)
        self.tokens = CachedTokens(self.issuer, self.clock, patience=patience)

    def asking(self, person: Person, audience: str = "a") -> asyncio.Task[str]:
        return asyncio.create_task(self.tokens.token_for(person, audience))


async def test_who_ask_at_once_share_one_call_and_one_who_gives_up_leaves_it_to_the_others() -> None:
    desk = Desk()
    tasks = [desk.asking(Person()) for _ in range(5)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    desk.issuer.open.set()
    said = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(said[0], asyncio.CancelledError)
    assert set(said[1:]) == {"hash-of-an-id/1/a/1"}
    assert desk.issuer.issued == 1


async def test_nobody_waits_for_ever_and_what_comes_late_serves_the_next_call() -> None:
    desk = Desk(patience=0)
    with pytest.raises(TokenUnavailable):
        await desk.tokens.token_for(Person(), "a")
    desk.issuer.open.set()
    for _ in range(3):  # turns of the loop until what was under way is there
        await asyncio.sleep(0)
    assert await desk.tokens.token_for(Person(), "a") == "hash-of-an-id/1/a/1"
    assert desk.issuer.issued == 1


async def test_a_failure_goes_to_all_who_wait_and_the_next_try_is_two_seconds_later() -> None:
    desk = Desk()
    desk.issuer.open.set()
    desk.issuer.fails = TokenUnavailable("not now")
    said = await asyncio.gather(*(desk.asking(Person()) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in said] == [TokenUnavailable] * 3
    desk.issuer.fails = None
    with pytest.raises(TokenUnavailable, match="not now"):
        await desk.tokens.token_for(Person(), "a")
    assert await desk.tokens.token_for(Person(), "b") == "hash-of-an-id/1/b/2"  # of another BFF nothing is known
    desk.clock.now += 2
    assert await desk.tokens.token_for(Person(), "a") == "hash-of-an-id/1/a/3"


async def test_sessions_versions_and_audiences_that_ask_at_once_get_each_their_own() -> None:
    desk = Desk()
    people = [Person(), Person(id="other"), replace(Person(), version=2)]
    tasks = [desk.asking(person, audience) for person in people for audience in ("a", "b")]
    desk.issuer.open.set()
    said = [one.rpartition("/")[0] for one in await asyncio.gather(*tasks)]
    assert said == [f"{person.id}/{person.version}/{audience}" for person in people for audience in ("a", "b")]


async def test_an_older_version_of_a_session_never_gets_what_a_newer_one_was_given_nor_pushes_it_out() -> None:
    desk = Desk()
    desk.issuer.open.set()
    newer = await desk.tokens.token_for(Person(version=2), "a")
    assert await desk.tokens.token_for(Person(version=1), "a") != newer
    assert await desk.tokens.token_for(Person(version=2), "a") == newer


async def test_the_end_of_a_session_is_the_end_of_its_tokens_also_of_one_under_way() -> None:
    desk = Desk()
    under_way = desk.asking(Person())
    await asyncio.sleep(0)
    desk.tokens.forget("hash-of-an-id")
    desk.issuer.open.set()
    first = await under_way
    second = await desk.tokens.token_for(Person(), "a")
    desk.tokens.forget("hash-of-an-id")
    third = await desk.tokens.token_for(Person(), "a")
    assert len({first, second, third}) == 3


@pytest.mark.parametrize(("lifetime", "kept_for"), [(300, 240), (3600, 3540), (40, 30), (120, 90)])
async def test_a_token_is_kept_until_shortly_before_its_end_however_short_its_life(
    lifetime: int, kept_for: int
) -> None:
    desk = Desk(lifetime)
    desk.issuer.open.set()
    first = await desk.tokens.token_for(Person(), "a")
    desk.clock.now = NOW + kept_for
    assert await desk.tokens.token_for(Person(), "a") == first
    desk.clock.now += 1
    assert await desk.tokens.token_for(Person(), "a") != first


def jwt(**claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.c2ln"


@dataclass
class Provider:
    """What stands for the provider: it gives one token, or fails."""

    token: str = field(default_factory=lambda: jwt(aud="urn:portico:bff:shop"))
    fails: Exception | None = None

    async def for_resource(self, session: Any, resource: str) -> AccessToken:
        if self.fails is not None:
            raise self.fails
        return AccessToken(self.token, NOW + 3600)

    for_audience = for_resource


KINDS = pytest.mark.parametrize("kind", [ResourceTokens, ExchangedTokens])
Kind = type[ResourceTokens] | type[ExchangedTokens]


@KINDS
async def test_a_providers_token_for_this_bff_is_passed_on_for_no_longer_than_the_session(kind: Kind) -> None:
    provider = Provider()
    issued = await kind(provider).issue(Person(expires_at=NOW + 60), "urn:portico:bff:shop")
    assert issued == AccessToken(provider.token, NOW + 60)


@KINDS
@pytest.mark.parametrize(
    "token",
    [
        "opaque",
        "",
        "a.b.c",
        "e30.e30",
        jwt(),
        jwt(aud=7),
        jwt(aud="https://id.example"),
        jwt(aud="urn:portico:bff:notes"),
        jwt(aud=["urn:portico:bff:shop", "https://id.example/userinfo"]),
    ],
)
async def test_a_token_for_others_too_or_for_nobody_known_never_reaches_the_bff(kind: Kind, token: str) -> None:
    with pytest.raises(TokenUnavailable) as refused:
        await kind(Provider(token)).issue(Person(), "urn:portico:bff:shop")
    assert not token or token not in str(refused.value)


@KINDS
@pytest.mark.parametrize(
    ("fault", "becomes"),
    [
        (GrantRefused("invalid_grant"), SessionOver),
        (ProviderUnreachable("no answer"), TokenUnavailable),
        (ProviderDistrusted("invalid_target"), TokenUnavailable),
    ],
)
async def test_what_the_provider_refuses_is_told_by_whether_the_session_is_over(
    kind: Kind, fault: Exception, becomes: type[Exception]
) -> None:
    with pytest.raises(becomes):
        await kind(Provider(fails=fault)).issue(Person(), "urn:portico:bff:shop")
