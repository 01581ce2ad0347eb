"""Which Chromium the tests drive: what is installed, and of that what costs least."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.browser import shells_beside

WHOLE = ["chromium-1255/chrome-linux64/chrome", "chromium-1255/chrome-mac/Chromium.app/Contents/MacOS/Chromium"]


def file(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.touch()
    return path


@pytest.mark.parametrize("whole", WHOLE)
def test_playwrights_headless_shell_is_found_beside_its_whole_browser(tmp_path: Path, whole: str) -> None:
    file(tmp_path / "chromium_headless_shell-1200/chrome-headless-shell-linux64/chrome-headless-shell")
    assert list(shells_beside(tmp_path / whole)) == [], "the shell of another revision"
    shell = file(tmp_path / "chromium_headless_shell-1255/chrome-headless-shell-linux64/chrome-headless-shell")
    assert list(shells_beside(tmp_path / whole)) == [shell]


def test_a_browser_from_elsewhere_has_no_shell_beside_it() -> None:
    assert list(shells_beside(Path("/usr/bin/chromium"))) == []
