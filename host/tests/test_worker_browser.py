"""The service worker in a real browser: a site that was opened once opens again without a network, whole."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from host.tests.worker_site import Fault, WorkerSite, notes, online, visit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_after_one_visit_every_route_of_an_offered_app_opens_without_a_network(
    page: Page, site: WorkerSite, complaints: list[str], page_errors: list[str]
) -> None:
    await visit(page, site, "/", who="ada")
    asked = len(site.asked)
    site.cut()
    for path in ("/notes/7", "/", "/notes/8?tab=2"):
        await page.goto(f"{site.url}{path}")
        await expect(page.get_by_role("heading", name=f"Notes first {path.partition('?')[0]}")).to_be_visible()
        await expect(page.locator("h1")).to_have_css("color", "rgb(0, 128, 0)")
        await expect(page).to_have_title("Notes · Portico" if path == "/" else "Note · Portico")
        await page.evaluate("() => window.late()")
        await expect(page.get_by_label("Answer")).to_have_text("late")
    await page.reload()
    await expect(page.get_by_role("heading", name="Notes first /notes/8")).to_be_visible()
    assert len(site.asked) == asked
    assert page_errors == []
    assert [line for line in complaints if "ERR_CONNECTION_REFUSED" not in line] == []


async def test_an_unknown_path_says_so_and_opens_once_there_is_a_network(page: Page, site: WorkerSite) -> None:
    await visit(page, site)
    site.cut()
    await page.goto(f"{site.url}/nobody/knows")
    await expect(page.get_by_role("heading", name="This page is not kept on this device")).to_be_visible()
    site.heal()
    await page.get_by_role("link", name="Try again").click()
    await expect(page.get_by_role("heading", name="There is no page here")).to_be_visible()


async def test_without_a_network_nobody_in_particular_finds_what_is_public(page: Page, site: WorkerSite) -> None:
    await visit(page, site)
    site.cut()
    await page.goto(f"{site.url}/")
    await expect(page.get_by_role("heading", name="Notes first /")).to_be_visible()
    await page.goto(f"{site.url}/notes/7")
    await expect(page.get_by_role("heading", name="This page is not kept on this device")).to_be_visible()


@pytest.mark.parametrize("fault", [Fault(portal=True), Fault(status=503), Fault(hang=True)], ids=str)
async def test_a_server_that_gives_no_answer_counts_as_no_network(page: Page, site: WorkerSite, fault: Fault) -> None:
    await visit(page, site, who="ada")
    site.faults["/"] = fault
    await page.goto(f"{site.url}/notes/7")
    await expect(page.get_by_role("heading", name="Notes first /notes/7")).to_be_visible()


@pytest.mark.parametrize("path", ["/auth/be/bob", "/_portico/offline.json", "/a/notes/none/x.js", "/api/notes/x"])
async def test_the_hosts_own_addresses_are_never_answered_with_the_kept_document(
    page: Page, site: WorkerSite, path: str
) -> None:
    await visit(page, site, who="ada")
    site.cut()
    with pytest.raises(Exception, match="net::ERR_"):
        await page.goto(f"{site.url}{path}")


async def test_every_page_is_asked_for_once_also_the_hosts_own(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    for path in ("/auth/be/bob", "/notes/7", "/nowhere"):
        await page.goto(f"{site.url}{path}")
        await page.get_by_text(re.compile("You are bob|Notes first|There is no page")).first.wait_for()
        assert site.count(path) == 1, path


async def test_an_answer_of_the_host_is_shown_whatever_its_status(page: Page, site: WorkerSite) -> None:
    await visit(page, site)
    for path, words in (("/nowhere", "There is no page here"), ("/notes/7", "Sign in to open this page")):
        await page.goto(f"{site.url}{path}")
        await expect(page.get_by_role("heading", name=words)).to_be_visible()


async def test_a_page_of_the_old_release_loads_its_late_modules_while_it_is_open(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    old = site.snapshot.releases[0]
    site.deploy(notes("second", late=b"export const late = 'later';"), online())
    other = await page.context.new_page()
    await visit(other, site)
    await expect(other.get_by_role("heading", name="Notes second /")).to_be_visible()
    for gone in (old.url("late.js"), old.url("notes.js")):
        del site.files[gone]
    await page.evaluate("() => window.late()")
    await expect(page.get_by_label("Answer")).to_have_text("late")
    site.cut()
    third = await page.context.new_page()
    await third.goto(f"{site.url}/notes/1")
    await expect(third.get_by_role("heading", name="Notes second /notes/1")).to_be_visible()


async def test_files_of_an_old_release_go_once_no_page_can_ask_for_them(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    old = site.snapshot.releases[0].url("late.js")
    files = "async () => (await (await caches.open('portico-assets')).keys()).map(({url}) => new URL(url).pathname)"
    assert old in await page.evaluate(files)
    site.deploy(notes("second", late=b"export const late = 'later';"), online())
    await visit(page, site)
    assert site.snapshot.releases[0].url("late.js") in await page.evaluate(files)
    site.deploy(notes("third", late=b"export const late = 'latest';"), online())
    await visit(page, site)
    assert old not in await page.evaluate(files)
