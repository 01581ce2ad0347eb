"""Apps made for single-spa, and the same page twice: run by Portico's runtime, or by single-spa itself (the oracle)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from host.tests.runtime_site import FixtureApp, Site

KINDS = {"react": "React", "vue": "Vue", "svelte": "Svelte", "element": "Element"}
BROKEN = {"react": "React", "vue": "Vue", "svelte": "Svelte"}
OTHERS = ("parcels", "nested", *(f"broken-{kind}" for kind in BROKEN))


def adapter_apps(folder: Path) -> list[FixtureApp]:
    """The apps that `runtime_apps/adapters/build.mjs` has built into `folder`."""
    return [
        FixtureApp("@site/menu", [("/*", None)], _built(folder, "menu"), slots=("header",)),
        FixtureApp("@site/home", [("/", "Home")], _built(folder, "home")),
        *(FixtureApp(f"@site/{kind}", [(f"/{kind}/*?", title)], _built(folder, kind)) for kind, title in KINDS.items()),
        *(FixtureApp(f"@site/{name}", [(f"/{name}", name)], _built(folder, name)) for name in OTHERS),
    ]


def _built(folder: Path, name: str) -> dict[str, bytes]:
    return {f"{name}.js": (folder / f"{name}.js").read_bytes()}


def portico_site(apps: Sequence[FixtureApp]) -> Site:
    """The page with the platform's own runtime."""
    return Site(apps)


def single_spa_site(apps: Sequence[FixtureApp], folder: Path) -> Site:
    """The page whose script starts single-spa instead, under the same policies and with the same import map."""
    return Site(apps, extra={"/a/_portico/runtime.js": (folder / "oracle.js").read_bytes()})


@dataclass
class Record:
    """What a person saw at each step, and what the apps' life-cycle functions wrote down, app by app, in order."""

    seen: list[tuple[str, str]] = field(default_factory=list)
    called: dict[str, list[str]] = field(default_factory=dict)


class AdapterPage:
    """Walks through the page as a person would."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def open(self, site: Site, path: str = "/") -> None:
        await self.page.goto(site.url + path)

    async def go(self, name: str) -> None:
        await self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()

    def heading(self, text: str) -> Locator:
        return self.page.get_by_role("heading", name=text)

    def root(self, kind: str) -> Locator:
        return self.page.locator(f"[data-app='@site/{kind}']")

    async def html(self, kind: str) -> str:
        """What an app has in the page, without what the platform adds so that a heading can take the focus."""
        return (await self.root(kind).inner_html()).replace(' tabindex="-1"', "")

    async def press(self, kind: str, before: int) -> None:
        button = self.root(kind).get_by_role("button", name="Pressed")
        await expect(button).to_have_text(f"Pressed {before}")
        await button.click()
        await expect(button).to_have_text(f"Pressed {before + 1}")

    async def calls(self) -> dict[str, list[str]]:
        """The life-cycle calls of each app and parcel; what `update` an app got is left to the caller."""
        calls: dict[str, list[str]] = {}
        for name, what in await self.page.evaluate("() => lifeCycle"):
            calls.setdefault(name, []).append(what)
        return calls
