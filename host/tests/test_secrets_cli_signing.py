"""`portico secrets rotate tokens`: what signs is replaced while hosts run, by the command line too."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portico.host.cli import cli
from portico.host.errors import ConfigurationError
from portico.host.tokens.rotating import LOOK_EVERY_S, KeyFile, RotatingKeys


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["secrets", "rotate", *arguments, "--data-dir", str(folder)])


class Running:
    """A host that runs on `folder`, with a clock of its own that the test moves."""

    def __init__(self, folder: Path, part: str) -> None:
        self.ahead = 0.0
        file = KeyFile(folder / "keys" / f"{part}.json", time.time)
        self.keys = RotatingKeys(file, lambda: time.time() + self.ahead)

    @property
    def published(self) -> set[str]:
        return {key["kid"] for key in self.keys.public_jwks()["keys"]}


@pytest.mark.parametrize("part", ["tokens", "dev-idp"])
def test_a_running_host_publishes_the_new_key_and_signs_with_it_later(tmp_path: Path, part: str) -> None:
    host = Running(tmp_path, part)
    old = host.keys.kid
    told = run(tmp_path, part)
    assert told.exit_code == 0, told.output
    host.ahead += LOOK_EVERY_S
    assert (host.keys.kid, len(host.published)) == (old, 2)
    host.ahead += 1200
    assert host.keys.kid in told.output


def test_stolen_keys_are_withdrawn_with_the_next_look(tmp_path: Path) -> None:
    host = Running(tmp_path, "tokens")
    old = host.published
    told = run(tmp_path, "tokens", "--stolen")
    assert "within 10 seconds" in told.output
    host.ahead += LOOK_EVERY_S
    assert host.published == {host.keys.kid}
    assert not host.published & old


def test_what_cannot_be_replaced_so_is_refused(tmp_path: Path) -> None:
    host = Running(tmp_path, "tokens")
    assert isinstance(run(tmp_path, "sessions", "--stolen").exception, ConfigurationError)
    assert isinstance(run(tmp_path, "dev-idp").exception, ConfigurationError)  # a host with another provider
    assert run(tmp_path, "push").exit_code == 2
    assert len(host.published) == 1
