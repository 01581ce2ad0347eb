"""What an operator says of sessions: read from the environment, and refused with a sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.tests.test_session_store import LOCAL
from portico.host.app import create_app
from portico.host.config import HostConfig
from portico.host.errors import ConfigurationError
from portico.host.session import SessionSettings

BASE = {"PORTICO_BASE_URL": "http://127.0.0.1:8000", "PORTICO_DATA_DIR": "/nowhere"}


def config(**environment: str) -> HostConfig:
    return HostConfig.from_environment(BASE | environment)


def test_without_settings_sessions_and_keys_are_in_the_data_folder() -> None:
    assert config().sessions_database_url == "sqlite:////nowhere/sessions.db"
    assert config().key_file("sessions") == Path("/nowhere/keys/sessions.json")
    assert (config().session_idle_s, config().session_absolute_s) == (8 * 3600, 24 * 3600)


def test_settings_say_where_sessions_and_keys_are_and_how_long_they_last() -> None:
    given = config(
        PORTICO_SESSIONS_DATABASE="postgresql://portico:secret@db/sessions",
        PORTICO_KEYS_DIR="/run/keys",
        PORTICO_SESSION_IDLE_S="60",
        PORTICO_SESSION_ABSOLUTE_S="600",
    )
    assert given.sessions_database_url == "postgresql://portico:secret@db/sessions"
    assert given.key_file("tokens") == Path("/run/keys/tokens.json")
    assert (given.session_idle_s, given.session_absolute_s) == (60, 600)
    assert "secret" not in repr(given)


@pytest.mark.parametrize("name", ["PORTICO_SESSION_IDLE_S", "PORTICO_SESSION_ABSOLUTE_S"])
@pytest.mark.parametrize("value", ["0", "-1", "8h", "1.5", "\u0661", "9" * 13])
def test_a_time_that_is_none_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        config(**{name: value})


def test_an_idle_time_longer_than_the_absolute_one_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"PORTICO_SESSION_IDLE_S .* PORTICO_SESSION_ABSOLUTE_S"):
        SessionSettings(base_url=BASE["PORTICO_BASE_URL"], provider=LOCAL, idle=601, absolute=600)


@pytest.mark.parametrize(
    "url", ["mysql://portico:secret@db/sessions", "sqlite://relative.db", "postgresql://portico:secret@127.0.0.1:1/x"]
)
async def test_a_database_that_cannot_be_had_stops_the_start_by_name_and_without_its_password(
    tmp_path: Path, url: str
) -> None:
    environment = BASE | {"PORTICO_DATA_DIR": str(tmp_path), "PORTICO_SESSIONS_DATABASE": url}
    host = create_app(HostConfig.from_environment(environment))
    with pytest.raises(ConfigurationError, match="PORTICO_SESSIONS_DATABASE") as refused:
        async with host.router.lifespan_context(host):
            raise AssertionError("the host has started")
    assert "secret" not in str(refused.value)
