"""Slots in a real browser: inside apps, filled by hand, changed by a view transition; parcels by specifier."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from host.tests.conftest import OpenSite
from host.tests.runtime_site import FixtureApp, held, sources

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOG = "() => nestLog"
START = FixtureApp("@site/start", [("/", "Start")], sources("start.js"))
OUTER = FixtureApp("@site/nest", [("/nest/*?", "Outer")], sources("nest.js"))
PANE = FixtureApp("@site/pane", [("/nest/a", None), ("/nest", None)], sources("pane.js"), slots=("pane",))
OTHER = FixtureApp("@site/other", [("/nest/b", None)], sources("pane.js"), slots=("pane",))
BY_HAND = FixtureApp(
    "@site/help", [("/nest/*?", None)], sources("pane.js"), slots=("tools",), more={"activation": "manual"}
)
GO = "(path) => navigation.navigate(path).finished.then(() => undefined)"
CALL = "async ([name, ...rest]) => (await import('@portico/sdk'))[name](...rest).then(() => 'done', String)"


async def test_a_slot_inside_an_app_is_filled_when_it_appears_and_emptied_before_its_app_leaves(
    page: Page, open_site: OpenSite
) -> None:
    await page.goto(open_site(apps=[START, OUTER, PANE, OTHER]).url + "/nest/a")
    await expect(page.get_by_role("heading", name="@site/pane at /nest/a")).to_be_visible()
    await page.evaluate(GO, "/nest/b")
    await expect(page.get_by_role("heading", name="@site/other at /nest/b")).to_be_visible()
    await expect(page.get_by_role("heading", name="@site/pane")).to_have_count(0)
    await page.evaluate(GO, "/")
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    assert await page.evaluate(LOG) == [
        "outer mounts",
        "@site/pane mounts",
        "@site/pane unmounts",
        "@site/other mounts",
        "@site/other unmounts",
        "outer unmounts, inside: ",
    ]


async def test_a_slot_that_its_app_takes_away_lets_its_apps_go_and_comes_back(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site(apps=[START, OUTER, PANE]).url + "/nest")
    inner = page.get_by_role("heading", name="@site/pane at /nest")
    await expect(inner).to_be_visible()
    await page.evaluate(GO, "/nest?closed")
    await expect(inner).to_have_count(0)
    await page.evaluate(GO, "/nest")
    await expect(inner).to_be_visible()
    log = ["outer mounts", "@site/pane mounts", "@site/pane unmounts", "@site/pane mounts"]
    assert await page.evaluate(LOG) == log


async def test_what_is_inside_an_app_stays_as_long_as_the_app_does(page: Page, open_site: OpenSite) -> None:
    site = open_site(apps=[START, OUTER, PANE])
    site.faults["/a/start/0123/start.js"] = held()
    await page.goto(site.url + "/nest")
    await expect(page.get_by_role("heading", name="@site/pane at /nest")).to_be_visible()
    await page.evaluate("() => void navigation.navigate('/')")
    await expect(page.get_by_role("progressbar", name="Loading")).to_be_attached()
    await expect(page.get_by_role("heading", name="@site/pane at /nest")).to_be_visible()
    site.release()
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    assert (await page.evaluate(LOG))[-2:] == ["@site/pane unmounts", "outer unmounts, inside: "]


async def test_the_second_slot_of_one_name_is_told_and_left_empty(
    page: Page, open_site: OpenSite, page_errors: list[str]
) -> None:
    await page.goto(open_site(apps=[START]).url)
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await page.evaluate(
        """() => {
          const slot = document.createElement('portico-slot');
          slot.setAttribute('name', 'main');
          document.body.append(slot);
        }"""
    )
    await expect(page.get_by_role("heading", name="Start")).to_have_count(1)
    assert any('two <portico-slot name="main">' in error for error in page_errors)


async def test_an_app_that_is_activated_by_hand_shows_where_its_routes_say_until_it_is_not(
    page: Page, open_site: OpenSite
) -> None:
    await page.goto(open_site(apps=[START, OUTER, BY_HAND]).url + "/nest")
    await expect(page.get_by_role("heading", name="Outer")).to_be_visible()
    here = page.locator("portico-slot[name=tools] h2")
    await expect(here).to_have_count(0)
    assert await page.evaluate(CALL, ["activate", "@site/help"]) == "done"
    await expect(here).to_have_text("@site/help at /nest")
    await page.evaluate(GO, "/")
    await expect(here).to_have_count(0)
    await page.evaluate(GO, "/nest")
    await expect(here).to_have_count(1)
    assert await page.evaluate(CALL, ["deactivate", "@site/help"]) == "done"
    await expect(here).to_have_count(0)
    assert await page.evaluate(CALL, ["activate", "@site/help", "header"]) == "done"
    await page.evaluate(GO, "/")
    await expect(page.locator("portico-slot[name=header] h2")).to_have_count(1)
    await expect(here).to_have_count(0)


async def test_what_cannot_be_activated_is_told(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site(apps=[START, BY_HAND]).url)
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    expected = 'this page has no such app with "activation": "manual"'
    for name in ("@site/nobody", "@site/start"):
        assert expected in await page.evaluate(CALL, ["activate", name])
    assert "it follows the address" in await page.evaluate(CALL, ["activate", "@site/help", "main"])


TRANSITIONS = """() => {
  const real = document.startViewTransition.bind(document);
  globalThis.transitions = [];
  document.startViewTransition = (change) => {
    transitions.push(document.querySelector('main h1').textContent);
    return real(change);
  };
}"""


@pytest.mark.parametrize(
    ("attributes", "more", "motion", "expected"),
    [
        ("", {}, "no-preference", []),
        ("", {"transition": True}, "no-preference", ["Start"]),
        (" transition", {}, "no-preference", ["Start", "Outer"]),
        (" transition", {"transition": True}, "reduce", []),
    ],
)
async def test_a_view_transition_is_for_who_asks_and_likes_motion(
    page: Page, open_site: OpenSite, attributes: str, more: dict[str, bool], motion: str, expected: list[str]
) -> None:
    await page.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
    smooth = FixtureApp("@site/nest", OUTER.routes, OUTER.files, more=more)
    await page.goto(open_site(apps=[START, smooth], slot_attributes=attributes).url)
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await page.evaluate(TRANSITIONS)
    for path, heading in (("/nest", "Outer"), ("/", "Start")):
        await page.evaluate(GO, path)
        await expect(page.get_by_role("heading", name=heading)).to_be_visible()
    assert await page.evaluate("() => transitions") == expected


LATE_TRANSITIONS = """() => {
  globalThis.due = [];
  document.startViewTransition = (change) => {
    const updateCallbackDone = new Promise((resolve) => due.push(() => resolve(change())));
    return { ready: Promise.resolve(), updateCallbackDone };
  };
}"""


async def test_a_view_transition_that_comes_too_late_takes_nothing_away(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site(apps=[START, OUTER], slot_attributes=" transition").url)
    start = page.get_by_role("heading", name="Start")
    await expect(start).to_be_visible()
    await page.evaluate(LATE_TRANSITIONS)
    for turn, path in enumerate(("/nest", "/"), 1):
        await page.evaluate("(path) => void navigation.navigate(path).finished.catch(() => {})", path)
        await page.wait_for_function("(turn) => due.length === turn", arg=turn)
    await page.evaluate("async () => { for (const change of due) await change(); }")
    await expect(start).to_be_visible()
    await expect(page.get_by_role("heading", name="Outer")).to_have_count(0)


async def test_a_parcel_can_be_named_by_its_specifier(page: Page, open_site: OpenSite) -> None:
    mounting = b"""export const bootstrap = [];
export async function mount({ domElement, mountParcel }) {
  const parcel = mountParcel('@site/pane', { domElement, portico: { path: 'by hand' } });
  await parcel.mountPromise;
  domElement.append(`${parcel.getStatus()} ${typeof parcel.update}`);
  const absent = mountParcel('@site/absent', { domElement });
  await absent.mountPromise.catch(() => domElement.append(` ${absent.getStatus()}`));
}
export const unmount = ({ domElement }) => domElement.replaceChildren();
"""
    holder = FixtureApp("@site/holder", [("/", "Holder")], {"holder.js": mounting})
    await page.goto(open_site(apps=[holder, PANE]).url)
    await expect(page.get_by_role("heading", name="by hand")).to_be_visible()
    await expect(page.locator("main")).to_contain_text("MOUNTED undefined SKIP_BECAUSE_BROKEN")
