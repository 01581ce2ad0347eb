"""The page as a browser meets it: strict policies, nothing refused, nothing kept for the next person."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error, Page, expect

from e2e.pages.food import BasketPage, OrdersPage, RestaurantPage, RestaurantsPage
from e2e.pages.provider import SignInPage
from e2e.pages.shell import Shell
from e2e.stack import Stack
from e2e.tests.conftest import NewContext, NewPerson

FETCH = """async (path) => {
  const answer = await fetch(path, { headers: { 'X-Portico': '1' } });
  return [answer.status, answer.headers.get('content-type'), answer.redirected];
}"""


def test_a_walk_through_every_app_breaks_no_policy_and_logs_no_error(person: NewPerson) -> None:
    """Under nonce-CSP, Trusted Types and Integrity-Policy every app loads and nothing is reported."""
    page = person("Ada Lovelace", service_workers="allow")
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    restaurants = RestaurantsPage(page).open()
    restaurants.results.get_by_role("link").first.click()
    RestaurantPage(page).add_first_dish()
    BasketPage(page).open()
    expect(BasketPage(page).place_order).to_be_visible()
    Shell(page).go("My orders")
    expect(OrdersPage(page).heading).to_be_visible()
    assert complaints == []


def test_shared_libraries_are_loaded_once_from_the_import_map(person: NewPerson) -> None:
    """React and Preact come from the shared release, one copy each, for every app."""
    page = person("Ada Lovelace")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto("/basket")
    Shell(page).go("Restaurants")
    expect(RestaurantsPage(page).heading).to_be_visible()
    for library in ("react.js", "react-dom-client.js", "preact.js"):
        found = [url for url in requests if url.endswith(f"/{library}")]
        assert len(set(found)) == 1, library
        assert "/a/shared/" in found[0]


@pytest.mark.parametrize(
    "attack",
    [
        "() => { document.body.innerHTML = '<img src=data:, onerror=\"window.owned = true\">'; }",
        "() => { document.createElement('img').setAttribute('onerror', 'window.owned = true'); }",
        "() => { document.createElement('script').text = 'window.owned = true'; }",
        "() => { document.createElement('script').src = 'data:,window.owned = true'; }",
        "() => { window.trustedTypes.createPolicy('attack', { createHTML: (text) => text }); }",
    ],
)
def test_injected_markup_and_code_are_refused(person: NewPerson, attack: str) -> None:
    """Trusted Types refuse each way to turn a string into something that runs."""
    page = person("Ada Lovelace")
    with pytest.raises(Error, match=r"Trusted|Policy"):
        page.evaluate(attack)
    assert page.evaluate("() => window.owned") is None


def test_a_call_without_a_session_is_a_401_problem_never_a_redirect(stack: Stack, new_context: NewContext) -> None:
    """A script in a page is told so; it is not sent to a sign-in page."""
    page = new_context(stack.url).new_page()
    page.goto("/")
    assert page.evaluate(FETCH, "/api/menu/restaurants") == [401, "application/problem+json", False]


def test_nothing_of_a_session_is_shown_after_it(stack: Stack, new_context: NewContext) -> None:
    """The browser keeps cacheable answers for the session that got them, not for what comes after."""
    page = new_context(stack.url).new_page()
    SignInPage(page).sign_in("Ada Lovelace")
    assert page.evaluate(FETCH, "/api/menu/restaurants")[0] == 200
    Shell(page).sign_out.click()
    expect(Shell(page).sign_in).to_be_visible()
    assert page.evaluate(FETCH, "/api/menu/restaurants")[0] == 401


def test_an_unknown_path_is_a_404_inside_the_shell(person: NewPerson) -> None:
    """People who lose their way keep the menu bar and a way back."""
    page = person("Ada Lovelace")
    response = page.goto("/no/such/page")
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no page here")
    Shell(page).go("Restaurants")
    expect(RestaurantsPage(page).heading).to_be_visible()


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip"])
def test_assets_are_precompressed_typed_and_immutable(stack: Stack, person: NewPerson, encoding: str) -> None:
    """Each encoding that a browser asks for is there, with the right type, for good."""
    page = person("Ada Lovelace")
    entry = _entry(page)
    answer = page.request.get(entry, headers={"Accept-Encoding": encoding})
    assert answer.headers["content-encoding"] == encoding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def _entry(page: Page) -> str:
    return str(
        page.evaluate(
            "() => JSON.parse(document.querySelector('script[type=importmap]').textContent).imports['@discovery/menu']"
        )
    )
