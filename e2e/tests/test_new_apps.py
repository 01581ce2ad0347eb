"""What `portico new` makes with each framework runs in a page of the platform, under its content security policy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, expect

from e2e.pages.shell import Shell
from e2e.stack import ROOT, Stack
from e2e.tests.conftest import NewContext
from portico.host.scaffold.plan import UIS


def test_apps_of_every_kind_are_made_deployed_and_used(stack: Stack, new_context: NewContext, tmp_path: Path) -> None:
    """Each comes, is used, goes, and comes again with what was written; the browser has nothing to complain of."""
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    page = new_context(stack.url, service_workers="allow").new_page()
    complaints = complaints_of(page)
    with stack.as_it_was():
        for ui in UIS:
            folder = tmp_path / ui
            stack.portico("new", f"made-with-{ui}", "--ui", ui, "--api", "none", "--into", str(folder))
            stack.portico("build", str(folder))
            stack.portico("deploy", str(folder / "dist"))
        page.goto("/")
        for ui in UIS:
            use(page, f"Made with {ui}")
    assert complaints() == []


def use(page: Page, title: str) -> None:
    """Open an app, add a note in its looks, leave, and come back."""
    shell = Shell(page)
    shell.go(title)
    expect(shell.main.get_by_role("heading", level=1)).to_have_text(title)
    shell.main.get_by_label("New note").fill("Milk")
    button = shell.main.get_by_role("button", name="Add")
    button.click()
    expect(shell.main.get_by_role("listitem")).to_have_text("Milk")
    expect(button).to_have_css("border-radius", "8px")
    shell.go("Restaurants")
    expect(button).to_have_count(0)
    page.go_back()
    expect(shell.main.get_by_role("listitem")).to_have_text("Milk")


def complaints_of(page: Page) -> Callable[[], list[str]]:
    """What the page's console was told that nobody should have to read."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    return lambda: said
