"""What the documents say of flags is true: examples are taken, commands run, members and errors are described."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openfeature import api

from manifest.tests.deployer_processes import deployer
from portico.manifest import load_schema
from portico.manifest.cli.flags import flags
from portico.manifest.cli.tokens import tokens
from portico.manifest.flags import errors
from portico.manifest.flags.parsing import parse_flag

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference/flags.md").read_text("utf-8")
HOW_TO = (DOCS / "how-to/roll-out-with-a-flag.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_every_member_and_error_is_described() -> None:
    schema = load_schema("flag")
    members = {*schema["properties"], *schema["$defs"]["rule"]["properties"]} - {"$schema"}
    codes = {"FLAG_NOT_FOUND", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "PARSE_ERROR"}
    assert [name for name in sorted(members | codes) if f"`{name}`" not in REFERENCE] == []
    problems = (DOCS / "reference/problems.md").read_text("utf-8")
    kinds = (errors.InvalidFlag, errors.UnknownFlag, errors.FlagConflict, errors.NotYourFlag)
    assert [kind.code for kind in kinds if f"`{kind.code}`" not in problems] == []


def test_the_examples_are_flags() -> None:
    found = [json.loads(block) for text in (REFERENCE, HOW_TO) for block in blocks(text, "json")]
    assert len(found) == 3
    for document in found:
        parse_flag("new-form", "sales", document)


def test_the_how_to_works_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, block in zip(("new-form.json", "new-form-10.json"), blocks(HOW_TO, "json"), strict=True):
        assert f"`{name}`" in HOW_TO
        Path(name).write_text(block)
    with deployer(tmp_path) as url:
        env = {"PORTICO_URL": url, "PORTICO_MANIFEST_DATABASE": f"sqlite:///{tmp_path}/manifest.db"}
        made = CliRunner().invoke(tokens, ["create", "--team", "sales", "--json"], env=env)
        env["PORTICO_TOKEN"] = json.loads(made.output)["token"]
        said: list[str] = []
        for number, block in enumerate(blocks(HOW_TO, "sh")):
            said += [_run(line, env) for line in block.splitlines()]
            if number == 0:
                names: dict[str, Any] = {"url": url, "token": env["PORTICO_TOKEN"]}
                [python] = blocks(HOW_TO, "python")
                exec(python, names)
                assert names["is_new"] is True
                api.clear_providers()
    assert said[1] == "true  (variant on, TARGETING_MATCH)\n"
    assert "SPLIT" in said[3]
    assert "disabled: off for everyone, revision 3" in said[4]
    assert "the form loses its date" in said[5]
    assert "is deleted" in said[6]


def _run(line: str, env: dict[str, str]) -> str:
    program, group, *arguments = shlex.split(line)
    assert (program, group) == ("portico", "flags")
    result = CliRunner().invoke(flags, arguments, env=env)
    assert result.exit_code == 0, (line, result.output)
    return result.output
