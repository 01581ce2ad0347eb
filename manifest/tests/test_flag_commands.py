"""``portico flags`` against a deployer that runs, and what ``portico deploy`` says of flags that there are not."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from manifest.tests.deployer_processes import deployer
from manifest.tests.manifest_world import app_files
from portico.manifest.cli.deploy import deploy
from portico.manifest.cli.flags import flags
from portico.manifest.cli.tokens import tokens

Run = Callable[..., Any]
BANNER = {"variants": {"on": True, "off": False}, "defaultVariant": "off"}


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Run a command as team ``sales``; its output as JSON, or as text with ``code``."""
    commands = {"flags": flags, "tokens": tokens, "deploy": deploy}
    with deployer(tmp_path) as url:
        env = {
            "PORTICO_URL": url,
            "PORTICO_TOKEN": "",
            "PORTICO_MANIFEST_DATABASE": f"sqlite:///{tmp_path}/manifest.db",
        }

        def run(name: str, *arguments: str, code: int | None = None, given: str | None = None) -> Any:
            more = ("--json",) if code is None else ()
            result = CliRunner().invoke(commands[name], [*arguments, *more], env=env, input=given)
            assert result.exit_code == (code or 0), (result.output, result.exception)
            return result.output if more == () else json.loads(result.output)

        env["PORTICO_TOKEN"] = run("tokens", "create", "--team", "sales", "--label", "ada")["token"]
        yield run


def test_the_life_of_a_flag(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "banner.json"
    file.write_text(json.dumps(BANNER | {"rules": [{"roles": ["tester"], "variant": "on"}]}))
    assert run("flags", "set", "banner", str(file), "--why", "the fair")["revision"] == 1
    assert "banner  sales  enabled, 1 rule  off, on" in run("flags", "list", code=0)
    assert run("flags", "eval", "banner", "--role", "tester", code=0) == "true  (variant on, TARGETING_MATCH)\n"
    assert run("flags", "eval", "banner", "--user", "ada")["reason"] == "DEFAULT"
    assert "disabled: off for everyone, revision 2" in run("flags", "set", "banner", "--disable", code=0)
    assert run("flags", "eval", "banner", "--role", "tester")["reason"] == "DISABLED"
    assert "it was so already" in run("flags", "set", "banner", "--disable", code=0)
    assert run("flags", "delete", "banner", "--why", "over")["deleted"] is True
    assert [(one["revision"], one["who"], one["why"]) for one in run("flags", "history", "banner")["revisions"]] == [
        (3, "ada", "over"), (2, "ada", ""), (1, "ada", "the fair"),
    ]  # fmt: skip
    assert "deleted" in run("flags", "history", "banner", code=0)
    assert run("flags", "list") == {"flags": []}


def test_what_is_shown_can_be_changed_and_sent_back(run: Run) -> None:
    run("flags", "set", "banner", "-", given=json.dumps(BANNER))
    shown = json.loads(run("flags", "show", "banner", code=0))
    shown["description"] = "Mine"
    run("flags", "set", "banner", "--disable")
    late = run("flags", "set", "banner", "-", given=json.dumps(shown), code=4)
    assert "The flag has moved on" in late
    assert "portico flags history" in late
    assert run("flags", "show", "banner")["description"] == ""
    fresh = run("flags", "show", "banner") | {"description": "Mine"}
    assert run("flags", "set", "banner", "-", given=json.dumps(fresh))["description"] == "Mine"


def test_a_context_has_attributes(run: Run) -> None:
    rules = [{"attributes": {"seats": [4]}, "variant": "on"}, {"percentages": {"on": 50, "off": 50}}]
    run("flags", "set", "banner", "-", given=json.dumps(BANNER | {"rules": rules}))
    assert run("flags", "eval", "banner", "--attribute", "seats=4")["reason"] == "TARGETING_MATCH"
    assert run("flags", "eval", "banner", "--attribute", "seats=four", "--user", "ada")["reason"] == "SPLIT"
    assert "say for whom: --user" in run("flags", "eval", "banner", code=1)


WRONG: list[tuple[tuple[str, ...], str | None, int, str]] = [
    (("show", "other"), None, 1, "portico flags list"),
    (("delete", "other"), None, 1, "No such flag"),
    (("eval", "other"), None, 1, "FLAG_NOT_FOUND"),
    (("eval", "other", "--attribute", "x"), None, 2, "NAME=VALUE"),
    (("set", "other"), None, 2, "nothing to change"),
    (("set", "other", "--disable"), None, 2, "give a FILE"),
    (("set", "other", "-"), "{", 2, "is not JSON"),
    (("set", "other", "-"), "[]", 2, "no JSON object"),
    (("set", "other", "-"), '{"variants": {}}', 1, "/variants"),
    (("set", "other", "-", "--team", "base"), json.dumps(BANNER), 3, "a token of the flag's team"),
]


def test_what_goes_wrong_is_told_with_what_to_do(run: Run) -> None:
    for arguments, given, code, words in WRONG:
        assert words in run("flags", *arguments, code=code, given=given)


def test_an_app_that_asks_for_a_flag_that_there_is_not_is_deployed_with_a_warning(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    for path, content in app_files(flags=["banner", "limit"]).items():
        (folder / path).write_bytes(content)
    run("flags", "set", "limit", "-", given=json.dumps(BANNER))
    out = run("deploy", str(folder), code=0)
    assert "@sales/shop 1.0.0 is on live" in out
    assert "warning   /flags/0: there is no flag 'banner' yet" in out
    assert "limit" not in out
    run("flags", "set", "banner", "-", given=json.dumps(BANNER))
    assert run("deploy", str(folder))["warnings"] == []
