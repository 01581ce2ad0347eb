"""`portico secrets`: keys are replaced while a host runs, and nobody notices."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from host.tests.identity_world import TestClock
from host.tests.session_world import SETTINGS
from host.tests.test_session_store import ADA, TOKENS, cookie, replace_sub
from portico.feed import person_subject
from portico.host.cli import cli
from portico.host.errors import ConfigurationError
from portico.host.push.store import Subscriptions
from portico.host.push.subscription import Keys, Subscription
from portico.host.session import Seal, Sessions
from portico.host.session.attempts import LoginAttempts
from portico.host.session.reseal import SealedColumn, reseal
from portico.host.session.sealing import SealBroken
from portico.sql import Database, Row, Statement

AT_PUSH_SERVICE = Subscription("https://push.example/1", Keys("p", "a"))


@dataclass
class Running:
    """What a running host does with its keys, and the command beside it."""

    folder: Path
    database: Database
    url: str
    clock: TestClock = field(default_factory=TestClock)
    moved: float = 0.0

    def __post_init__(self) -> None:
        self.seal = Seal.open(self.key_file, clock=lambda: self.moved)
        self.sessions = Sessions(self.database, settings=SETTINGS, seal=self.seal, clock=self.clock)
        self.attempts = LoginAttempts(self.database, seal=self.seal, clock=self.clock)
        self.subscriptions = Subscriptions(self.database, seal=self.seal, clock=self.clock)

    @property
    def key_file(self) -> Path:
        return self.folder / "keys" / "sessions.json"

    @property
    def keys(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.key_file.read_bytes())
        return found

    async def run(self, *arguments: str) -> Result:
        environment = {"PORTICO_SESSIONS_DATABASE": self.url, "PORTICO_DATA_DIR": str(self.folder)}
        return await asyncio.to_thread(CliRunner().invoke, cli, ["secrets", *arguments], env=environment)

    def let_a_minute_pass(self) -> None:
        """The file looks as old as it would be, and the host looks at it again."""
        os.utime(self.key_file, (time.time() - 61, time.time() - 61))
        self.moved += 61

    async def names_of_keys_in_use(self) -> set[str]:
        found: set[str] = set()
        for column in ("tokens FROM session", "sealed FROM login_attempt", "sealed FROM push_subscription"):
            rows = await self.database.read(f"SELECT {column}")
            found |= {str(row[0]).partition(".")[0] for row in rows}
        return found


@pytest.fixture
def host(tmp_path: Path, session_database: Database, sessions_url: str) -> Running:
    return Running(tmp_path, session_database, sessions_url)


async def test_keys_are_replaced_while_the_host_runs_and_everybody_stays(host: Running) -> None:
    old = host.seal.current
    secret, before = await host.sessions.create(ADA, TOKENS)
    state, bound, attempt = await host.attempts.begin("/deep")
    await host.subscriptions.put("ada", before.id, AT_PUSH_SERVICE)

    rotated = await host.run("rotate", "sessions")
    assert rotated.exit_code == 0, rotated.output
    assert "3 sealed values" in rotated.output
    new = host.keys["current"]
    assert set(host.keys["keys"]) == {old, new}
    assert await host.names_of_keys_in_use() == {new}
    assert host.key_file.stat().st_mode & 0o777 == 0o600

    # The host reads what it does not know the key of, and seals with the new key as soon as it has looked.
    host.moved += 1
    assert await host.sessions.tokens(before.id) == TOKENS
    _, after = await host.sessions.create(replace_sub("ben"), TOKENS)
    assert await host.names_of_keys_in_use() == {new}

    host.let_a_minute_pass()
    dropped = await host.run("drop", "sessions")
    assert dropped.exit_code == 0, dropped.output
    assert set(host.keys["keys"]) == {new}
    again = Running(host.folder, host.database, host.url)  # a host that starts now
    for one in (host, again):
        assert await one.sessions.identify(cookie(secret)) == before
        assert await one.sessions.tokens(after.id) == TOKENS
        assert await one.subscriptions.of_feed(person_subject("ada")) == [AT_PUSH_SERVICE]
    assert await again.attempts.end(state, bound) == attempt


async def test_what_a_host_sealed_with_an_old_key_meanwhile_is_sealed_anew_before_that_key_goes(host: Running) -> None:
    await host.run("rotate", "sessions")
    _, late = await host.sessions.create(ADA, TOKENS)  # not yet noticed: sealed with the old key
    assert len(host.keys["keys"]) == 2
    assert host.keys["current"] not in await host.names_of_keys_in_use()
    host.let_a_minute_pass()
    dropped = await host.run("drop", "sessions")
    assert "1 sealed values" in dropped.output
    assert await host.names_of_keys_in_use() == {host.keys["current"]}
    host.moved += 1
    assert await host.sessions.tokens(late.id) == TOKENS


async def test_an_old_key_is_not_dropped_before_every_host_has_noticed(host: Running) -> None:
    await host.run("rotate", "sessions")
    refused = await host.run("drop", "sessions")
    assert refused.exit_code == 1
    assert "Try again in" in str(refused.exception)
    assert len(host.keys["keys"]) == 2


async def test_dropping_without_an_old_key_changes_nothing(host: Running) -> None:
    before = host.keys
    assert (await host.run("drop", "sessions")).exit_code == 0
    assert host.keys == before


async def test_a_value_that_changes_while_it_is_sealed_anew_stays_as_it_was_changed(
    host: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refresh token that was just rotated must not give way to the spent one."""
    await host.sessions.create(ADA, TOKENS)
    await host.run("rotate", "sessions")
    write = host.database.write

    async def just_after(statements: Sequence[Statement]) -> list[list[Row]]:
        await write([Statement("UPDATE session SET tokens = 'fresher'")])
        return await write(statements)

    await host.database.write([Statement("UPDATE session SET tokens = $1", (host.seal.seal(b"spent", "s"),))])
    await host.database.write([Statement("UPDATE session SET id = 's'")])
    monkeypatch.setattr(host.database, "write", just_after)
    newer = Seal.open(host.key_file)
    assert await reseal(host.database, newer, SealedColumn("session", "id", "tokens")) == (0, 0)
    assert await host.database.read("SELECT tokens FROM session") == [("fresher",)]


