"""A person's evening: find something, order it, come back to it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import expect

from e2e.api import Api
from e2e.apps import view
from e2e.pages.food import BasketPage, OrdersPage, RestaurantPage, RestaurantsPage, basket_indicator
from e2e.pages.shell import Shell
from e2e.stack import Stack
from e2e.tests.conftest import NewContext, NewPerson


def test_sign_in_search_order_reload_restart_still_there(own_stack: Stack, person: NewPerson) -> None:
    """An order can be seen after placing it, after a reload, and after the whole platform was restarted."""
    page = person("Ada Lovelace", at=own_stack)
    restaurants = RestaurantsPage(page).open()
    restaurants.search("ramen")
    expect(page).to_have_url(re.compile(r"q=ramen"))
    expect(restaurants.results.get_by_role("link").first).to_be_visible()
    restaurants.results.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/restaurants/"))
    RestaurantPage(page).add_first_dish()

    basket_indicator(page).click()
    basket = BasketPage(page)
    expect(basket.lines).to_have_count(1)
    order = basket.order()

    Shell(page).go("My orders")
    orders = OrdersPage(page)
    expect(orders.orders).to_have_count(1)
    page.reload()
    expect(orders.orders).to_have_count(1)

    own_stack.restart()
    page.goto(f"/orders/{order}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order from")
    expect(Shell(page).sign_out).to_be_visible()


def test_a_search_without_any_result_says_so_and_leads_back(person: NewPerson) -> None:
    """Nobody is left in front of an empty page."""
    page = person("Ada Lovelace")
    restaurants = RestaurantsPage(page).open()
    restaurants.search("zzzzzz")
    expect(page.get_by_role("main")).to_contain_text("zzzzzz")
    expect(restaurants.results.get_by_role("link")).to_have_count(0)


def test_moving_between_apps_keeps_the_document_and_moves_the_focus(person: NewPerson) -> None:
    """Following the menu bar loads no new page; the new view's heading has the focus, and back works."""
    page = person("Ada Lovelace")
    RestaurantsPage(page).open()
    page.evaluate("() => { window.stillHere = true; }")
    Shell(page).go("My orders")
    expect(OrdersPage(page).heading).to_be_focused()
    expect(page).to_have_title(re.compile("My orders"))
    page.go_back()
    expect(RestaurantsPage(page).heading).to_be_visible()
    assert page.evaluate("() => window.stillHere") is True


def test_sign_out_ends_the_session_and_the_old_cookie_is_dead(person: NewPerson, stack: Stack) -> None:
    """After signing out the kept cookie opens nothing, and the shell offers to sign in."""
    page = person("Alan Turing")
    cookies = page.context.cookies()
    shell = Shell(page)
    shell.sign_out.click()
    expect(shell.sign_in).to_be_visible()
    page.context.add_cookies([{**cookie} for cookie in cookies if cookie["name"] == "portico"])  # type: ignore[typeddict-item]
    answer = page.request.get("/api/checkout/graphql?query={basket{count}}", headers={"X-Portico": "1"})
    assert answer.status == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body())["type"].endswith("/signed-out")


def test_a_deep_link_survives_signing_in(stack: Stack, new_context: NewContext) -> None:
    """Who opens a page that wants a person comes back to that page after signing in."""
    page = new_context(stack.url).new_page()
    response = page.goto("/orders?from=mail")
    assert response is not None
    assert response.status == 401
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Grace Hopper").click()
    expect(OrdersPage(page).heading).to_be_visible()
    expect(page).to_have_url(re.compile(r"/orders\?from=mail$"))


def test_two_tabs_can_sign_in_at_once(stack: Stack, new_context: NewContext) -> None:
    """Neither of two sign-ins that were begun in one browser spoils the other."""
    context = new_context(stack.url)
    first, second = context.new_page(), context.new_page()
    first.goto("/auth/sign-in?return_to=/orders")
    second.goto("/auth/sign-in?return_to=/basket")
    first.get_by_role("button", name="Ada Lovelace").click()
    expect(first).to_have_url(re.compile(r"/orders$"))
    second.get_by_role("button", name="Ada Lovelace").click()
    expect(second).to_have_url(re.compile(r"/basket$"))


def test_without_the_navigation_api_links_are_ordinary_page_loads(person: NewPerson) -> None:
    """Everything still works in a browser that has no Navigation API."""
    page = person("Ada Lovelace", init_script="delete window.navigation;")
    RestaurantsPage(page).open()
    page.evaluate("() => { window.stillHere = true; }")
    Shell(page).go("My orders")
    expect(OrdersPage(page).heading).to_be_visible()
    assert page.evaluate("() => window.stillHere") is None


def test_a_refused_order_leaves_the_keyboard_where_the_person_is(person: NewPerson) -> None:
    """The first field that is wrong gets the focus, once; what is typed then stays in it."""
    page = person("Grace Hopper")
    Api(page).fill_basket()
    basket = BasketPage(page).open()
    expect(basket.place_order).to_be_visible()
    page.get_by_label("Name on the door").fill("Grace")
    basket.place_order.click()
    street = page.get_by_label("Street and house number")
    expect(street).to_be_focused()
    page.keyboard.type("Main Street 1")
    expect(street).to_have_value("Main Street 1")
    expect(page.get_by_label("Town")).to_have_value("")


def test_signing_in_is_the_hosts_alone_whatever_an_app_claims(
    stack: Stack, new_context: NewContext, tmp_path: Path
) -> None:
    """An app that claims every path does not get the click on "Sign in"."""
    folder = tmp_path / "grab"
    folder.mkdir()
    claim = {"path": "/*", "access": "public", "title": "Grab"}
    (folder / "app.json").write_text(
        json.dumps({"name": "@evil/grab", "version": "1.0.0", "entry": "grab.js", "routes": [claim]})
    )
    (folder / "grab.js").write_text(view("Your password, please"))
    with stack.as_it_was():
        stack.portico("deploy", str(folder))
        page = new_context(stack.url).new_page()
        page.goto("/")
        Shell(page).sign_in.click()
        expect(page.get_by_role("button", name="Ada Lovelace")).to_be_visible()
