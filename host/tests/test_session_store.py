"""Sessions on their own: how long they last, what the database keeps, and what ends them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from host.tests.identity_world import HOST, TestClock
from host.tests.session_world import SETTINGS
from portico.host.config import ProviderConfig
from portico.host.errors import ConfigurationError
from portico.host.push import FORGET_SESSION
from portico.host.push.store import Subscriptions
from portico.host.push.subscription import Keys, Subscription
from portico.host.session import MIGRATIONS, Person, Seal, Session, Sessions, SessionSettings, TokenSet
from portico.host.session.sealing import SealBroken
from portico.host.sessions_database import open_sessions
from portico.sql import Database, Row, Statement, StoreUnavailable, Value, open_database

HOUR = 3600
ADA = Person(sub="ada", name="Ada", roles=("editor",), tenant="north", sid="sid-1")
TOKENS = TokenSet(access_token="an access token", id_token="an id token", refresh_token="a refresh token", expires_at=5)


class CountingDatabase(Database):
    """The real database, counting; it can be told to fail its writes."""

    def __init__(self, inner: Database) -> None:
        self.inner = inner
        self.reads = self.writes = 0
        self.full = False

    async def read(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        self.reads += 1
        return await self.inner.read(sql, params)

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.writes += 1
        if self.full:
            raise StoreUnavailable("full")
        return await self.inner.write(statements)

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Store:
    clock: TestClock
    database: CountingDatabase
    seal: Seal
    sessions: Sessions

    def again(self, *, settings: SessionSettings = SETTINGS, seal: Seal | None = None) -> Sessions:
        """Another host on the same database."""
        return Sessions(self.database, settings=settings, seal=seal or self.seal, clock=self.clock)


@pytest.fixture
async def store(session_database: Database) -> Store:
    """Every test here holds on SQLite and on PostgreSQL."""
    clock, seal = TestClock(), Seal.generate()
    database = CountingDatabase(session_database)
    return Store(clock, database, seal, Sessions(database, settings=SETTINGS, seal=seal, clock=clock))


def cookie(*secrets: str) -> list[tuple[bytes, bytes]]:
    return [(b"cookie", "; ".join(["a=b", *(f"portico={secret}" for secret in secrets)]).encode())]


async def test_a_session_says_who_it_is_and_until_when(store: Store) -> None:
    secret, created = await store.sessions.create(ADA, TOKENS)
    assert await store.sessions.identify(cookie(secret)) == created
    assert created == Session(
        id=created.id,
        sub="ada",
        name="Ada",
        roles=("editor",),
        tenant="north",
        expires_at=store.clock.now + 8 * HOUR,
        version=1,
    )


async def test_identifying_costs_one_read(store: Store) -> None:
    secret, _ = await store.sessions.create(ADA, TOKENS)
    store.database.reads = store.database.writes = 0
    await store.sessions.identify(cookie(secret))
    assert (store.database.reads, store.database.writes) == (1, 0)


@pytest.mark.parametrize("value", ["", "x", "A" * 42, "A" * 44, "A" * 42 + "=", "../../etc/passwd", "A" * 43])
async def test_a_made_up_cookie_is_nobody(store: Store, value: str) -> None:
    await store.sessions.create(ADA, TOKENS)
    assert await store.sessions.identify(cookie(value)) is None


async def test_the_id_in_the_database_is_no_cookie(store: Store) -> None:
    _, session = await store.sessions.create(ADA, TOKENS)
    encoded = base64.urlsafe_b64encode(bytes.fromhex(session.id)).rstrip(b"=").decode()
    for value in (session.id, encoded):
        assert await store.sessions.identify(cookie(value)) is None


async def test_a_request_with_two_session_cookies_is_nobodys(store: Store) -> None:
    mine, _ = await store.sessions.create(ADA, TOKENS)
    planted, _ = await store.sessions.create(replace_sub("mallory"), TOKENS)
    assert await store.sessions.identify(cookie(planted, mine)) is None
    assert await store.sessions.identify([*cookie(planted), *cookie(mine)]) is None


def replace_sub(sub: str) -> Person:
    return Person(sub=sub, name=sub, sid=f"sid-of-{sub}")


async def test_a_session_that_is_not_used_ends_after_eight_hours(store: Store) -> None:
    secret, _ = await store.sessions.create(ADA, TOKENS)
    store.clock.now += 8 * HOUR - 1
    assert await store.sessions.identify(cookie(secret))
    store.clock.now += 8 * HOUR
    assert await store.sessions.identify(cookie(secret)) is None


async def test_a_session_in_use_ends_after_a_day(store: Store) -> None:
    secret, created = await store.sessions.create(ADA, TOKENS)
    ends = store.clock.now + 24 * HOUR
    while store.clock.now + HOUR < ends:
        store.clock.now += HOUR
        session = await store.sessions.identify(cookie(secret))
        assert session == replace(created, expires_at=min(ends, session.expires_at if session else 0))
    store.clock.now = ends - 1
    last = await store.sessions.identify(cookie(secret))
    assert last
    assert last.expires_at == ends
    store.clock.now = ends
    assert await store.sessions.identify(cookie(secret)) is None


async def test_being_seen_is_written_once_a_minute(store: Store) -> None:
    secret, _ = await store.sessions.create(ADA, TOKENS)
    store.database.writes = 0
    for _ in range(120):
        store.clock.now += 1
        await store.sessions.identify(cookie(secret))
    assert store.database.writes == 2


async def test_a_store_that_cannot_write_signs_nobody_out(store: Store) -> None:
    secret, _ = await store.sessions.create(ADA, TOKENS)
    store.clock.now += HOUR
    store.database.full = True
    assert await store.sessions.identify(cookie(secret))


async def test_an_ended_session_is_over_for_every_host_at_once(store: Store) -> None:
    other = store.again()
    secret, session = await store.sessions.create(ADA, TOKENS)
    assert await other.identify(cookie(secret))
    assert await store.sessions.end(session.id) == TOKENS
    assert await other.identify(cookie(secret)) is None
    assert await store.sessions.end(session.id) is None


async def test_the_provider_can_end_what_came_of_one_sign_in(store: Store) -> None:
    first, one = await store.sessions.create(ADA, TOKENS)
    second, two = await store.sessions.create(ADA, TOKENS)
    third, _ = await store.sessions.create(replace_sub("ben"), TOKENS)
    assert set(await store.sessions.end_at_provider(sid="sid-1")) == {one.id, two.id}
    assert [bool(await store.sessions.identify(cookie(secret))) for secret in (first, second, third)] == [0, 0, 1]


async def test_sessions_of_another_provider_are_not_honoured(store: Store) -> None:
    secret, _ = await store.sessions.create(ADA, TOKENS)
    provider = ProviderConfig(issuer="https://idp.example", client_id="portico", client_secret="s")
    other = store.again(settings=replace(SETTINGS, provider=provider))
    assert await other.identify(cookie(secret)) is None
    assert await other.end_at_provider(sid="sid-1") == ()


async def test_sessions_that_are_over_are_forgotten_at_the_next_sign_in(store: Store) -> None:
    await store.sessions.create(ADA, TOKENS)
    store.clock.now += 8 * HOUR
    await store.sessions.create(ADA, TOKENS)
    assert await store.database.read("SELECT count(*) FROM session") == [(1,)]


async def content_of(database: Database, folder: Path) -> bytes:
    """All that is kept: the files where there are any, and every column."""
    rows = await database.read("SELECT * FROM session")
    return repr(rows).encode() + files_of(folder)


def files_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("sessions.db*"))


async def test_the_database_holds_neither_secrets_nor_tokens(store: Store, tmp_path: Path) -> None:
    secret, _ = await store.sessions.create(ADA, TOKENS)
    content = await content_of(store.database, tmp_path)
    assert b"ada" in content
    for kept_out in (secret, TOKENS.access_token, TOKENS.id_token, str(TOKENS.refresh_token)):
        assert kept_out.encode() not in content


async def test_tokens_come_back_for_their_own_session_alone(store: Store) -> None:
    _, one = await store.sessions.create(ADA, TOKENS)
    _, two = await store.sessions.create(replace_sub("ben"), TOKENS)
    assert await store.sessions.tokens(one.id) == TOKENS
    swap = "UPDATE session SET tokens = (SELECT tokens FROM session WHERE id = $1) WHERE id = $2"
    await store.database.write([Statement(swap, (one.id, two.id))])
    assert await store.sessions.tokens(two.id) is None
    assert await store.sessions.tokens("unknown") is None


async def test_a_lost_key_costs_the_tokens_but_not_the_session(store: Store) -> None:
    secret, session = await store.sessions.create(ADA, TOKENS)
    other = store.again(seal=Seal.generate())
    assert await other.identify(cookie(secret))
    assert await other.tokens(session.id) is None


def test_tokens_and_secrets_stay_out_of_what_is_printed() -> None:
    assert "token" not in repr(TOKENS).replace("TokenSet", "")
    assert SETTINGS.provider.client_secret not in repr(SETTINGS)


def test_a_seal_opens_what_older_keys_closed_and_nothing_else(tmp_path: Path) -> None:
    old, new = b"o" * 32, b"n" * 32
    sealed = Seal({"old": old}, "old").seal(b"text", "row")
    rotated = Seal({"old": old, "new": new}, "new")
    assert rotated.unseal(sealed, "row") == b"text"
    assert rotated.seal(b"text", "row").startswith("new.")
    for seal, value, context in [
        (Seal({"new": new}, "new"), sealed, "row"),
        (rotated, sealed, "another row"),
        (rotated, sealed[:-4] + "AAA=", "row"),
        (rotated, "old.", "row"),
        (rotated, "old.%%%", "row"),
        (rotated, "", "row"),
    ]:
        with pytest.raises(SealBroken):
            seal.unseal(value, context)


def test_session_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    sealed = Seal.open(path).seal(b"text", "row")
    assert path.stat().st_mode & 0o777 == 0o600
    assert Seal.open(path).unseal(sealed, "row") == b"text"


@pytest.mark.parametrize(
    "content",
    ["", "{}", json.dumps({"current": "a", "keys": {}}), json.dumps({"current": "a", "keys": {"a": "AAAA"}})],
)
def test_a_file_without_usable_session_keys_stops_the_start(tmp_path: Path, content: str) -> None:
    path = tmp_path / "session.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError):
        Seal.open(path)


LOCAL = ProviderConfig(issuer="http://127.0.0.1:1/idp", client_id="a", client_secret="b")


@pytest.mark.parametrize(
    ("base_url", "provider"),
    [
        ("http://portico.example", LOCAL),
        ("http://0.0.0.0:8000", LOCAL),
        ("http://192.168.1.5:8000", LOCAL),
        ("ftp://127.0.0.1", LOCAL),
        (HOST, ProviderConfig(issuer="http://idp.example", client_id="a", client_secret="b")),
        (HOST, ProviderConfig(issuer="http://127.0.0.1:1/idp", client_id="a", client_secret="")),
    ],
    ids=str,
)
def test_unprotected_addresses_and_missing_secrets_stop_the_start(base_url: str, provider: ProviderConfig) -> None:
    with pytest.raises(ConfigurationError):
        SessionSettings(base_url=base_url, provider=provider)


@pytest.mark.parametrize("times", [{"idle": 0}, {"idle": 10, "absolute": 9}])
def test_times_that_make_no_sense_stop_the_start(times: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        SessionSettings(base_url=HOST, provider=LOCAL, **times)


async def test_what_an_open_page_does_by_itself_keeps_no_session_on(store: Store) -> None:
    secret, session = await store.sessions.create(ADA, TOKENS)
    for _ in range(7):
        store.clock.now += HOUR
        assert await store.sessions.look_up(cookie(secret)) is not None
        assert await store.sessions.alive([session.id]) == {session.id}
    store.clock.now += HOUR
    assert await store.sessions.look_up(cookie(secret)) is None
    assert await store.sessions.alive([session.id]) == frozenset()


async def test_many_sessions_are_asked_after_in_one_read(store: Store) -> None:
    made = [(await store.sessions.create(ADA, TOKENS))[1].id for _ in range(5)]
    await store.sessions.end(made[0])
    store.database.reads = 0
    assert await store.sessions.alive([*made, "unknown"]) == set(made[1:])
    assert store.database.reads == 1


async def test_whoever_hangs_on_a_session_is_told_of_its_end_once(store: Store) -> None:
    ended: list[str] = []
    store.sessions.when_ended(ended.append)
    secret, first = await store.sessions.create(ADA, TOKENS)
    _, second = await store.sessions.create(ADA, TOKENS)
    await store.sessions.end_presented(cookie(secret))
    await store.sessions.end_presented(cookie(secret))
    assert ended == [first.id]
    await store.sessions.end_at_provider(sid="sid-1")
    assert ended == [first.id, second.id]


@pytest.mark.parametrize("by_sid", [True, False])
async def test_what_goes_with_a_session_goes_in_the_same_commit(session_database: Database, by_sid: bool) -> None:
    """A browser that was signed out of gets no notices any more."""
    database, seal, clock = CountingDatabase(session_database), Seal.generate(), TestClock()
    sessions = Sessions(database, settings=SETTINGS, seal=seal, clock=clock, forget_too=[FORGET_SESSION])
    subscriptions = Subscriptions(database, seal=seal, clock=clock)
    _, session = await sessions.create(ADA, TOKENS)
    for session_id in (session.id, "another"):
        await subscriptions.put("ada", session_id, Subscription(f"https://push.example/{session_id}", Keys("p", "a")))
    database.writes = 0
    await (sessions.end_at_provider(sid="sid-1") if by_sid else sessions.end(session.id))
    left = await database.read("SELECT session_id FROM push_subscription")
    assert (left, database.writes) == ([("another",)], 1 + by_sid)


async def test_a_person_has_fifty_sessions_and_the_one_not_seen_for_longest_gives_way(store: Store) -> None:
    ended: list[str] = []
    store.sessions.when_ended(ended.append)
    first, one = await store.sessions.create(ADA, TOKENS)
    store.clock.now += 1
    second, two = await store.sessions.create(ADA, TOKENS)
    ben, _ = await store.sessions.create(replace_sub("ben"), TOKENS)
    store.clock.now += 120
    assert await store.sessions.identify(cookie(first))  # seen later than the second
    for _ in range(49):
        await store.sessions.create(ADA, TOKENS)
    assert ended == [two.id]
    assert [bool(await store.sessions.identify(cookie(secret))) for secret in (first, second, ben)] == [1, 0, 1]
    assert await store.sessions.alive([one.id]) == {one.id}


@pytest.mark.parametrize("number", [0, 1, 3, 256, 257, 700])
async def test_any_number_of_sessions_can_be_asked_after(store: Store, number: int) -> None:
    _, session = await store.sessions.create(ADA, TOKENS)
    made_up = [f"{index:064x}" for index in range(number)]
    store.database.reads = 0
    assert await store.sessions.alive([*made_up, session.id]) == {session.id}
    assert store.database.reads == number // 256 + 1
    assert await store.sessions.alive(made_up) == frozenset()


async def test_sessions_of_an_older_version_go_on_without_being_refreshed(tmp_path: Path) -> None:
    """A host that is upgraded signs nobody out; the provider is asked again after the next sign-in."""
    url, seal, clock = f"sqlite:///{tmp_path / 'sessions.db'}", Seal.generate(), TestClock()
    secret, session_id = "A" * 43, sha256(b"A" * 43).hexdigest()
    old = await open_database(url, migrations=MIGRATIONS[:1])
    now = int(clock.now)
    insert = (
        "INSERT INTO session (id, issuer, sub, sid, name, roles, tenant, tokens, created_at, last_seen_at, expires_at, "
        "version) VALUES ($1, $2, 'ada', NULL, 'Ada', '[\"editor\"]', NULL, $3, $4, $4, $5, 1)"
    )
    sealed = seal.seal(msgspec.json.encode(TOKENS), session_id)
    await old.write([Statement(insert, (session_id, SETTINGS.provider.issuer, sealed, now, now + 24 * HOUR))])
    await old.close()
    database = await open_sessions(url)
    sessions = Sessions(database, settings=SETTINGS, seal=seal, clock=clock)
    session = await sessions.identify(cookie(secret))
    assert session
    assert (session.sub, session.roles, session.refresh_at) == ("ada", ("editor",), None)
    assert await sessions.tokens(session_id) == TOKENS
    await database.close()