async def test_what_nobody_can_open_is_counted_and_kept(host: Running) -> None:
    _, session = await host.sessions.create(ADA, TOKENS)
    host.key_file.unlink()
    host = Running(host.folder, host.database, host.url)
    rotated = await host.run("rotate", "sessions")
    assert "1 cannot be opened" in rotated.output
    assert await host.sessions.alive([session.id]) == {session.id}


async def test_keys_of_overrides_are_replaced_alike_and_open_old_cookies_until_they_are_dropped(host: Running) -> None:
    path = host.folder / "keys" / "overrides.json"
    seal = Seal.open(path, clock=lambda: host.moved)
    cookie = seal.seal(b"overrides", "session")
    assert (await host.run("rotate", "overrides")).exit_code == 0
    host.moved += 5
    assert not seal.seal(b"overrides", "session").startswith(cookie.partition(".")[0])
    assert seal.unseal(cookie, "session") == b"overrides"
    os.utime(path, (time.time() - 61, time.time() - 61))
    assert (await host.run("drop", "overrides")).exit_code == 0
    host.moved += 5
    seal.seal(b"overrides", "session")
    with pytest.raises(SealBroken):
        seal.unseal(cookie, "session")


async def test_a_folder_that_is_no_hosts_is_refused(host: Running, tmp_path: Path) -> None:
    for arguments in (["--data-dir", str(tmp_path / "none")], ["--data-dir", str(tmp_path / "keys")]):
        refused = await host.run("rotate", "sessions", *arguments)
        assert isinstance(refused.exception, ConfigurationError)
    assert not (tmp_path / "none").exists()


def test_a_running_host_takes_up_new_keys_in_five_seconds_and_survives_a_file_that_is_gone(tmp_path: Path) -> None:
    now = [0.0]
    path = tmp_path / "sessions.json"
    seal = Seal.open(path, clock=lambda: now[0])
    old, content = seal.current, path.read_bytes()
    path.unlink()
    now[0] = 5
    assert seal.seal(b"text", "row").startswith(old)
    assert not path.exists()  # a host that runs makes no file: it would have keys that nobody else has
    path.write_bytes(b"{")
    path.chmod(0o600)
    now[0] = 10
    assert seal.seal(b"text", "row").startswith(old)
    changed = json.loads(content)
    changed["keys"]["next"] = changed["keys"][old]
    changed["current"] = "next"
    path.write_text(json.dumps(changed))
    now[0] = 14
    assert seal.seal(b"text", "row").startswith(old)
    now[0] = 15
    assert seal.seal(b"text", "row").startswith("next.")


def test_made_up_keys_make_a_host_read_its_file_once_a_second_at_most(tmp_path: Path) -> None:
    now = [0.0]
    path = tmp_path / "sessions.json"
    seal = Seal.open(path, clock=lambda: now[0])
    later = Seal.open(path)
    sealed = later.seal(b"text", "row")
    path.write_text(path.read_text().replace(later.current, "another"))
    unknown = sealed.replace(later.current, "another")
    with pytest.raises(SealBroken):
        seal.unseal(unknown, "row")
    now[0] = 1
    assert seal.unseal(unknown, "row") == b"text"
