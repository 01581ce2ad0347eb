"""Releases that go live while a page is open, and apps that are fetched before anybody opens them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.async_api import Page, expect

from host.tests.conftest import SAVES_DATA, OpenSite
from host.tests.runtime_site import Fault, FixtureApp, Site, held, sources

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHANGED = """async (revision) => {
  const { events } = await import('@portico/sdk');
  events.emit('channel-changed', { revision });
}"""
TAKEN = """async (release) => {
  const { boot } = await import('@portico/sdk');
  while (!boot().apps.some(({ entry }) => entry.includes(release))) await new Promise(requestAnimationFrame);
}"""
NOTICE = "There is a newer version of what you see."
START = FixtureApp("@site/start", [("/", "Start")], sources("start.js"))


def things(release: str = "0123", greeting: bytes = b"Thing") -> FixtureApp:
    files = sources("things.js", "words.js")
    return FixtureApp(
        "@site/things",
        [("/things/:id", "Thing")],
        {**files, "words.js": files["words.js"].replace(b"Thing", greeting)},
        release=release,
    )


async def hear(page: Page, site: Site) -> None:
    """The live channel's change, as the live stream tells it; resolves when it is told what is new."""
    await page.locator("body > .p-visually-hidden[role=status]").wait_for(state="attached")  # by then it listens
    async with page.expect_response("**/_portico/channel.json"):
        await page.evaluate(CHANGED, site.revision)


async def test_the_next_navigation_into_an_app_uses_the_release_that_is_live(
    page: Page, open_site: OpenSite, complaints: list[str]
) -> None:
    site = open_site(apps=[START, things()])
    await page.goto(site.url)
    await page.get_by_role("link", name="to /things/1", exact=True).click()
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()
    await page.get_by_role("link", name="Back to start").click()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    site.publish([START, things("4567", b"Newer thing")])
    await hear(page, site)
    await page.evaluate(TAKEN, "4567")
    await page.get_by_role("link", name="to /things/1", exact=True).click()
    await expect(page.get_by_role("heading", name="Newer thing 1")).to_be_visible()
    assert "/a/things/4567/things.js" in site.asked
    assert site.pages().count("/") == 1
    assert (await page.get_by_text(NOTICE).count(), complaints) == (0, [])


async def test_a_release_that_goes_live_before_anybody_listens_is_not_missed(page: Page, open_site: OpenSite) -> None:
    site = open_site(apps=[START])
    site.faults["/a/_portico/later.js"] = held()
    await page.goto(site.url)
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    site.publish([START, things()])
    await page.evaluate(CHANGED, site.revision)
    async with page.expect_response("**/_portico/channel.json"):
        site.release()
    await page.evaluate(TAKEN, "0123/things.js")


async def test_style_sheets_of_the_release_before_do_not_reach_the_new_one(page: Page, open_site: OpenSite) -> None:
    def styled(release: str, css: bytes) -> FixtureApp:
        return replace(things(release), files={**things().files, "x.css": css}, styles=["x.css"])

    site = open_site(apps=[START, styled("0123", b".things-heading { color: rgb(1, 2, 3) }")])
    await page.goto(site.url + "/things/1")
    heading = page.get_by_role("heading", name="Thing 1")
    await expect(heading).to_have_css("color", "rgb(1, 2, 3)")
    site.publish([START, styled("4567", b".things-heading { margin-top: 7px }")])
    await hear(page, site)
    await page.evaluate(TAKEN, "4567")
    await page.get_by_role("link", name="Back to start").click()
    await page.get_by_role("link", name="to /things/1", exact=True).click()
    await expect(heading).to_have_css("margin-top", "7px")
    await expect(heading).not_to_have_css("color", "rgb(1, 2, 3)")


