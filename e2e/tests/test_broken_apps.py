"""One broken app leaves the others alone, says so in its place, and comes back when it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from e2e.apps import variant, view
from e2e.pages.food import BasketPage, OrdersPage, RestaurantsPage, basket_indicator
from e2e.pages.shell import Shell
from e2e.stack import Stack
from e2e.tests.conftest import NewPerson

LOAD_LIMIT_MS = 5000
"""Short for a person who waits; long enough for the apps that work, also where two browsers share a busy machine."""
Breaker = Callable[[Stack, Path, BrowserContext], Callable[[], object]]
MENU_ENTRY = "**/a/menu/*/menu.js*"


@pytest.fixture(scope="module")
def hasty_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A platform that waits for an app a short while only."""
    folder = tmp_path_factory.mktemp("hasty") / "portico"
    running = Stack(folder, environment={"PORTICO_LOAD_TIMEOUT_MS": str(LOAD_LIMIT_MS)}).start()
    yield running
    running.stop()


@pytest.fixture
def ada(hasty_stack: Stack, person: NewPerson) -> Iterator[Page]:
    with hasty_stack.as_it_was():
        page = person("Ada Lovelace", at=hasty_stack)
        page.goto("/orders")
        yield page


def throws(stack: Stack, folder: Path, context: BrowserContext) -> Callable[[], object]:
    """Deploys a menu whose module throws; mended by a rollback, which the next page view has."""
    stack.portico(
        "deploy", str(variant("menu", folder, version="66.0.0", entry="throw new Error('broken at import');"))
    )
    return lambda: stack.portico("rollback")


def rejects_in_mount(stack: Stack, folder: Path, context: BrowserContext) -> Callable[[], object]:
    """Deploys a menu that cannot mount."""
    entry = "export const mount = async () => { throw new Error('broken in mount') }; export const unmount = () => {};"
    stack.portico("deploy", str(variant("menu", folder, version="66.1.0", entry=entry)))
    return lambda: stack.portico("rollback")


def never_answers(stack: Stack, folder: Path, context: BrowserContext) -> Callable[[], object]:
    """Holds the request for menu's entry for ever."""
    held: list[Route] = []
    context.route(MENU_ENTRY, lambda route: held.append(route))  # noqa: PLW0108 - Playwright needs a plain function
    return lambda: context.unroute(MENU_ENTRY)


def has_wrong_bytes(stack: Stack, folder: Path, context: BrowserContext) -> Callable[[], object]:
    """Serves other bytes than the release has, as a tampered cache or store would."""

    def tamper(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text() + "\nwindow.tampered = true;")

    context.route(MENU_ENTRY, tamper)
    return lambda: context.unroute(MENU_ENTRY)


BREAKERS = [throws, rejects_in_mount, never_answers, has_wrong_bytes]


@pytest.mark.parametrize("break_menu", BREAKERS, ids=lambda each: each.__name__)
def test_the_others_go_on_and_the_slot_says_so(
    hasty_stack: Stack, ada: Page, tmp_path: Path, break_menu: Breaker
) -> None:
    """Nav and checkout work, before and after; menu's place shows a fallback that can be tried again."""
    break_menu(hasty_stack, tmp_path / "menu", ada.context)
    ada.goto("/")
    shell = Shell(ada)
    expect(shell.try_again).to_be_visible()
    expect(shell.navigation).to_be_visible()
    expect(basket_indicator(ada)).to_be_visible()
    assert ada.evaluate("() => window.tampered") is None

    shell.go("Basket")
    expect(ada.get_by_role("heading", level=1)).to_contain_text("basket")
    expect(BasketPage(ada).page.get_by_role("main").get_by_role("button", name="Try again")).to_have_count(0)
    shell.go("My orders")
    expect(OrdersPage(ada).heading).to_be_visible()


@pytest.mark.parametrize("break_menu", [throws, rejects_in_mount], ids=lambda each: each.__name__)
def test_a_rollback_mends_it_in_the_next_view(
    hasty_stack: Stack, ada: Page, tmp_path: Path, break_menu: Breaker
) -> None:
    """What a deploy broke, taking it back mends."""
    mend = break_menu(hasty_stack, tmp_path / "menu", ada.context)
    ada.goto("/")
    expect(Shell(ada).try_again).to_be_visible()
    mend()
    RestaurantsPage(ada).open()


@pytest.mark.parametrize("break_menu", [never_answers, has_wrong_bytes], ids=lambda each: each.__name__)
def test_try_again_really_tries_again(hasty_stack: Stack, ada: Page, tmp_path: Path, break_menu: Breaker) -> None:
    """When the cause is gone, one press brings the app back in the same page, whatever the browser has cached."""
    mend = break_menu(hasty_stack, tmp_path / "menu", ada.context)
    ada.goto("/")
    shell = Shell(ada)
    expect(shell.try_again).to_be_visible()
    mend()
    shell.try_again.click()
    expect(RestaurantsPage(ada).heading).to_be_visible()


def test_an_app_that_fails_once_is_brought_back_by_try_again(hasty_stack: Stack, ada: Page, tmp_path: Path) -> None:
    """A module that threw while it was evaluated is evaluated anew, not taken from the page's module cache."""
    failing_once = "if ((window.attempts = (window.attempts ?? 0) + 1) === 1) throw new Error('first time');"
    entry = failing_once + view("Second time")
    hasty_stack.portico("deploy", str(variant("menu", tmp_path / "menu", version="66.2.0", entry=entry)))
    ada.goto("/")
    Shell(ada).try_again.click()
    expect(ada.get_by_role("heading", level=1, name="Second time")).to_be_visible()
