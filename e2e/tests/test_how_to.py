"""The how-to pages do what they say, as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from e2e.stack import ROOT, Stack

BLOCK = re.compile(r"^`(\w[\w./-]+)`\.(?:(?!^```).)*^```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_test_offline(stack: Stack, chromium_path: str | None, tmp_path: Path) -> None:
    """The page's tests pass against a platform that runs already."""
    assert written("test-offline.md", tmp_path) == {"conftest.py", "test_offline.py"}
    environment = {**os.environ, "PORTICO_URL": stack.url, "PORTICO_CHROMIUM": chromium_path or ""}
    said = pytest_in(tmp_path, ".", environment=environment)
    assert "3 passed" in said, said


def test_write_a_bff(tmp_path: Path) -> None:
    """The files of the page make a distribution whose own test passes, and which a host could find."""
    assert written("write-a-bff.md", tmp_path) == {
        "pyproject.toml", "src/hello_bff/__init__.py", "tests/test_hello.py", "src/hello_bff/people.py",
        "tests/test_people.py", "src/hello_bff/corrections.py", "tests/test_corrections.py",
    }  # fmt: skip
    said = pytest_in(tmp_path, "tests")
    assert "3 passed" in said, said


def test_see_a_process_through(tmp_path: Path) -> None:
    """The files of the page make a control service whose tests pass, and hold its event against its schema."""
    folder = tmp_path / "courtesy"
    assert written("see-a-process-through.md", folder) == {
        "pyproject.toml", "schemas/greeting.missed.1.json", "src/courtesy_bff/__init__.py", "tests/test_courtesy.py",
        "release/app.json",
    }  # fmt: skip
    said = pytest_in(folder, "tests")
    assert "2 passed" in said, said
    schema = folder / "schemas/greeting.missed.1.json"
    schema.write_text(schema.read_text().replace('"string"}', '"integer"}'))
    said = pytest_in(folder, "tests")
    assert "not as their schemas promise" in said, said


def written(page: str, folder: Path) -> set[str]:
    """Write the files of a how-to page into a folder; their names."""
    files = dict(BLOCK.findall((ROOT / "docs/how-to" / page).read_text()))
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return set(files)


def pytest_in(folder: Path, tests: str, *, environment: Mapping[str, str] | None = None) -> str:
    """What pytest says of the tests in a folder."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", tests],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=environment,
    )
    return result.stdout + result.stderr
