"""The provider's tokens of running sessions: refreshed in time and once, whatever happens, on both engines."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from host.tests.token_world import ADA, LIFE_S, Replica, TokenWorld, token_world
from portico.host.session import TokenSet
from portico.host.session.errors import GrantRefused, ProviderDistrusted, ProviderUnreachable
from portico.host.session.grants import AccessToken, Granted
from portico.sql import Database, Statement, StoreUnavailable

DUE = LIFE_S - 60


@pytest.fixture
async def world(session_database: Database, sessions_url: str) -> AsyncIterator[TokenWorld]:
    async with token_world(sessions_url) as world:
        yield world


@pytest.fixture
async def three(session_database: Database, sessions_url: str) -> AsyncIterator[TokenWorld]:
    async with token_world(sessions_url, replicas=3) as world:
        yield world


async def test_the_provider_is_asked_a_minute_before_the_access_token_is_over(world: TokenWorld) -> None:
    world.clock.now += DUE - 1
    assert await world.fresh()
    assert world.provider.asked == 0
    world.clock.now += 1
    assert await world.fresh()
    assert world.provider.asked == 1
    tokens = await world.one.sessions.tokens(world.session.id)
    assert tokens == world.provider.tokens()
    world.clock.now += DUE - 1
    await world.fresh()
    assert world.provider.asked == 1


async def test_everybody_who_asks_at_once_in_every_process_causes_one_refresh_per_expiry(three: TokenWorld) -> None:
    for expiry in range(1, 4):
        three.clock.now += DUE
        found = await asyncio.gather(*(three.fresh(replica) for replica in three.replicas for _ in range(8)))
        assert [session and session.sub for session in found] == ["ada"] * 24
        assert three.provider.asked == expiry
    assert not three.provider.revoked


@pytest.mark.parametrize("seed", range(6))
async def test_no_order_of_calls_spends_a_refresh_token_twice(three: TokenWorld, seed: int) -> None:
    """Refresh, resource and audience in any mixture, callers that give up among them."""
    chance = random.Random(seed)
    three.provider.turns = chance.randrange(40)

    async def call(replica: Replica) -> None:
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        session = await three.seen(replica)
        assert session
        match chance.randrange(3):
            case 0:
                assert await replica.tokens.keep_fresh(session)
            case 1:
                assert (await replica.tokens.for_resource(session, "urn:a")).token == "for urn:a"
            case _:
                assert (await replica.tokens.for_audience(session, "b")).token.endswith(" for b")

    for _ in range(3):
        three.clock.now += chance.choice([DUE, LIFE_S, 5000])
        tasks = [asyncio.create_task(call(chance.choice(three.replicas))) for _ in range(12)]
        for task in chance.sample(tasks, 3):
            await asyncio.sleep(0)
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [o for o in outcomes if o is not None and not isinstance(o, asyncio.CancelledError)] == []
    assert not three.provider.revoked
    assert await three.fresh()


async def test_roles_and_names_follow_the_provider_and_only_then_is_the_session_another(world: TokenWorld) -> None:
    world.clock.now += DUE
    same = await world.fresh()
    assert same
    assert (same.roles, same.version) == (("editor",), 1)
    world.provider.claims = {"sub": "ada", "name": "Ada L.", "roles": ["reader"], "tenant": "south"}
    for _ in range(2):
        world.clock.now += DUE
        changed = await world.fresh()
        assert changed
        assert (changed.name, changed.roles, changed.tenant, changed.version) == ("Ada L.", ("reader",), "south", 2)
        assert await world.seen() == changed
    world.provider.claims = {"sub": "ada", "name": "Ada L."}
    world.clock.now += DUE
    lost = await world.fresh()
    assert lost
    assert (lost.roles, lost.tenant, lost.version) == ((), None, 3)


async def test_a_refusal_ends_the_session_everywhere(three: TokenWorld) -> None:
    ended: list[str] = []
    three.one.sessions.when_ended(ended.append)
    three.provider.revoked = True
    three.clock.now += DUE
    assert await three.fresh() is None
    assert ended == [three.session.id]
    assert [await three.seen(replica) for replica in three.replicas] == [None] * 3


@pytest.mark.parametrize("fault", [ProviderUnreachable("gone"), ProviderDistrusted("odd")], ids=str)
async def test_a_provider_that_does_not_answer_keeps_nobody_out_for_an_hour(world: TokenWorld, fault: Any) -> None:
    world.provider.fault = fault
    world.clock.now += DUE
    began = world.clock.now
    while world.clock.now < began + 3600:
        assert await world.fresh()
        world.clock.now += 10
    assert world.provider.asked == 120  # every 30 seconds, though asked for every 10
    assert await world.fresh() is None
    assert await world.seen() is None


async def test_a_provider_that_answers_again_is_forgiven(world: TokenWorld) -> None:
    for _ in range(3):
        world.provider.fault = ProviderUnreachable("gone")
        world.clock.now += 3000
        assert await world.fresh()
        world.provider.fault = None
        world.clock.now += 30
        assert await world.fresh()
    assert world.provider.number == 3


async def test_a_session_without_a_refresh_token_is_left_alone(world: TokenWorld) -> None:
    tokens = TokenSet("access", "id", None, int(world.clock()) + 5)
    world.secret, _ = await world.one.sessions.create(ADA, tokens)
    world.clock.now += 7 * 3600
    assert await world.fresh()
    assert world.provider.asked == 0


async def test_nobody_waits_for_a_slow_provider_and_what_it_says_is_kept(
    session_database: Database, sessions_url: str
) -> None:
    async with token_world(sessions_url, patience=0) as world:
        world.provider.gate.clear()
        world.provider.claims = {"sub": "ada", "name": "Ada", "roles": ["reader"]}
        world.clock.now += DUE
        for _ in range(3):
            waiting = await world.fresh()
            assert waiting
            assert waiting.roles == ("editor",)
        world.provider.gate.set()
        await world.one.tokens.close()
        assert world.provider.asked == 1
        kept = await world.seen()
        assert kept
        assert kept.roles == ("reader",)


async def test_a_refresh_goes_on_when_the_browser_that_waited_is_gone(world: TokenWorld) -> None:
    world.provider.gate.clear()
    world.clock.now += DUE
    session = await world.seen()
    assert session
    for call in (world.one.tokens.keep_fresh(session), world.one.tokens.for_resource(session, "urn:a")):
        task = asyncio.ensure_future(call)
        await world.provider.began()
        task.cancel()
        world.provider.gate.set()
        await world.one.tokens.close()
        tokens = await world.one.sessions.tokens(session.id)
        assert tokens
        assert tokens.refresh_token == f"refresh {world.provider.number}"
        world.provider.gate.clear()


async def test_who_signs_out_during_a_refresh_stays_out_and_the_new_token_is_revoked(world: TokenWorld) -> None:
    world.provider.gate.clear()
    world.clock.now += DUE
    task = asyncio.create_task(world.fresh())
    await world.provider.began()
    await world.one.sessions.end(world.session.id)
    world.provider.gate.set()
    assert await task is None
    await world.one.tokens.close()
    assert [tokens.refresh_token for tokens in world.provider.forgotten] == ["refresh 1"]
    assert await world.seen() is None


async def test_tokens_that_somebody_else_replaced_are_not_overwritten(world: TokenWorld) -> None:
    """A process stood still so long that its lease was taken; what it brings then is too late."""
    world.provider.gate.clear()
    world.clock.now += DUE
    task = asyncio.create_task(world.fresh())
    await world.provider.began()
    await world.one.database.write([Statement("UPDATE session SET generation = generation + 1")])
    world.provider.gate.set()
    assert await task  # still signed in, by what the other one has kept
    tokens = await world.one.sessions.tokens(world.session.id)
    assert tokens
    assert tokens.refresh_token == "refresh 0"
    assert world.provider.forgotten == []


async def test_an_answer_about_somebody_else_changes_nobody(world: TokenWorld) -> None:
    world.provider.claims = {"sub": "mallory", "name": "M", "roles": ["admin"]}
    world.clock.now += DUE
    session = await world.fresh()
    assert session
    assert (session.sub, session.roles) == ("ada", ("editor",))


async def test_a_resource_token_says_nothing_new_about_the_person_and_delays_no_refresh(world: TokenWorld) -> None:
    before = await world.seen()
    assert before
    world.clock.now += 100
    await world.one.tokens.for_resource(before, "urn:a")
    after = await world.seen()
    assert after
    assert (after.roles, after.version, after.refresh_at) == (("editor",), 1, before.refresh_at)


async def test_an_audience_gets_a_token_of_a_fresh_one(world: TokenWorld) -> None:
    session = await world.seen()
    assert session
    assert (await world.one.tokens.for_audience(session, "b")).token == "access 0 for b"
    world.clock.now += LIFE_S
    assert (await world.one.tokens.for_audience(session, "b")).token == "access 1 for b"


async def test_a_withdrawn_access_token_is_replaced_once_and_ends_no_session(world: TokenWorld) -> None:
    session, exchange, refused = await world.seen(), world.provider.exchange, list[str]()
    assert session

    async def withdrawn(tokens: TokenSet, audience: str) -> AccessToken:
        if tokens.access_token == "access 0":
            refused.append(audience)
            raise GrantRefused("invalid_grant")
        return await exchange(tokens, audience)

    world.provider.exchange = withdrawn  # type: ignore[method-assign]
    calls = (world.one.tokens.for_audience(session, audience) for audience in "abc")
    assert [given.token for given in await asyncio.gather(*calls)] == [f"access 1 for {one}" for one in "abc"]
    assert (len(refused), world.provider.asked) == (3, 1)


async def test_an_audience_that_the_provider_refuses_ends_no_session(world: TokenWorld) -> None:
    async def never(tokens: TokenSet, audience: str) -> AccessToken:
        raise GrantRefused("invalid_grant")

    world.provider.exchange = never  # type: ignore[method-assign]
    with pytest.raises(ProviderDistrusted):
        await world.one.tokens.for_audience(world.session, "b")
    assert await world.seen()
    world.provider.revoked = True
    with pytest.raises(GrantRefused):
        await world.one.tokens.for_audience(world.session, "b")
    assert await world.seen() is None, "it ends with its refresh token"


async def test_who_comes_late_with_an_old_token_does_not_end_what_another_has_renewed(three: TokenWorld) -> None:
    """A process that stood still lost its lease: its refresh token is refused, the session goes on with the other's."""
    slow, refresh = three.replicas[1], three.provider.refresh

    async def overtaken(tokens: TokenSet, *, resource: str | None = None) -> Granted:
        three.provider.refresh = refresh  # type: ignore[method-assign]
        granted = await refresh(tokens, resource=resource)
        kept = await slow.tokens._rows.read(three.session.id, int(three.clock()))
        assert kept
        assert await slow.tokens._rows.replace(kept, granted.tokens, None, due=three.clock() + DUE)
        raise GrantRefused("invalid_grant")

    three.provider.refresh = overtaken  # type: ignore[method-assign]
    three.clock.now += DUE
    assert await three.fresh()
    assert await three.seen()
    assert await three.one.sessions.tokens(three.session.id) == three.provider.tokens()


async def test_a_session_that_is_over_gets_no_token(world: TokenWorld) -> None:
    await world.one.sessions.end(world.session.id)
    for call in (world.one.tokens.for_resource, world.one.tokens.for_audience):
        with pytest.raises(GrantRefused):
            await call(world.session, "urn:a")
    assert world.provider.asked == 0


async def test_a_store_that_cannot_write_for_a_moment_loses_no_token(
    world: TokenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = world.one.database
    write, failures = database.write, list[Sequence[Statement]]()

    async def sometimes(statements: Sequence[Statement]) -> Any:
        if statements[0].sql.startswith("UPDATE session SET tokens") and len(failures) < 2:
            failures.append(statements)
            raise StoreUnavailable("busy")
        return await write(statements)

    async def at_once(_seconds: float) -> None: ...

    monkeypatch.setattr(database, "write", sometimes)
    monkeypatch.setattr(world.one.tokens, "_sleep", at_once)
    world.clock.now += DUE
    assert await world.fresh()
    assert len(failures) == 2
    assert await world.one.sessions.tokens(world.session.id) == world.provider.tokens()
