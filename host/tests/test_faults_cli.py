"""`portico faults` and `portico rebuild`: what they say when they cannot."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portico.host.cli import cli
from portico.host.errors import OperatorRefused


def run(*arguments: str, url: str = "http://127.0.0.1:9") -> Result:
    return CliRunner().invoke(cli, [*arguments, "--url", url, "--token", "t"])


@pytest.mark.parametrize(
    "arguments",
    [("faults", "list"), ("rebuild", "list"), ("rebuild", "start", "shelf"), ("rebuild", "cancel", "1")],
)
def test_a_bff_that_is_not_there_is_said_plainly(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, OperatorRefused)
    assert "http://127.0.0.1:9 does not answer" in str(result.exception)


def test_a_token_is_asked_for_with_an_address() -> None:
    result = CliRunner().invoke(
        cli, ["faults", "list", "--url", "http://127.0.0.1:9"], env={"PORTICO_OPERATOR_TOKEN": ""}
    )
    assert result.exit_code == 2
    assert "--token" in result.output


@pytest.mark.parametrize("options", [(), ("--app", "notes", "--url", "http://127.0.0.1:9", "--token", "t")])
def test_which_bff_is_said_in_one_way(options: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, ["rebuild", "list", *options])
    assert result.exit_code == 2
    assert "either --app" in result.output


def test_a_platform_is_looked_for_where_the_others_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PORTICO_URL", raising=False)
    result = CliRunner().invoke(cli, ["faults", "list", "--app", "notes"])
    assert isinstance(result.exception, OperatorRefused)
    assert "no Portico runs from this folder" in str(result.exception)
