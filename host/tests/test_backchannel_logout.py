"""The provider says that somebody signed out there: whose sessions end, and which messages are no such word."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey, Key

from host.tests.identity_world import CLIENT, HOST, ISSUER, TestClock, browser, query
from host.tests.scripted_provider import ScriptedProvider, segment, signed
from host.tests.session_world import PROVIDER_ORIGIN, SessionWorld, session_world

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT = f"{HOST}/auth/backchannel-logout"


class Stage:
    """A host, and a provider that says what the test wants."""

    def __init__(self, world: SessionWorld, provider: ScriptedProvider) -> None:
        self.world = world
        self.provider = provider
        self.clock = world.clock

    async def sign_in(self, *, sub: str = "ada", sid: str | None = "sid-1") -> str:
        """Sign somebody in with a browser of their own; the session cookie."""
        self.provider.claims = {"sub": sub, "sid": sid}
        async with browser(self.world.network) as person:
            begun = await person.get(f"{HOST}/auth/sign-in")
            sent = query(begun.headers["location"])
            self.provider.nonce = sent["nonce"]
            page = await person.get(f"{HOST}/auth/callback?code=c&state={sent['state']}&iss={ISSUER}")
            assert page.status_code == 200, page.text
            return f"portico={person.cookies['portico']}"

    def token(self, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A logout token that holds, but for the changes; `None` leaves a claim out."""
        now = int(self.clock())
        claims = {
            "iss": ISSUER,
            "aud": CLIENT.client_id,
            "iat": now,
            "exp": now + 120,
            "jti": "first",
            "sub": "ada",
            "sid": "sid-1",
            "events": {EVENT: {}},
        } | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        full = {"alg": "ES256", "kid": self.provider.key.kid, "typ": "logout+jwt"} | (header or {})
        return signed({name: value for name, value in full.items() if value is not None}, claims, self.provider.key)

    async def send(self, token: str, **options: Any) -> httpx2.Response:
        """Post a logout token as the provider does: no cookies, no browser's headers."""
        async with httpx2.AsyncClient(transport=self.world.network) as provider:
            return await provider.post(LOGOUT, **({"data": {"logout_token": token}} | options))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    clock = TestClock()
    provider = ScriptedProvider(clock)
    async with session_world(tmp_path, clock=clock, provider=provider.app()) as world:
        yield Stage(world, provider)


async def test_the_sessions_of_that_sign_in_end_at_once_and_no_others(stage: Stage) -> None:
    mine, again = await stage.sign_in(), await stage.sign_in()
    phone, other = await stage.sign_in(sid="sid-2"), await stage.sign_in(sub="ben", sid="sid-3")
    ended: list[str] = []
    stage.world.sign_in.sessions.when_ended(ended.append)
    answer = await stage.send(stage.token())
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["cache-control"] == "no-store"
    assert [bool(await stage.world.who(cookie)) for cookie in (mine, again, phone, other)] == [False, False, True, True]
    assert len(set(ended)) == 2


async def test_a_person_alone_names_all_their_sessions(stage: Stage) -> None:
    mine, phone = await stage.sign_in(), await stage.sign_in(sid="sid-2")
    other = await stage.sign_in(sub="ben", sid="sid-3")
    assert (await stage.send(stage.token(sid=None))).status_code == 200
    assert [bool(await stage.world.who(cookie)) for cookie in (mine, phone, other)] == [False, False, True]


async def test_a_sign_in_alone_is_enough(stage: Stage) -> None:
    mine = await stage.sign_in()
    assert (await stage.send(stage.token(sub=None))).status_code == 200
    assert await stage.world.who(mine) is None


async def test_a_session_whose_provider_told_no_sid_ends_with_its_person(stage: Stage) -> None:
    mine = await stage.sign_in(sid=None)
    assert (await stage.send(stage.token())).status_code == 200
    assert await stage.world.who(mine) is None


async def test_sub_and_sid_of_different_people_end_nothing(stage: Stage) -> None:
    mine = await stage.sign_in()
    assert (await stage.send(stage.token(sub="ben"))).status_code == 200
    assert await stage.world.who(mine)


async def test_a_sign_in_that_is_over_here_already_is_a_success(stage: Stage) -> None:
    assert (await stage.send(stage.token(sid="never seen"))).status_code == 200


@pytest.mark.parametrize("typ", ["logout+jwt", "application/logout+jwt", "LOGOUT+JWT", "JWT", None])
async def test_types_that_a_logout_token_may_have(stage: Stage, typ: str | None) -> None:
    mine = await stage.sign_in()
    assert (await stage.send(stage.token(header={"typ": typ}))).status_code == 200
    assert await stage.world.who(mine) is None


CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another client": {"aud": "other"},
    "us among others, without azp": {"aud": [CLIENT.client_id, "other"]},
    "no audience": {"aud": None},
    "stale": {"iat": -700},
    "of the future": {"iat": 31},
    "no iat": {"iat": None},
    "iat a text": {"iat": "now"},
    "expired": {"exp": -31},
    "no exp": {"exp": None},
    "exp beyond numbers": {"exp": 1e300},
    "no events": {"events": None},
    "another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "event is no object": {"events": {EVENT: True}},
    "events is a list": {"events": [EVENT]},
    "a nonce": {"nonce": "n"},
    "no jti": {"jti": None},
    "empty jti": {"jti": ""},
    "jti a number": {"jti": 5},
    "jti without end": {"jti": "x" * 256},
    "neither sub nor sid": {"sub": None, "sid": None},
    "sid a list": {"sid": ["sid-1"]},
    "empty sub": {"sub": ""},
}


