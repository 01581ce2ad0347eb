"""Apps made for single-spa, unchanged: they live in Portico as they do under single-spa itself, which is the oracle."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from host.tests.adapters_site import (
    BROKEN,
    KINDS,
    AdapterPage,
    Record,
    adapter_apps,
    portico_site,
    single_spa_site,
)
from host.tests.runtime_site import APPS, ROOT, Site

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOUNTS = "(app) => lifeCycle.some(([name, what]) => name === app && what.startsWith('mount '))"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters")
    builder = APPS / "adapters/build.mjs"
    subprocess.run([str(ROOT / "tools/with-node"), "node", str(builder), str(folder)], check=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def portico(built: Path) -> Iterator[Site]:
    with portico_site(adapter_apps(built)) as site:
        yield site


@pytest.fixture(scope="module")
def sites(built: Path, portico: Site) -> Iterator[list[Site]]:
    """Portico's page and the oracle's."""
    with ExitStack() as stack:
        yield [portico, stack.enter_context(single_spa_site(adapter_apps(built), built))]


async def test_apps_mount_and_unmount_as_they_do_under_single_spa(page: Page, sites: list[Site]) -> None:
    """The same calls in the same order with the same props, and the same elements, twice round."""
    mine, oracle = [await _round_trip(AdapterPage(page), site) for site in sites]
    assert mine.seen == oracle.seen
    assert mine.called == oracle.called
    mounts = [sum(call.startswith("mount {") for call in mine.called[f"@site/{kind}"]) for kind in KINDS]
    bootstraps = [sum(call.startswith("bootstrap {") for call in mine.called[f"@site/{kind}"]) for kind in KINDS]
    assert (mounts, bootstraps) == ([2, 2, 2, 2], [1, 1, 1, 1])


async def _round_trip(at: AdapterPage, site: Site) -> Record:
    record = Record()
    await at.open(site)
    for _ in range(2):
        for kind, title in KINDS.items():
            await at.go(kind)
            await expect(at.heading(title)).to_be_visible()
            await at.press(kind, 0)
            record.seen.append((kind, await at.html(kind)))
            await expect(at.page.get_by_role("heading")).to_have_count(1)
    await at.go("home")
    await expect(at.heading("Home")).to_be_visible()
    record.called = await at.calls()
    return record


@pytest.mark.parametrize("kind", KINDS)
async def test_an_app_is_updated_with_its_new_address_and_keeps_its_state(page: Page, portico: Site, kind: str) -> None:
    at = AdapterPage(page)
    await at.open(portico, f"/{kind}")
    await expect(at.heading(f"{KINDS[kind]} /{kind}")).to_be_visible()
    await at.press(kind, 0)
    await at.root(kind).get_by_role("link", name="More").click()
    await expect(at.heading(f"{KINDS[kind]} /{kind}/more")).to_be_visible()
    await at.press(kind, 1)


async def test_parcels_live_as_they_do_under_single_spa(page: Page, sites: list[Site]) -> None:
    """Mounted, updated, unmounted, mounted again; what single-spa refuses is refused, what fails fails the same way."""
    told, called = [], []
    for site in sites:
        at = AdapterPage(page)
        await at.open(site, "/parcels")
        await expect(at.heading("Parcels")).to_be_visible()
        told.append(await page.evaluate("() => parcelsTold"))
        called.append([call for name, calls in (await at.calls()).items() if "parcel-" in name for call in calls])
    assert told[0] == told[1]
    assert called[0] == called[1]
    assert ["vue", "Vue: out of order", "SKIP_BECAUSE_BROKEN"] in told[0]
    shown = [html for _, what, _, html in (one for one in told[0] if len(one) == 4) if what == "updated"]
    assert [re.search(r"two, this", html) is not None for html in shown] == [True] * len(KINDS)


async def test_parcels_that_are_mounted_end_with_their_app(page: Page, portico: Site) -> None:
    at = AdapterPage(page)
    await at.open(portico, "/parcels")
    await expect(at.heading("Parcels")).to_be_visible()
    await at.go("home")
    await expect(at.heading("Home")).to_be_visible()
    parcels = {name: calls for name, calls in (await at.calls()).items() if "parcel-" in name}
    last = [calls[-1].partition(" {")[0].partition(' "')[0] for calls in parcels.values()]
    broken = ["unmount", "unmount"]  # what had begun was to be cleared up, in vain
    assert last == [*["unmount left"] * len(KINDS), *broken, "unmount left"]


async def test_the_parcel_component_of_an_adapter_shows_other_frameworks(page: Page, sites: list[Site]) -> None:
    seen = []
    for site in sites:
        at = AdapterPage(page)
        await at.open(site, "/nested")
        for kind in ("vue", "svelte", "element"):
            await expect(at.root("nested").get_by_text(f"{kind} one, nothing kept")).to_be_visible()
        await page.get_by_role("button", name="More text").click()
        for kind in ("vue", "svelte", "element"):
            await expect(at.root("nested").get_by_text(f"{kind} one more, nothing kept")).to_be_visible()
        seen.append(re.sub(r"parcel-\d+", "parcel", await at.html("nested")))
        await page.get_by_role("button", name="Show or hide").click()
        await expect(at.root("nested").get_by_role("heading")).to_have_count(1)
    assert seen[0] == seen[1]


@pytest.mark.parametrize("kind", BROKEN)
async def test_an_app_that_throws_leaves_the_others_alone_as_under_single_spa(
    page: Page, sites: list[Site], kind: str
) -> None:
    called = []
    for site in sites:
        at = AdapterPage(page)
        await at.open(site, "/element")
        await expect(at.heading("Element")).to_be_visible()
        await at.go(f"broken-{kind}")
        await expect(at.heading("Element")).to_have_count(0)
        # Under single-spa the app before leaves while this one is still being loaded: who goes on then never mounts it.
        await page.wait_for_function(MOUNTS, arg=f"@site/broken-{kind}")
        if kind == "react":  # its error boundary shows it: to the outside the app is mounted
            await expect(at.root("broken-react").get_by_role("alert")).to_have_text("React: out of order")
        await at.go("element")
        await expect(at.heading("Element")).to_be_visible()
        await at.press("element", 0)
        called.append(await at.calls())
    assert called[0] == called[1]


@pytest.mark.parametrize("kind", ["vue", "svelte"])
async def test_an_app_that_throws_shows_a_fallback_and_tells_the_same_error(
    page: Page, sites: list[Site], page_errors: list[str], kind: str
) -> None:
    mine, oracle = sites
    await AdapterPage(page).open(mine, f"/broken-{kind}")
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert page_errors == [f"{BROKEN[kind]}: out of order"]
    await AdapterPage(page).open(oracle, f"/broken-{kind}")
    await page.wait_for_function("() => failures.length > 0")
    [failure] = await page.evaluate("() => failures")
    assert failure.startswith(f"@site/broken-{kind} SKIP_BECAUSE_BROKEN")
    assert page_errors[0] in failure


async def test_emptying_an_element_by_inner_html_is_all_that_trusted_types_let_through(
    page: Page, portico: Site
) -> None:
    await AdapterPage(page).open(portico)
    await expect(page.get_by_role("heading", name="Home")).to_be_visible()
    outcomes = await page.evaluate(
        """() => ['', ' ', '<b>bold</b>', '<img src onerror=alert(1)>'].map((text) => {
          const element = document.createElement('p');
          element.append('before');
          try { element.innerHTML = text; } catch (error) { return error.name; }
          return element.textContent;
        })"""
    )
    assert outcomes == ["", "TypeError", "TypeError", "TypeError"]
