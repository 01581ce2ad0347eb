"""The README's ten lines do what it says."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from e2e.pages.shell import Shell
from e2e.stack import ROOT, Stack
from e2e.tests.conftest import NewPerson

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_a_micro_app_in_ten_lines(stack: Stack, person: NewPerson, tmp_path: Path) -> None:
    """The two files and the three commands, taken from the README as they stand there."""
    section = (ROOT / "README.md").read_text().partition("## A micro-app in ten lines")[2].partition("\n## ")[0]
    blocks = dict(BLOCK.findall(section))
    folder = tmp_path / "hello"
    folder.mkdir()
    (folder / "app.json").write_text(blocks["json"])
    (folder / "hello.js").write_text(blocks["js"])
    commands = [line.partition("#")[0].split() for line in blocks["sh"].splitlines()]
    assert [command[:2] for command in commands] == [
        [".venv/bin/portico", "deploy"],
        [".venv/bin/portico", "history"],
        [".venv/bin/portico", "rollback"],
    ]

    with stack.as_it_was():
        stack.portico("deploy", str(folder))
        page = person("Ada Lovelace")
        Shell(page).go("Hello")
        expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Ada Lovelace")
        expect(page).to_have_title("Hello · Portico")
        assert "hello" in stack.portico("history").stdout
        stack.portico("rollback")
        response = page.goto("/hello")
        assert response is not None
        assert response.status == 404


def test_every_file_that_the_readme_names_is_there() -> None:
    """A claim's test, a folder, a picture: nothing is promised that is not in the tree."""
    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"`((?:e2e|host|manifest|bffs|microapps|benchmarks|docs)(?:/[\w./-]+)?)`", text))
    linked = set(re.findall(r"\]\(((?!http)[^)]+)\)", text)) | set(re.findall(r'src(?:set)?="([^"]+)"', text))
    assert len(named) > 10
    assert sorted(path for path in named | linked if not (ROOT / path).exists()) == []
