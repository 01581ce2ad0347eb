"""The runtime in a real browser: it boots from the page, follows navigations, and keeps single-spa's contract."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page, expect

from host.tests.conftest import OpenSite
from host.tests.runtime_site import QUIET, ROOT, WORKER, FixtureApp, held, sources

pytestmark = pytest.mark.asyncio(loop_scope="session")

STATES = """async () => {
  // Marks are written when the browser is idle, or after two seconds; one that nobody looks at never is.
  await new Promise((idle) => requestIdleCallback(idle, { timeout: 5000 }));
  return performance.getEntriesByType('mark').map(({ name }) => name).filter((name) => name.startsWith('portico:'));
}"""


ORDER = """async (patterns) => {
  const { mostSpecificFirst } = await import('/routes.js');
  const apps = patterns.map((path, place) => ({ name: path, app: `app-${place}`, routes: [{ path, slot: 'main' }] }));
  return mostSpecificFirst(apps).map(({ route }) => route.path);
}"""
MATCH = """async ({ routes, slot, path }) => {
  const { RouteTable } = await import('/routes.js');
  const names = [...new Set(routes.map(({ app }) => app))];
  const apps = names.map((app) => ({ name: app, app, routes: routes.filter((route) => route.app === app) }));
  const [match] = new RouteTable(apps).matches(slot, path);
  return { app: match?.registration.app ?? null, params: match?.params ?? {} };
}"""


async def test_the_page_boots_from_its_own_document_and_asks_for_nothing_but_modules(
    page: Page, open_site: OpenSite, complaints: list[str], page_errors: list[str]
) -> None:
    site = open_site(user={"sub": "1", "name": "Ada", "roles": []})
    await page.goto(site.url)
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await expect(page.locator("portico-slot[name=header] strong")).to_have_text("Ada")
    await expect(page.get_by_role("navigation").get_by_role("link", name="Start")).to_be_visible()
    await page.evaluate("async () => void (await navigator.serviceWorker.ready)")  # the last thing that a page starts
    await page.wait_for_function("(quiet) => performance.getEntriesByName(quiet).length", arg=site.url + QUIET)
    expected = {f"/a/_portico/{name}" for name in ("shell.css", "runtime.js", "later.js")}
    assert set(site.asked) == expected | {QUIET, WORKER, "/", "/a/start/0123/start.js", "/a/bar/0123/bar.js"}
    assert (complaints, page_errors) == ([], [])


async def test_a_link_between_apps_keeps_the_document_and_what_stays(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    await page.goto(site.url)
    bar = await page.locator("portico-slot[name=header] > [data-app='@site/bar']").element_handle()
    await page.get_by_role("link", name="to /things/1", exact=True).click()
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()
    await expect(page.get_by_role("heading", name="Start")).to_have_count(0)
    await expect(page.get_by_label("Where")).to_have_text("/things/1 by @site/things")
    await expect(page).to_have_url(f"{site.url}/things/1")
    assert bar is not None
    assert await bar.evaluate("(element) => element.isConnected")
    assert site.pages() == ["/"]


async def test_the_old_view_stays_with_a_progress_bar_until_the_new_one_is_ready(
    page: Page, open_site: OpenSite
) -> None:
    site = open_site()
    site.faults["/a/late/0123/steady.js"] = held()
    await page.goto(site.url)
    await page.get_by_role("link", name="to /late").click()
    await expect(page.get_by_role("progressbar", name="Loading")).to_be_attached()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await expect(page).to_have_url(f"{site.url}/late")
    site.release()
    await expect(page.get_by_role("heading", name="Steady @site/late")).to_be_visible()
    await expect(page.get_by_role("heading", name="Start")).to_have_count(0)
    await expect(page.get_by_role("progressbar")).to_have_count(0)


async def test_an_app_that_stays_is_updated_and_not_mounted_again(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site().url + "/things/1")
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()
    await page.get_by_role("link", name="Another thing").click()
    await expect(page.get_by_role("heading", name="Thing 9")).to_be_visible()
    await expect(page.locator("main output")).to_have_text("query ?page=2, mounts 1")
    await page.get_by_role("link", name="Page 3").click()
    await expect(page.locator("main output")).to_have_text("query ?page=3, mounts 1")
    await page.go_back()
    await expect(page.locator("main output")).to_have_text("query ?page=2, mounts 1")
    await page.go_back()
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()


async def test_states_are_told_in_order_and_marked_in_the_performance_timeline(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site().url)
    await page.get_by_role("link", name="to /things/1", exact=True).click()
    await page.get_by_role("link", name="Back to start").click()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    # Of each mark the timeline has the latest, so that it does not grow with every navigation.
    marks = [mark.removeprefix("portico:@site/") for mark in await page.evaluate(STATES)]
    start = [mark for mark in marks if mark.startswith("start:")]
    things = [mark for mark in marks if mark.startswith("things:")]
    assert [mark.partition(":")[2] for mark in start] == ["loading", "bootstrapped", "unmounted", "mounted"]
    assert [mark.partition(":")[2] for mark in things] == ["loading", "bootstrapped", "mounted", "unmounted"]


async def test_life_cycles_may_be_lists_of_functions_and_bootstrap_runs_once(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site().url + "/arrays")
    await expect(page.get_by_role("heading", name="Arrays")).to_be_visible()
    await page.get_by_role("link", name="Start").click()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await page.get_by_role("link", name="to /arrays").click()
    await expect(page.get_by_role("heading", name="Arrays")).to_be_visible()
    once = ["mount 1", "mount 2", "unmount 1", "unmount 2"]
    expected = ["bootstrap 1", "bootstrap 2", *once, "mount 1", "mount 2"]
    await page.wait_for_function("(length) => arraysLog.length === length", arg=len(expected))
    assert await page.evaluate("() => arraysLog") == expected


async def test_a_react_app_made_for_single_spa_mounts_updates_and_unmounts(
    page: Page, open_site: OpenSite, complaints: list[str]
) -> None:
    await page.goto(open_site().url)
    await page.get_by_role("link", name="to /react").click()
    await expect(page.get_by_role("heading", name="React at /react")).to_be_visible()
    await page.get_by_role("button", name="Pressed 0").click()
    await page.get_by_role("link", name="More React").click()
    await expect(page.get_by_role("heading", name="React at /react/more")).to_be_visible()
    await expect(page.get_by_role("button", name="Pressed 1")).to_be_visible()
    await page.get_by_role("link", name="Back to start").click()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    assert await page.evaluate("() => reactCleaned") is True
    assert [line for line in complaints if "componentDidCatch" not in line] == []


async def test_a_parcel_is_mounted_updated_and_ends_with_its_app(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site().url + "/parcels")
    await expect(page.get_by_text("Hello again")).to_be_visible()
    # As under single-spa, a parcel whose mount failed is unmounted before its owner hears of it.
    broken = ["bootstrap", "unmount", "SKIP_BECAUSE_BROKEN: no"]
    before = ["NOT_BOOTSTRAPPED", "bootstrap", "mount", "MOUNTED Hello", *broken]
    await page.wait_for_function("(length) => parcelLog.length >= length", arg=len(before))
    assert await page.evaluate("() => parcelLog") == before
    await page.get_by_role("link", name="Start").click()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    assert await page.evaluate("() => parcelLog") == [*before, "unmount"]


async def test_an_app_in_two_slots_is_loaded_once_and_has_a_name_for_each(page: Page, open_site: OpenSite) -> None:
    site = open_site(apps=[FixtureApp("@site/both", [("/*", "Both")], sources("steady.js"), slots=("main", "tools"))])
    await page.goto(site.url)
    await expect(page.locator("portico-slot[name=main] h1")).to_have_text("Steady @site/both#main")
    await expect(page.locator("portico-slot[name=tools] h1")).to_have_text("Steady @site/both#tools")
    assert site.asked.count("/a/both/0123/steady.js") == 1


async def test_a_style_sheet_comes_before_its_app_and_is_asked_for_once(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    await page.goto(site.url)
    for _ in range(2):
        await page.get_by_role("link", name="to /things/1", exact=True).click()
        await expect(page.get_by_role("heading", name="Thing 1")).to_have_css("color", "rgb(1, 2, 3)")
        await page.get_by_role("link", name="Back to start").click()
        await expect(page.get_by_role("heading", name="Start")).not_to_have_css("color", "rgb(1, 2, 3)")
    assert site.asked.count("/a/things/0123/things.css") == 1
    assert await page.evaluate("() => document.adoptedStyleSheets.length") == 1


async def test_a_style_sheet_that_the_host_preloads_is_used(
    page: Page, open_site: OpenSite, complaints: list[str]
) -> None:
    things = FixtureApp(
        "@site/things", [("/*", "Thing")], sources("things.js", "words.js", "things.css"), styles=("things.css",)
    )
    site = open_site(apps=[things], preloaded_styles=True)
    await page.goto(site.url + "/things/1")
    await expect(page.get_by_role("heading", name="Thing none")).to_have_css("color", "rgb(1, 2, 3)")
    assert site.asked.count("/a/things/0123/things.css") == 1
    assert complaints == []


async def test_the_runtime_tells_states_and_failures_and_can_be_stopped(
    page: Page, open_site: OpenSite, stoppable_runtime: dict[str, bytes]
) -> None:
    site = open_site(extra=stoppable_runtime)
    await page.goto(site.url)
    await page.get_by_role("link", name="to /rejects").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    told = await page.evaluate("() => told")
    assert "mount of @site/rejects in main: moody: not today" in told
    assert [line for line in told if line.startswith("@site/rejects:")] == [
        "@site/rejects: registered to loading",
        "@site/rejects: loading to bootstrapped",
        "@site/rejects: bootstrapped to failed",
    ]
    await page.evaluate("() => runtime.stop()")
    await expect(page.locator("[data-app]")).to_have_count(0)
    await expect(page.get_by_role("alert")).to_have_count(0)
    assert "@site/bar: mounted to unmounted" in await page.evaluate("() => told")
    await page.evaluate("() => navigation.navigate('/things/1')")
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()
    assert site.pages() == ["/", "/things/1"]


async def test_routes_are_ordered_and_matched_as_the_host_does(
    page: Page, open_site: OpenSite, routes_module: bytes
) -> None:
    vectors = json.loads((ROOT / "manifest/schema/routing-vectors.json").read_text())
    await page.goto(open_site(extra={"/routes.js": routes_module}).url)
    for patterns in vectors["order"]:
        assert await page.evaluate(ORDER, list(reversed(patterns))) == patterns
    cases = [{"routes": group["routes"], **asked} for group in vectors["matches"] for asked in group["paths"]]
    assert len(cases) > 10
    for case in cases:
        assert await page.evaluate(MATCH, case) == {"app": case["app"], "params": case.get("params", {})}, case
