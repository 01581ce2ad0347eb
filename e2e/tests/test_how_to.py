"""The how-to pages do what they say, as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from e2e.stack import ROOT

BLOCK = re.compile(r"^`(\w[\w./-]+)`\.(?:(?!^```).)*^```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_write_a_bff(tmp_path: Path) -> None:
    """The files of the page make a distribution whose own test passes, and which a host could find."""
    page = (ROOT / "docs/how-to/write-a-bff.md").read_text()
    files = dict(BLOCK.findall(page))
    assert set(files) == {
        "pyproject.toml", "src/hello_bff/__init__.py", "tests/test_hello.py", "src/hello_bff/people.py",
        "tests/test_people.py", "src/hello_bff/corrections.py", "tests/test_corrections.py",
    }  # fmt: skip
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert "3 passed" in result.stdout
