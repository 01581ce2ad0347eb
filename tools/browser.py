"""Finds the Chromium that the tests drive, and gets one where there is none.

Order: ``PORTICO_CHROMIUM``, Playwright's own (downloaded if it can be), a Chromium or Chrome on the PATH, the
distribution's package when run as root. Otherwise one sentence says what to do. Of each, the headless shell goes before
the whole browser: a page costs it a fifth of the time, for it draws no window, menus and address line around the page.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

SHELLS = ("chromium-headless-shell", "chrome-headless-shell", "headless_shell")
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_LIMIT_S = 600


def playwright_own(*, whole: bool = False) -> str | None:
    """The path of Playwright's own Chromium, if it is installed."""
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    paths = [own] if whole else [*shells_beside(own), own]
    return next((str(path) for path in paths if path.exists()), None)


def shells_beside(whole: Path) -> Sequence[Path]:
    """Playwright's headless shell of the same revision; it lies in a folder beside that of the whole browser."""
    for folder in whole.parents:
        if folder.name.startswith("chromium-"):
            beside = folder.with_name(folder.name.replace("chromium-", "chromium_headless_shell-", 1))
            return [path for name in SHELLS for path in beside.glob(f"*/{name}")]
    return ()


def installed(*, whole: bool = False) -> str | None:
    """The path of a browser that is on this machine already, or ``None``; downloads nothing.

    ``whole`` is for what a headless shell cannot: it shows no notifications.
    """
    named = os.environ.get("PORTICO_CHROMIUM")
    if named:
        return named
    names = WHOLE if whole else (*SHELLS, *WHOLE)
    return playwright_own(whole=whole) or next((path for name in names if (path := shutil.which(name))), None)


def download() -> bool:
    """Ask Playwright for its own Chromium; ``False`` where it cannot be had."""
    if os.environ.get("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD"):
        return False
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        return subprocess.run(command, capture_output=True, timeout=DOWNLOAD_LIMIT_S, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def install_package() -> bool:
    """Install Debian's or Ubuntu's Chromium; ``False`` where that is not possible."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    # Not every distribution has the shell apart from the browser; then the whole browser drives all tests.
    _, whole = (
        subprocess.run(["apt-get", "install", "-y", "-qq", package], env=environment, check=False)
        for package in ("chromium-headless-shell", "chromium")
    )
    return update.returncode == 0 and whole.returncode == 0


def main() -> int:
    """Make sure that a browser is there; return the process's exit code."""
    if os.environ.get("PORTICO_CHROMIUM") is None and playwright_own() is None:
        print("Getting Chromium for the tests ...", flush=True)
        if not download() and installed(whole=True) is None:
            install_package()
    browser = installed()
    if browser is None:
        print(
            "The tests need Chromium and none could be had: install it (`sudo apt install chromium`), or set "
            "PORTICO_CHROMIUM to its path.",
            file=sys.stderr,
        )
        return 1
    print(f"Tests use {browser}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
