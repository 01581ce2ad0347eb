"""Secrets by environment or by file, and never in what describes a process."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import pytest

from portico.secrets import Secret, SecretRefused, with_secrets

NAME = "DATABASE_URL"


def secret_file(folder: Path, content: bytes = b"s3cret\n", mode: int = 0o600) -> str:
    path = folder / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o440])
def test_a_setting_may_be_a_file(tmp_path: Path, mode: int) -> None:
    """Group readers are how orchestrators hand files to a process that is not root."""
    settings = with_secrets({f"{NAME}_FILE": secret_file(tmp_path, mode=mode), "OTHER": "o"})
    assert settings == {NAME: "s3cret", "OTHER": "o"}
    assert isinstance(settings[NAME], Secret)


def test_a_setting_that_is_no_secret_has_no_file(tmp_path: Path) -> None:
    given = {"PORTICO_REGION_FILE": secret_file(tmp_path)}
    assert with_secrets(given) == given


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        (b"s3cret", 0o604, "everybody may read it: run `chmod o= "),
        (b"s3cret", 0o644, "everybody may read it"),
        (b"s3cret", 0o602, "everybody may read it"),
        (b"", 0o600, "is empty"),
        (b" \n\t", 0o600, "is empty"),
        (b"s3cret\xff", 0o600, "is not text in UTF-8"),
        (b"s3cret" * 20_000, 0o600, "more than 65536 bytes"),
    ],
)
def test_a_file_that_cannot_be_the_secret_is_told_without_its_content(
    tmp_path: Path, content: bytes, mode: int, words: str
) -> None:
    path = secret_file(tmp_path, content, mode)
    with pytest.raises(SecretRefused) as refused:
        with_secrets({f"{NAME}_FILE": path})
    [fault] = refused.value.faults
    assert fault.startswith(f"{NAME}_FILE: {path} ")
    assert words in fault
    assert "s3cret" not in fault


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    given = {"NATS_URL": "a", "NATS_URL_FILE": "b", f"{NAME}_FILE": "/nowhere", "PORTICO_TOKEN_FILE": str(tmp_path)}
    with pytest.raises(SecretRefused) as refused:
        with_secrets(given)
    assert len(refused.value.faults) == 3
    assert "NATS_URL and NATS_URL_FILE are both set" in str(refused.value)


def test_what_describes_a_secret_does_not_show_it(caplog: pytest.LogCaptureFixture) -> None:
    @dataclass(frozen=True)
    class Settings:
        secret: Secret

    secret = Secret("hunter2")
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%r %s %r", secret, Settings(secret), {"a": [secret]})
    assert "hunter2" not in caplog.text
    assert caplog.text.count("***") == 3
    assert f"Bearer {secret}" == "Bearer hunter2"
    assert secret == "hunter2"
