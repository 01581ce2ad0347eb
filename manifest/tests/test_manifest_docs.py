"""The reference names everything there is: problems, members, commands, options."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from portico.manifest import AppManifest, errors, load_schema
from portico.manifest.cli import commands
from portico.manifest.cli.failure import CONFLICT, REFUSED, UNAUTHORISED, UNAVAILABLE, USAGE
from portico.manifest.http.problems import TITLES

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
SOURCES = ROOT / "manifest" / "src" / "portico" / "manifest"


def leaves(group: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(group, click.Group):
        for child in group.commands.values():
            yield from leaves(child, f"{name} {child.name}")
    else:
        yield name, group


def slugs() -> set[str]:
    raised = {
        slug
        for path in (SOURCES / "http").glob("*.py")
        for slug in re.findall(r'Problem\(\s*"([a-z-]+)"', path.read_text())
    }
    assert raised
    return raised | {kind.code for kind in errors_raised()}


def errors_raised() -> list[type[errors.ManifestError]]:
    """Every error but the two that only stand above others."""
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ManifestError)
    ]
    return [kind for kind in kinds if kind not in {errors.ManifestError, errors.Refused}]


@pytest.mark.parametrize("kind", errors_raised())
def test_every_error_has_its_problem(kind: type[errors.ManifestError]) -> None:
    assert kind in TITLES


@pytest.mark.parametrize("slug", sorted(slugs()))
def test_every_problem_is_documented(slug: str) -> None:
    assert f"`{slug}`" in (REFERENCE / "deployer-api.md").read_text()


def test_every_member_of_the_app_manifest_is_documented() -> None:
    text = (REFERENCE / "app-manifest.md").read_text()
    schema = load_schema("app-manifest")
    members = set(schema["properties"])
    for kind in ("route", "mountPointEntry", "imports", "bff", "share", "heard"):
        members |= set(schema["$defs"][kind]["properties"])
    assert {member for member in members if f"`{member}`" not in text} == set()


def test_the_examples_are_app_manifests() -> None:
    examples = re.findall(r"```json\n(.*?)```", (REFERENCE / "app-manifest.md").read_text(), re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        assert AppManifest.parse(example.encode()).document == json.loads(example)


@pytest.mark.parametrize(
    ("name", "command"), [leaf for command in commands for leaf in leaves(command, f"portico {command.name}")]
)
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    text = (REFERENCE / "cli.md").read_text()
    assert f"`{name}" in text
    for option in command.params:
        if isinstance(option, click.Option):
            assert f"`{option.opts[0]}" in text, option.opts


def test_every_exit_code_is_documented() -> None:
    text = (REFERENCE / "cli.md").read_text()
    assert all(f"\n| {code} | " in text for code in (0, REFUSED, USAGE, UNAUTHORISED, CONFLICT, UNAVAILABLE))
