"""The tutorial takes a newcomer all the way, as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.pages.shell import Shell
from e2e.stack import ROOT, Stack
from e2e.tests.conftest import NewPerson

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
STEP_LIMIT_S = 100


class Newcomer:
    """Somebody with a clone, a terminal in it, and a platform that they started."""

    def __init__(self, clone: Path, platform: Stack, packages: Path, chromium: str | None) -> None:
        self.clone = clone
        self.platform = platform
        # What they install goes into a folder of their own, beside what this environment has.
        self._environment = {
            **os.environ,
            "PORTICO_CHROMIUM": chromium or "",
            "PIP_TARGET": str(packages), "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0",
        }  # fmt: skip

    def do(self, text: str) -> str:
        """Type a block of commands into the terminal, in the clone; it must go well. What it said."""
        place = {"PORTICO_URL": self.platform.url, "PORTICO_TOKEN": self.platform.deploy_token}
        script = f'export PATH="$PWD/.venv/bin:$PATH"\n{text}'
        done = subprocess.run(
            ["sh", "-e", "-c", script], cwd=self.clone, env={**self._environment, **place},
            capture_output=True, text=True, timeout=STEP_LIMIT_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr


@pytest.fixture
def newcomer(tmp_path: Path, chromium_path: str | None) -> Iterator[Newcomer]:
    clone, packages = tmp_path / "clone", tmp_path / "packages"
    clone.mkdir()
    for name in (".venv", "node_modules", "tools"):
        (clone / name).symlink_to(ROOT / name)
    platform = Stack(tmp_path / "portico", environment={"PYTHONPATH": str(packages)}).start()
    yield Newcomer(clone, platform, packages, chromium_path)
    platform.stop()


@pytest.mark.timeout(300)  # it installs, builds and starts what people do in ten minutes
def test_the_first_micro_app(newcomer: Newcomer, person: NewPerson) -> None:
    """Make, test, deploy, change, break, take back: each step does what the page says."""
    blocks = BLOCK.findall((ROOT / "docs/tutorial/first-micro-app.md").read_text())
    assert [language for language, _ in blocks] == ["sh", "sh", "sh", "sh", "sh", "ts", "sh", "sh"]
    make, test, install, deploy, change, broken, again, take_back = (text for _, text in blocks)

    newcomer.do(make)
    said = newcomer.do(test)
    assert "2 passed" in said
    assert "4 passed" in said
    newcomer.do(install)
    newcomer.platform.restart()
    newcomer.do(deploy)

    page = person("Ada Lovelace", at=newcomer.platform)
    Shell(page).go("Reading list")
    add(page, "New note", "A book")
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text="A book")).to_be_visible()
    other = person("Alan Turing", at=newcomer.platform)
    Shell(other).go("Reading list")
    expect(other.get_by_text("Nothing yet.")).to_be_visible()

    newcomer.do(change)
    page.reload()
    add(page, "What to read", "Another book")

    heading = page.get_by_role("heading", level=1)
    (newcomer.clone / "reading-list/src/index.tsx").write_text(broken)
    newcomer.do(again)
    page.reload()
    expect(heading).to_have_text("Reading list could not be opened")
    expect(Shell(page).try_again).to_be_visible()

    assert newcomer.do(take_back).count("reading-list") >= 4
    page.reload()
    expect(Shell(page).main.get_by_role("listitem")).to_have_text(["A book", "Another book"])


def add(page: Page, label: str, text: str) -> None:
    """Write something into the list, and see it there."""
    page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("listitem").filter(has_text=text)).to_be_visible()
