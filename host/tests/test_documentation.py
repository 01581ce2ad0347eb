"""The reference names everything there is: a setting or a problem without an entry fails here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("host/src", "manifest/src", "bffs/kit/src")
SETTING = re.compile(r"\b(?:PORTICO_[A-Z_]+|OIDC_[A-Z]+_?[A-Z]+|NATS_URL|DATABASE_URL)\b")
# Errors that never leave the process: their codes are for logs.
INSIDE = {
    "bff-error", "envelope-refused", "event-too-large", "idempotency", "invalid-declaration", "invalid-settings",
    "manifest", "refused", "seal-broken", "secret-refused", "unit-of-work-closed", "unsupported-assets",
}  # fmt: skip


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for source in SOURCES:
        for path in (ROOT / source).rglob("*.py"):
            yield path, ast.parse(path.read_text())


def constants(tree: ast.AST) -> Iterator[str]:
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_every_setting_has_a_heading() -> None:
    """Settings are looked up by literal keys, so the literals are the list."""
    used = {text for _, tree in modules() for text in constants(tree) if SETTING.fullmatch(text)}
    headings = set(re.findall(r"^### (\w+)$", (ROOT / "docs/reference/settings.md").read_text(), re.MULTILINE))
    assert "PORTICO_BASE_URL" in used
    assert headings == used


def problems(tree: ast.Module) -> Iterator[str]:
    """The slugs of problems made in a module, and the codes of its errors, which become slugs at the edge."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="Problem"), args=[ast.Constant(value=str(slug)), *_]):
                yield slug
            case ast.Call(
                func=ast.Name(id="Problem"), keywords=[ast.keyword(arg="type", value=ast.Constant(value=str(slug))), *_]
            ):
                yield slug
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code))):
                yield code
            case ast.AnnAssign(target=ast.Name(id="code"), value=ast.Constant(value=str(code))):
                yield code


def test_every_problem_type_has_an_entry() -> None:
    """`type` is part of the API: clients may depend on each, so each is described."""
    made = {slug for path, tree in modules() for slug in problems(tree) if not _stays_inside(path)} - INSIDE
    described = set(re.findall(r"`([a-z-]+)`", (ROOT / "docs/reference/problems.md").read_text()))
    assert {"signed-out", "conflict", "invalid-archive"} <= made
    assert made - described == set()


def _stays_inside(path: Path) -> bool:
    """Errors of the host and of the SQL engine are told to people as pages, or as other problems."""
    return path.name == "errors.py" and ("host" in path.parent.parts or path.parent.name in {"sql", "lake"})


def test_every_command_and_flag_is_described() -> None:
    """The reference of the commands follows the command line itself."""
    from portico.host.cli import cli  # noqa: PLC0415

    text = (ROOT / "docs/reference/cli.md").read_text()
    missing = []
    commands = [("portico", cli)]
    while commands:
        path, command = commands.pop()
        commands += [(f"{path} {name}", sub) for name, sub in getattr(command, "commands", {}).items()]
        if path != "portico" and path not in text:
            missing.append(path)
        missing += [
            f"{path} {flag}"
            for option in command.params
            for flag in option.opts
            if flag.startswith("--") and flag not in text
        ]
    assert missing == []
