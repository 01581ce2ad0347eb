"""Which starts are refused, and that each refusal says what to set and tells no secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portico.host.config import HostConfig, check_start
from portico.host.deployer import DeployerConfig
from portico.host.errors import ConfigurationError

GOOD = "f3c0a9d2b7e84e6c91aa"
FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "no provider": ({"OIDC_ISSUER": ""}, "OIDC_ISSUER is not set: set it to the issuer"),
    "plain http": ({"PORTICO_BASE_URL": "http://127.0.0.1:8000"}, "is plain http: set the https origin"),
    "no secret": ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET is not set"),
    "a short secret": ({"OIDC_CLIENT_SECRET": "abc123xyz"}, "OIDC_CLIENT_SECRET has only 9 characters: have"),
    "a default secret": ({"OIDC_CLIENT_SECRET": "ChangeMe"}, "OIDC_CLIENT_SECRET is a word that everybody tries"),
    "a secret of one letter": ({"OIDC_CLIENT_SECRET": "x" * 40}, "repeats the same few characters"),
    "a default password of the database": (
        {"PORTICO_MANIFEST_DATABASE": "postgresql://shop:postgres@db/shop"},
        "The password in PORTICO_MANIFEST_DATABASE is a word",
    ),
    "a default password, encoded": (
        {"PORTICO_SESSIONS_DATABASE": "postgresql://shop:%63hangeme@db/shop"},
        "The password in PORTICO_SESSIONS_DATABASE is a word",
    ),
    "a default password of the hub": ({"NATS_URL": "nats://shop:secret@hub:4222"}, "The password in NATS_URL is"),
    "development where anybody comes": ({"PORTICO_DEVELOPMENT": "1"}, "unset PORTICO_DEVELOPMENT"),
    "a contact that is none": ({"PORTICO_SECURITY_CONTACT": "ada@example.com"}, "write URIs such as mailto:"),
    "an account page over http": ({"PORTICO_ACCOUNT_URL": "http://id.example"}, "write an address such as https://"),
}


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """The settings of a host in production, with changes."""
    return {
        "PORTICO_BASE_URL": "https://portico.example",
        "PORTICO_DATA_DIR": str(folder / "data"),
        "OIDC_ISSUER": "https://id.example",
        "OIDC_CLIENT_ID": "shop",
        "OIDC_CLIENT_SECRET": GOOD,
        **changes,
    }


def refusal(settings: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        check_start(HostConfig.from_environment(settings))
    return str(refused.value)


def test_good_settings_start(tmp_path: Path) -> None:
    """The control, with the secret from a file as well as from the environment."""
    check_start(HostConfig.from_environment(environment(tmp_path)))
    secret = tmp_path / "secret"
    secret.write_text(f"{GOOD}\n")
    secret.chmod(0o600)
    by_file = environment(tmp_path, OIDC_CLIENT_SECRET_FILE=str(secret))
    del by_file["OIDC_CLIENT_SECRET"]
    config = HostConfig.from_environment(by_file)
    check_start(config)
    assert config.provider is not None
    assert config.provider.client_secret == GOOD
    assert GOOD not in repr(config)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_start_that_would_be_unsafe_is_refused_with_what_to_set(tmp_path: Path, fault: str) -> None:
    changes, words = FAULTS[fault]
    said = refusal(environment(tmp_path, **changes))
    assert words in said
    for secret in ("changeme", "abc123xyz", "x" * 40, ":postgres@", ":secret@"):
        assert secret not in said.lower()


def test_a_data_folder_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    (tmp_path / "data").chmod(0o755)
    assert f"run `chmod o= {tmp_path / 'data'}`" in refusal(environment(tmp_path))
    (tmp_path / "data").chmod(0o750)
    check_start(HostConfig.from_environment(environment(tmp_path)))


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    said = refusal(
        environment(
            tmp_path, PORTICO_BASE_URL="http://[::1]:8000", OIDC_CLIENT_SECRET="short", NATS_URL="nats://a:test@b"
        )
    )
    for words in ("PORTICO_BASE_URL", "OIDC_CLIENT_SECRET", "NATS_URL"):
        assert words in said


def test_development_on_this_machine_starts_with_nothing(tmp_path: Path) -> None:
    folder = {"PORTICO_DATA_DIR": str(tmp_path), "PORTICO_BASE_URL": "http://127.0.0.1:8000"}
    check_start(HostConfig.from_environment({**folder, "PORTICO_DEVELOPMENT": "1"}))
    assert "PORTICO_DEVELOPMENT=1" in refusal(folder)


def test_the_deployer_alone_has_the_same_wall(tmp_path: Path) -> None:
    url = "postgresql://shop:password@db/shop"
    given = {"PORTICO_MANIFEST_DATABASE": url, "PORTICO_ASSETS": str(tmp_path)}
    with pytest.raises(ConfigurationError, match="The password in PORTICO_MANIFEST_DATABASE is a word"):
        DeployerConfig.from_environment(given)
    assert DeployerConfig.from_environment({**given, "PORTICO_DEVELOPMENT": "1"}).database == url


def test_a_server_that_serves_the_host_refuses_as_well(tmp_path: Path) -> None:
    """The whole way: a real server with the documented command ends, and its log has the sentence and no secret."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "portico.host.asgi:create", "--port", "0"]
    settings = {**os.environ, **environment(tmp_path, OIDC_CLIENT_SECRET="hunter2-hunter")}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "OIDC_CLIENT_SECRET has only 14 characters" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
