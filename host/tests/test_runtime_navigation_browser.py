"""Navigations in a real browser: which stay in the page, which are the browser's, and what a person notices of them."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from host.tests.conftest import OpenSite
from host.tests.runtime_site import held

pytestmark = pytest.mark.asyncio(loop_scope="session")

WITHOUT_NAVIGATION_API = "delete window.navigation"


async def test_a_path_that_nobody_claims_is_left_to_the_browser(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    await page.goto(site.url)
    await page.get_by_role("link", name="to /nobody").click()
    await expect(page.get_by_role("heading", name="404 by the server")).to_be_visible()
    await expect(page.locator("portico-slot[name=header] output")).to_have_text("/nobody")
    assert site.pages() == ["/", "/nobody"]


async def test_what_the_host_rendered_for_a_refused_path_stays_although_an_app_could_claim_it(
    page: Page, open_site: OpenSite
) -> None:
    await page.goto(open_site(statuses={"/things/1": 401}).url + "/things/1")
    await expect(page.locator("portico-slot[name=header] output")).to_have_text("/things/1")
    await expect(page.get_by_role("heading", name="401 by the server")).to_be_visible()


async def test_going_back_to_a_page_of_the_host_loads_it_again(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    await page.goto(site.url + "/nobody")
    await page.get_by_role("link", name="Start").click()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    assert site.pages() == ["/nobody"]
    await page.go_back(wait_until="commit")
    await expect(page.get_by_role("heading", name="404 by the server")).to_be_visible()
    assert site.pages() == ["/nobody", "/nobody"]


async def test_downloads_jumps_new_tabs_and_reloads_are_the_browsers(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    await page.goto(site.url)
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="to /file.txt").click()
    assert (await download.value).suggested_filename == "file.txt"
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="new tab").click()
    await expect((await opened.value).get_by_role("heading", name="Thing 3")).to_be_visible()
    await page.get_by_role("link", name="to #below").click()
    await expect(page.get_by_text("Below", exact=True)).to_be_in_viewport()
    await expect(page.get_by_role("heading", name="Start")).not_to_be_focused()
    await page.reload()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    assert site.pages() == ["/", "/things/3", "/"]


async def test_a_form_post_is_the_browsers(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    await page.goto(site.url)
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await page.evaluate(
        """() => {
          const form = Object.assign(document.createElement('form'), { method: 'post', action: '/things/4' });
          document.body.append(form);
          form.requestSubmit();
        }"""
    )
    await expect(page.get_by_role("heading", name="Thing 4")).to_be_visible()
    assert site.pages() == ["/", "/things/4"]


async def test_focus_title_and_announcement_follow_the_view(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site().url)
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await expect(page.get_by_role("heading", name="Start")).not_to_be_focused()
    await page.get_by_role("link", name="to /things/1", exact=True).click()
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_focused()
    await expect(page).to_have_title("Thing · Site")
    await expect(page.get_by_role("status").filter(has_text="Thing · Site")).to_have_attribute("aria-live", "polite")
    await page.get_by_role("link", name="Another thing").click()
    await expect(page.get_by_role("heading", name="Thing 9")).to_be_focused()


async def test_an_app_may_change_the_address_while_a_person_types(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    await page.goto(site.url)
    search = page.get_by_role("textbox", name="Search")
    await search.press_sequentially("pizza")
    await expect(page).to_have_url(f"{site.url}/?q=pizza")
    await expect(search).to_be_focused()
    await expect(search).to_have_value("pizza")
    await expect(page.get_by_label("Where")).to_have_text("/ by @site/start")
    assert site.pages() == ["/"]


async def test_scroll_goes_to_the_top_and_is_restored_on_the_way_back(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site().url)
    low = page.get_by_role("link", name="to /things/5")
    await low.click()
    await expect(page.get_by_role("heading", name="Thing 5")).to_be_in_viewport()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Start")).to_have_count(1)
    await expect(low).to_be_in_viewport()
    await expect(page.get_by_role("heading", name="Start")).not_to_be_in_viewport()


async def test_the_sdk_navigates_inside_the_page(page: Page, open_site: OpenSite) -> None:
    site = open_site()
    await page.goto(site.url)
    await page.get_by_role("button", name="Next thing").click()
    await expect(page.get_by_role("heading", name="Thing 7")).to_be_visible()
    assert site.pages() == ["/"]


async def test_a_newer_navigation_takes_over_from_one_that_is_still_loading(
    page: Page, open_site: OpenSite, page_errors: list[str]
) -> None:
    site = open_site()
    site.faults["/a/late/0123/steady.js"] = held()
    await page.goto(site.url)
    await page.get_by_role("link", name="to /late").click()
    await expect(page.get_by_role("progressbar")).to_be_attached()
    await page.get_by_role("link", name="to /things/2").click()
    await expect(page.get_by_role("heading", name="Thing 2")).to_be_visible()
    await expect(page.get_by_role("progressbar")).to_have_count(0)
    async with page.expect_response("**/steady.js"):
        site.release()
    await page.get_by_role("link", name="Back to start").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(["Start"])
    assert page_errors == []


async def test_a_superseded_mount_is_aborted_and_cleared_up_out_of_sight(
    page: Page, open_site: OpenSite, page_errors: list[str]
) -> None:
    await page.goto(open_site().url)
    await page.get_by_role("link", name="to /slow").click()
    await expect(page.get_by_text("slow is coming")).to_be_visible()
    await page.get_by_role("link", name="Start").click()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await expect(page.get_by_text("slow is coming")).to_have_count(0)
    assert await page.evaluate("() => slowLog") == ["mount", "aborted"]
    await page.evaluate("() => finishSlow()")
    await page.wait_for_function("() => slowLog.length === 4")
    assert await page.evaluate("() => slowLog") == ["mount", "aborted", "finished", "unmount"]
    await expect(page.get_by_role("heading", level=1)).to_have_text(["Start"])
    assert page_errors == []


async def test_coming_back_to_a_superseded_app_mounts_it_anew(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site().url)
    await page.get_by_role("link", name="to /slow").click()
    await expect(page.get_by_text("slow is coming")).to_be_visible()
    await page.get_by_role("link", name="Start").click()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await page.get_by_role("link", name="to /slow").click()
    await page.evaluate("() => finishSlow()")
    await expect(page.get_by_text("slow is coming")).to_be_visible()
    await page.evaluate("() => finishSlow()")
    await expect(page.get_by_role("heading", level=1)).to_have_text(["Slow"])
    expected = ["mount", "aborted", "finished", "unmount", "mount", "finished"]
    assert await page.evaluate("() => slowLog") == expected


async def test_a_navigation_within_an_app_that_is_still_mounting_does_not_abort_it(
    page: Page, open_site: OpenSite
) -> None:
    site = open_site()
    await page.goto(site.url)
    await page.get_by_role("link", name="to /slow").click()
    await expect(page.get_by_text("slow is coming")).to_be_visible()
    await page.evaluate("() => void navigation.navigate('/slow/further')")
    await expect(page).to_have_url(f"{site.url}/slow/further")
    await page.evaluate("() => finishSlow()")
    await expect(page.get_by_role("heading", level=1)).to_have_text(["Slow"])
    await expect(page.get_by_label("Where")).to_have_text("/slow/further by @site/slow")
    assert await page.evaluate("() => slowLog") == ["mount", "finished"]


async def test_without_the_navigation_api_links_are_page_loads_and_everything_works(
    page: Page, open_site: OpenSite, page_errors: list[str]
) -> None:
    site = open_site()
    await page.add_init_script(WITHOUT_NAVIGATION_API)
    await page.goto(site.url)
    assert await page.evaluate("() => 'navigation' in window") is False
    await page.get_by_role("link", name="to /things/1", exact=True).click()
    await expect(page.get_by_role("heading", name="Thing 1")).to_be_visible()
    await page.get_by_role("link", name="Back to start").click()
    await page.get_by_role("button", name="Next thing").click()
    await expect(page.get_by_role("heading", name="Thing 7")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await page.get_by_role("link", name="to /react").click()
    await expect(page.get_by_role("heading", name="React at /react")).to_be_visible()
    assert site.pages()[:4] == ["/", "/things/1", "/", "/things/7"]
    assert page_errors == []
