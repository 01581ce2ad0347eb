"""The tutorial takes a newcomer all the way, as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import expect

from e2e.pages.shell import Shell
from e2e.stack import ROOT, Stack
from e2e.tests.conftest import NewPerson

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_first_micro_app(stack: Stack, person: NewPerson, tmp_path: Path) -> None:
    """Write, deploy, break, take back: each step does what the page says."""
    blocks = BLOCK.findall((ROOT / "docs/tutorial/first-micro-app.md").read_text())
    languages = [language for language, _ in blocks]
    assert languages == ["json", "js", "sh", "js", "sh", "sh"]
    (_, manifest), (_, clock), (_, _deploy), (_, broken), (_, _again), (_, take_back) = blocks
    assert [line.split()[1:] for line in take_back.splitlines()] == [["rollback", "clock"], ["history"]]
    folder = tmp_path / "clock"
    folder.mkdir()
    (folder / "app.json").write_text(manifest)
    (folder / "clock.js").write_text(clock)
    with stack.as_it_was():
        stack.portico("deploy", str(folder))
        page = person("Ada Lovelace")
        Shell(page).go("Clock")
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_contain_text("It is")

        (folder / "app.json").write_text(json.dumps({**json.loads(manifest), "version": "1.1.0"}))
        (folder / "clock.js").write_text(broken)
        stack.portico("deploy", str(folder))
        page.goto("/clock")
        expect(heading).to_have_text("Clock could not be opened")
        expect(Shell(page).try_again).to_be_visible()

        stack.portico("rollback", "clock")
        page.goto("/clock")
        expect(heading).to_contain_text("It is")
        assert stack.portico("history").stdout.count("clock") >= 3
