"""Failing apps in a real browser: one slot shows a fallback, the others go on, and "Try again" tries again."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from host.tests.conftest import OpenSite
from host.tests.runtime_site import Fault, FixtureApp, held

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIMIT_MS = 10_000  # of the site: what an app has for each step
STEADY = "/a/{app}/0123/steady.js"


async def _expect_contained(page: Page, title: str) -> None:
    """The view's slot shows the fallback; what is in the header works."""
    await expect(page.get_by_role("alert")).to_contain_text(f"{title} could not be opened")
    await expect(page.get_by_role("heading", level=1)).to_have_text([f"{title} could not be opened"])
    await expect(page.locator("portico-slot[name=header] output")).to_be_visible()


async def _expect_others_work(page: Page) -> None:
    """Another app can be opened, and left again."""
    await page.get_by_role("link", name="Start").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(["Start"])
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_an_entry_that_throws_is_evaluated_anew_with_the_modules_beside_it(
    page: Page, open_site: OpenSite, page_errors: list[str], complaints: list[str]
) -> None:
    site = open_site()
    await page.goto(site.url)
    await page.get_by_role("link", name="to /throws").click()
    await _expect_contained(page, "Throwing")
    assert page_errors == ["help: not mended"]
    await page.evaluate("() => { globalThis.mended = true; }")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(["It works again"])
    await expect(page.get_by_role("heading", name="It works again")).to_be_focused()
    assert "/a/throws/0123/fragile.js?retry=1" in site.asked
    assert "/a/throws/0123/help.js?retry=1" in site.asked
    assert not any("retry" in path for path in site.asked if "throws" not in path)
    assert complaints == []
    await _expect_others_work(page)


async def test_trying_again_in_vain_keeps_the_fallback_and_offers_a_fresh_page(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site().url + "/throws")
    await _expect_contained(page, "Throwing")
    await expect(page.get_by_role("button", name="Reload the page")).to_have_count(0)
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("button", name="Reload the page")).to_be_visible()
    await expect(page.get_by_role("button", name="Try again")).to_be_focused()
    await page.get_by_role("button", name="Try again").click()
    # While it tries, the button says so by three dots more.
    await expect(page.get_by_role("button", name="Try again", exact=True)).to_be_visible()
    await page.evaluate("() => { globalThis.mended = true; }")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(["It works again"])