async def test_trying_again_opens_the_release_that_mends_what_failed(page: Page, open_site: OpenSite) -> None:
    broken = {"things.js": b"export const mount = () => Promise.reject(new Error('no')); export const unmount = [];"}
    site = open_site(apps=[START, replace(things(), files=broken)])
    await page.goto(site.url + "/things/1")
    await expect(page.get_by_role("alert")).to_contain_text("Thing could not be opened")
    site.publish([START, things("4567")])
    await hear(page, site)
    await page.evaluate(TAKEN, "4567")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_an_app_on_screen_stays_what_it_is_and_offers_to_load_the_page_anew(
    page: Page, open_site: OpenSite
) -> None:
    site = open_site(apps=[START, things()])
    await page.goto(site.url + "/things/1")
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()
    site.publish([START, things("4567", b"Newer thing")])
    await hear(page, site)
    await expect(page.get_by_role("status").filter(has_text=NOTICE)).to_be_visible()
    await page.get_by_role("link", name="Another thing").click()
    await expect(page.get_by_role("heading", name="Thing 9", exact=True)).to_be_visible()
    await expect(page.locator("main output")).to_have_text("query ?page=2, mounts 1")
    await page.get_by_role("button", name="Reload").click()
    await expect(page.get_by_role("heading", name="Newer thing 9")).to_be_visible()
    await expect(page.get_by_text(NOTICE)).to_have_count(0)


async def test_the_offer_goes_when_what_it_speaks_of_has_left_the_screen(page: Page, open_site: OpenSite) -> None:
    site = open_site(apps=[START, things()])
    await page.goto(site.url + "/things/1")
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()
    site.publish([START, things("4567", b"Newer thing")])
    await hear(page, site)
    await expect(page.get_by_text(NOTICE)).to_be_visible()
    await page.get_by_role("link", name="Back to start").click()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await expect(page.get_by_text(NOTICE)).to_have_count(0)


async def test_an_app_that_is_new_can_be_opened_without_loading_the_page(page: Page, open_site: OpenSite) -> None:
    site = open_site(apps=[START])
    await page.goto(site.url)
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    site.publish([START, things()])
    await hear(page, site)
    await page.evaluate(TAKEN, "0123/things.js")
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await page.get_by_role("link", name="to /things/1", exact=True).click()
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()
    assert site.pages().count("/things/1") == 0


async def test_what_links_lead_to_is_fetched_when_idle_and_not_run(eager_page: Page, open_site: OpenSite) -> None:
    page = eager_page
    entry = "/a/things/0123/things.js"
    module = "/a/things/0123/words.js"
    site = open_site(apps=[START, replace(things(), more={"modules": [module]})])
    async with page.expect_request(f"**{module}"):
        await page.goto(site.url)
    await page.get_by_role("link", name="to /things/1", exact=True).click()
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()
    assert [site.asked.count(path) for path in (entry, module)] == [1, 1]


async def test_a_fetch_ahead_that_fails_costs_nothing_when_the_app_is_opened(
    eager_page: Page, open_site: OpenSite
) -> None:
    page = eager_page
    entry = "/a/things/0123/things.js"
    site = open_site(apps=[START, things()])
    site.faults[entry] = Fault(status=503)
    async with page.expect_response(f"**{entry}"):
        await page.goto(site.url)
    await page.get_by_role("link", name="to /things/1", exact=True).click()
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("network", [SAVES_DATA, SAVES_DATA.replace("saveData: true", "effectiveType: '3g'")])
async def test_nothing_is_fetched_ahead_for_who_pays_or_waits_for_data(
    eager_page: Page, open_site: OpenSite, network: str
) -> None:
    page = eager_page
    await page.add_init_script(network)
    site = open_site(apps=[START, things()])
    await page.goto(site.url)
    link = page.get_by_role("link", name="to /things/1", exact=True)
    await link.hover()
    await link.focus()
    await page.get_by_role("button", name="Next thing").click()
    await expect(page.get_by_role("heading", name="Thing 7")).to_be_visible()
    assert await page.evaluate("() => document.querySelectorAll('link[rel=modulepreload]').length") == 0
    assert site.asked.count("/a/things/0123/things.js") == 1
