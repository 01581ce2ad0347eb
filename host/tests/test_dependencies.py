"""What the sources import is declared: nothing works only because another library happens to bring it along."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    ROOT / folder for folder in ("host/src", "manifest/src", "bffs/kit/src", "bffs/menu/src", "bffs/checkout/src")
]
OURS = {folder.name for source in SOURCES for folder in source.iterdir() if folder.is_dir()}


def imported(tree: ast.AST) -> Iterator[str]:
    """The top-level modules that a source imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            yield node.module.partition(".")[0]


@cache
def third_party() -> dict[str, str]:
    """Every third-party module that some source imports, and one source that does."""
    found: dict[str, str] = {}
    for path in sorted(path for source in SOURCES for path in source.rglob("*.py")):
        for module in imported(ast.parse(path.read_text(), path)):
            if module not in sys.stdlib_module_names and module not in OURS:
                found.setdefault(module, path.relative_to(ROOT).as_posix())
    return found


@cache
def declared() -> frozenset[str]:
    """The distributions that ``portico`` asks for, by itself or with an extra; not what development alone needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [one for extra in project["optional-dependencies"].values() for one in extra]
    return frozenset(map(name_of, [*project["dependencies"], *extras]))


def name_of(requirement: str) -> str:
    """The distribution's name, normalized (PEP 503)."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def undeclared(distributions: Iterable[str]) -> dict[str, str]:
    """The imported modules that none of these distributions provides, each with a source that imports it."""
    known, providers = set(distributions), packages_distributions()
    return {
        module: source
        for module, source in third_party().items()
        if known.isdisjoint(map(name_of, providers.get(module, [])))
    }


def test_every_imported_module_comes_of_a_declared_dependency() -> None:
    assert undeclared(declared()) == {}


@pytest.mark.parametrize(
    ("distribution", "module"), [("anyio", "anyio"), ("graphql-core", "graphql"), ("nats-py", "nats"), ("yarl", "yarl")]
)
def test_a_dependency_that_only_another_one_brings_along_is_missed(distribution: str, module: str) -> None:
    assert set(undeclared(declared() - {distribution})) == {module}


def test_imports_are_found_wherever_they_stand() -> None:
    source = (
        "import a.b\nfrom c.d import e\nfrom . import f\ndef g():\n    import h as i, j\nif True:\n    from k import l"
    )
    assert set(imported(ast.parse(source))) == {"a", "c", "h", "j", "k"}


def test_the_lock_holds_every_declared_dependency() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert declared() <= set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