async def test_an_entry_that_never_answers_is_given_up_and_asked_for_again(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    site.faults[STEADY.format(app="silent")] = held()
    await page.clock.install()
    await page.goto(site.url)
    await page.get_by_role("link", name="to /silent").click()
    await expect(page.get_by_role("progressbar", name="Loading")).to_be_attached()
    await page.clock.fast_forward(LIMIT_MS)
    await _expect_contained(page, "Silence")
    await expect(page.get_by_role("alert")).to_contain_text("It took too long to answer.")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Steady @site/silent")).to_be_visible()
    await _expect_others_work(page)


async def test_an_entry_with_wrong_bytes_is_refused_and_right_ones_are_fetched(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    site.faults[STEADY.format(app="tampered")] = Fault(content=b"document.title = 'owned'; export const mount = 1;")
    await page.goto(site.url)
    await page.get_by_role("link", name="to /tampered").click()
    await _expect_contained(page, "Tampered")
    await expect(page).to_have_title("Tampered · Site")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Steady @site/tampered")).to_be_visible()


async def test_trying_again_still_refuses_wrong_bytes(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    site.faults[STEADY.format(app="tampered")] = Fault(times=2, content=b"document.title = 'owned';")
    await page.goto(site.url + "/tampered")
    await _expect_contained(page, "Tampered")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("button", name="Reload the page")).to_be_visible()
    await expect(page).to_have_title("Tampered · Site")


async def test_a_server_error_is_contained_and_asked_for_again(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    site.faults[STEADY.format(app="late")] = Fault(status=503, content=b"down")
    await page.goto(site.url + "/late")
    await _expect_contained(page, "Late")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Steady @site/late")).to_be_visible()


async def test_a_mount_that_rejects_leaves_nothing_behind_and_is_run_again(
    page: Page, open_site: OpenSite, page_errors: list[str]
) -> None:
    site = open_site()
    await page.goto(site.url)
    await page.get_by_role("link", name="to /rejects").click()
    await _expect_contained(page, "Moods")
    await expect(page.get_by_text("half done")).to_have_count(0)
    assert page_errors == ["moody: not today"]
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Mounted at try 2")).to_be_focused()
    assert not any("retry" in path for path in site.asked)
    await _expect_others_work(page)


FAILS = b"""const log = (globalThis.failsLog = []);
let tries = 0;
export const bootstrap = [];
export async function mount({ domElement, mountParcel, portico }) {
  log.push(`mount ${++tries}`);
  if (portico.url.search === '?mount' && tries === 1) throw new Error('not today');
  const parcel = { bootstrap: [], mount: [], unmount: () => void log.push('parcel unmounts') };
  await mountParcel(parcel, { domElement }).mountPromise;
  domElement.append(Object.assign(document.createElement('h1'), { textContent: `Try ${tries}` }));
}
export const update = () => Promise.reject(new Error('no update'));
export async function unmount() {
  log.push('unmount begins');
  if (tries === 1 && location.search === '?mount') await new Promise((resolve) => (globalThis.finish = resolve));
  log.push('unmount ends');
}
"""
# On a busy machine a person may press later than an app may take to clear up.
PATIENT = """const later = window.setTimeout;
window.setTimeout = (work, ms, ...rest) => later(work, ms === 3000 ? 60_000 : ms, ...rest);"""
FAILING = FixtureApp("@site/fails", [("/", "Failing")], {"fails.js": FAILS})


async def test_an_app_whose_update_failed_is_unmounted_with_its_parcels(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site(apps=[FAILING]).url)
    await expect(page.get_by_role("heading", name="Try 1")).to_be_visible()
    await page.evaluate("() => navigation.navigate('?again').finished.then(() => undefined)")
    await expect(page.get_by_role("alert")).to_contain_text("Failing could not be opened")
    await expect(page.get_by_role("heading", name="Try 1")).to_have_count(0)
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Try 2")).to_be_visible()
    log = ["mount 1", "parcel unmounts", "unmount begins", "unmount ends", "mount 2"]
    assert await page.evaluate("() => failsLog") == log


async def test_trying_again_waits_until_a_failed_mount_has_cleared_up(page: Page, open_site: OpenSite) -> None:
    await page.add_init_script(PATIENT)
    await page.goto(open_site(apps=[FAILING]).url + "/?mount")
    await page.get_by_role("button", name="Try again").click()
    await page.evaluate("() => finish()")
    await expect(page.get_by_role("heading", name="Try 2")).to_be_visible()
    assert await page.evaluate("() => failsLog") == ["mount 1", "unmount begins", "unmount ends", "mount 2"]


async def test_a_mount_that_never_ends_is_given_up(page: Page, open_site: OpenSite) -> None:
    await page.clock.install()
    await page.goto(open_site().url)
    await page.get_by_role("link", name="to /hangs").click()
    await expect(page.get_by_text("still mounting")).to_be_visible()
    await page.clock.fast_forward(LIMIT_MS)
    await _expect_contained(page, "Hanging")
    await expect(page.get_by_text("still mounting")).to_have_count(0)
    await _expect_others_work(page)


async def test_a_mount_that_ends_after_its_time_is_cleared_up(page: Page, open_site: OpenSite) -> None:
    await page.clock.install()
    await page.goto(open_site().url + "/slow")
    await expect(page.get_by_text("slow is coming")).to_be_visible()
    await page.clock.fast_forward(LIMIT_MS)
    await _expect_contained(page, "Slow")
    await page.evaluate("() => finishSlow()")
    await page.wait_for_function("() => slowLog.includes('unmount')")
    assert await page.evaluate("() => slowLog") == ["mount", "aborted", "finished", "unmount"]
    await _expect_contained(page, "Slow")


async def test_a_module_without_life_cycle_functions_says_what_is_missing(
    page: Page, open_site: OpenSite, page_errors: list[str]
) -> None:
    await page.goto(open_site().url + "/no-hooks")
    await _expect_contained(page, "Nothing")
    assert page_errors == ["@site/no-hooks must export mount and unmount"]


async def test_a_style_sheet_with_wrong_bytes_fails_its_app_alone(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    site.faults["/a/unstyled/0123/things.css"] = Fault(content=b"* { display: none }")
    await page.goto(site.url)
    await page.get_by_role("link", name="to /unstyled").click()
    await _expect_contained(page, "Style")
    adopted = "() => document.adoptedStyleSheets.length"
    assert await page.evaluate(adopted) == 0
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Steady @site/unstyled")).to_have_count(1)
    assert await page.evaluate(adopted) == 1


async def test_a_failed_shared_library_can_be_asked_for_again(page: Page, open_site: OpenSite) -> None:
    """Some browsers remember a failed module for the life of the page; then loading the page again is offered, too."""
    site = open_site()
    site.faults["/a/shared/0123/react.js"] = Fault(status=500, content=b"down")
    await page.goto(site.url + "/react")
    await _expect_contained(page, "React")
    await page.get_by_role("button", name="Try again").click()
    heading, reload = page.get_by_role("heading", name="React at /react"), page.get_by_role("button", name="Reload")
    await expect(heading.or_(reload)).to_be_visible()
    if await reload.is_visible():
        await reload.click()
    await expect(heading).to_be_visible()


async def test_a_failing_header_leaves_the_view_working(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    site.faults["/a/bar/0123/bar.js"] = Fault(status=500, content=b"down")
    await page.goto(site.url)
    await expect(page.get_by_role("heading", level=1)).to_have_text(["Start"])
    header = page.locator("portico-slot[name=header]")
    await expect(header.get_by_role("alert")).to_contain_text("This part of the page could not be opened")
    await header.get_by_role("button", name="Try again").click()
    await expect(header.get_by_role("link", name="Start")).to_be_visible()
    await expect(header.get_by_role("alert")).to_have_count(0)


async def test_errors_that_an_app_leaves_uncaught_reach_the_window(
    page: Page, open_site: OpenSite, page_errors: list[str]
) -> None:
    await page.goto(open_site().url + "/caller")
    async with page.expect_event("pageerror"):
        await page.get_by_role("button", name="Reject").click()
    assert page_errors == ["nobody caught this"]
    await expect(page.get_by_role("heading", name="Caller")).to_be_visible()


async def test_a_401_of_an_api_is_a_typed_error_and_shows_the_way_back_in(page: Page, open_site: OpenSite) -> None:
    site = open_site(user={"sub": "1", "name": "Ada", "roles": []})
    await page.goto(site.url + "/caller?from=here")
    async with page.expect_request("**/api/caller/do") as request:
        await page.get_by_role("button", name="Call").click()
    headers = await (await request.value).all_headers()
    assert headers["x-portico"] == "1"
    assert headers["idempotency-key"][14] == "7"
    await expect(page.get_by_label("Outcome")).to_have_text("SignedOutError true true Signed out")
    notice = page.get_by_role("alert").filter(has_text="You have been signed out.")
    link = notice.get_by_role("link", name="Sign in again")
    await expect(link).to_have_attribute("href", "/auth/sign-in?return_to=%2Fcaller%3Ffrom%3Dhere")