@pytest.mark.parametrize("changes", CLAIMS.values(), ids=CLAIMS)
async def test_a_token_whose_claims_do_not_hold_ends_nothing(stage: Stage, changes: dict[str, Any]) -> None:
    mine = await stage.sign_in()
    now = int(stage.clock())
    times = {name: now + value for name, value in changes.items() if name in {"iat", "exp"} and isinstance(value, int)}
    await refused(stage, await stage.send(stage.token(**(changes | times))), mine)


def unsigned(stage: Stage) -> str:
    _, claims, _ = stage.token().split(".")
    return f"{segment({'alg': 'none', 'typ': 'logout+jwt'})}.{claims}."


def by_another_key(stage: Stage) -> str:
    mine, stage.provider.key = (
        stage.provider.key,
        ECKey.generate_key("P-256", parameters={"kid": str(stage.provider.key.kid)}),
    )
    try:
        return stage.token()
    finally:
        stage.provider.key = mine


def bringing_its_key(stage: Stage) -> str:
    mine: Key = stage.provider.key
    stage.provider.key = ECKey.generate_key("P-256", parameters={"kid": str(mine.kid)})
    try:
        return stage.token(header={"jwk": stage.provider.key.as_dict(private=False)})
    finally:
        stage.provider.key = mine


FORGED: dict[str, Callable[[Stage], str]] = {
    "unsigned": unsigned,
    "signed by another key": by_another_key,
    "bringing its own key": bringing_its_key,
    "an id_token": lambda stage: stage.provider.id_token(),
    "an access token": lambda stage: stage.token(header={"typ": "at+jwt"}),
    "crit": lambda stage: stage.token(header={"crit": ["exp"]}),
    "no token at all": lambda _stage: "a.b",
    "empty": lambda _stage: "",
    "not ASCII": lambda stage: stage.token() + "é",
    "without end": lambda _stage: "a" * 40_000,
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_a_forged_token_ends_nothing(stage: Stage, forge: Callable[[Stage], str]) -> None:
    mine = await stage.sign_in()
    await refused(stage, await stage.send(forge(stage)), mine)


async def refused(stage: Stage, answer: httpx2.Response, cookie: str) -> None:
    """The answer says why and is kept nowhere; the session is on."""
    assert answer.status_code == 400
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["error"] == "invalid_request"
    assert answer.json()["error_description"]
    assert await stage.world.who(cookie)


@pytest.mark.parametrize(
    "options",
    [
        {"data": {}},
        {"data": {"logout_token": ["T", "T"]}},
        {"data": None, "json": {"logout_token": "T"}},
        {"data": None, "content": b"\xff=\xfe", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"data": None, "content": b"a&" * 100, "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"data": None, "files": {"logout_token": b"T"}},
        {"data": None, "params": {"logout_token": "T"}},
    ],
    ids=["nothing", "twice", "JSON", "not UTF-8", "too many fields", "multipart", "in the address"],
)
async def test_what_is_not_one_token_in_a_form_is_refused(stage: Stage, options: dict[str, Any]) -> None:
    mine = await stage.sign_in()
    await refused(stage, await stage.send("", **options), mine)


async def test_two_tokens_are_refused_though_each_is_good(stage: Stage) -> None:
    mine = await stage.sign_in()
    await refused(stage, await stage.send("", data={"logout_token": [stage.token(), stage.token()]}), mine)


async def test_a_token_works_once(stage: Stage) -> None:
    await stage.sign_in()
    token = stage.token(sid=None)
    assert (await stage.send(token)).status_code == 200
    later = await stage.sign_in()
    answer = await stage.send(token)
    await refused(stage, answer, later)
    assert "has been used" in answer.json()["error_description"]
    assert (await stage.send(stage.token(sid=None, jti="second"))).status_code == 200
    assert await stage.world.who(later) is None


async def test_a_token_is_remembered_as_long_as_it_could_come_again_and_no_longer(stage: Stage) -> None:
    token = stage.token(exp=int(stage.clock()) + 10**6)
    assert (await stage.send(token)).status_code == 200
    stage.clock.now += 630
    later = await stage.sign_in()
    await refused(stage, await stage.send(token), later)
    stage.clock.now += 31
    await refused(stage, await stage.send(token), later)
    assert (await stage.send(stage.token(jti="second", sid="unknown"))).status_code == 200
    assert await stage.world.database.read("SELECT COUNT(*) FROM logout_token", ()) == [(1,)]


async def test_a_token_that_cannot_be_kept_may_come_again(stage: Stage, tmp_path: Path) -> None:
    mine = await stage.sign_in()
    await stage.world.database.close()
    answer = await stage.send(stage.token())
    assert (answer.status_code, answer.json()["error"]) == (400, "server_error")
    async with session_world(
        tmp_path, clock=stage.clock, seal=stage.world.seal, provider=stage.provider.app()
    ) as restarted:
        again = Stage(restarted, stage.provider)
        assert await restarted.who(mine)
        assert (await again.send(stage.token())).status_code == 200
        assert await restarted.who(mine) is None


async def test_no_keys_no_logout(stage: Stage) -> None:
    mine = await stage.sign_in()
    stage.clock.now += 601
    stage.world.network.down.add(PROVIDER_ORIGIN)
    assert (await stage.send(stage.token())).status_code == 400
    assert await stage.world.who(mine)


async def test_another_method_is_not_for_it(stage: Stage) -> None:
    async with httpx2.AsyncClient(transport=stage.world.network) as stranger:
        assert (await stranger.get(LOGOUT)).status_code == 405


async def test_a_token_that_cannot_be_checked_now_is_refused_without_words_about_our_network(stage: Stage) -> None:
    stage.world.network.down.add(PROVIDER_ORIGIN)
    answer = await stage.send(stage.token())
    expected = {"error": "server_error", "error_description": "the token cannot be checked just now; try again"}
    assert (answer.status_code, answer.json()) == (400, expected)
