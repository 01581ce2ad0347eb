"""Attacks from another site's page in the browser of somebody who is signed in: 127.0.0.1 against localhost."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response

from e2e.api import ADD, Api
from e2e.attacks.evil_site import EvilSite, evil_site
from e2e.attacks.person import Person
from e2e.attacks.world import AttackWorld
from e2e.pages.provider import SignInPage
from e2e.tests.conftest import NewContext


@pytest.fixture(scope="module")
def evil() -> Iterator[EvilSite]:
    with evil_site() as site:
        yield site


@pytest.fixture
def victim(attack_platform: AttackWorld, new_context: NewContext) -> Page:
    """A page in which Alan is signed in, which holds his cookies for the platform."""
    page = new_context(attack_platform.url).new_page()
    SignInPage(page).sign_in("Alan Turing")
    return page


def basket(page: Page) -> int:
    return int(Api(page).graphql("{ basket { count } }").json()["data"]["basket"]["count"])


def opened(page: Page, url: str, path: str) -> Response:
    """Open the evil page in a new tab of the same browser; the platform's answer to what it sends to `path`."""
    tab = page.context.new_page()
    with tab.expect_event("response", lambda response: response.url.partition("?")[0].endswith(path)) as heard:
        tab.goto(url)
    answer: Response = heard.value
    return answer


def test_a_page_of_another_site_is_one_for_the_browser_too(victim: Page, evil: EvilSite) -> None:
    """The control: the browser says cross-site of it, and has no cookie to send from there."""
    sent = opened(victim, evil.page("control", _form("POST", victim.url, "/auth/sign-out", {})), "/auth/sign-out")
    headers = sent.request.all_headers()
    assert headers["sec-fetch-site"] == "cross-site"
    assert "cookie" not in headers


def test_a_form_of_another_site_carries_out_nothing(victim: Page, evil: EvilSite) -> None:
    """A form with a body that reads as JSON, as text/plain: no header, no cookie, no command."""
    command = {"query": ADD, "variables": {"input": {"dishId": Api(victim).first_dish(), "quantity": 1, "fresh": True}}}
    text = json.dumps(command)
    before = basket(victim)
    fields = {text[:-1] + ', "x": "': '"}'}
    form = _form("POST", victim.url, "/api/checkout/graphql", fields, enctype="text/plain")
    assert opened(victim, evil.page("form", form), "/api/checkout/graphql").status in {401, 403}
    assert basket(victim) == before


def test_a_form_of_another_site_signs_nobody_out(victim: Page, evil: EvilSite) -> None:
    form = _form("POST", victim.url, "/auth/sign-out", {})
    assert opened(victim, evil.page("sign-out", form), "/auth/sign-out").status == 403
    assert Api(victim).get("/menu/restaurants?limit=1").status == 200


@pytest.mark.parametrize("options", ["{credentials: 'include'}", "{credentials: 'include', mode: 'no-cors'}"])
def test_a_script_of_another_site_reads_nothing(victim: Page, evil: EvilSite, options: str) -> None:
    url = f"{_origin(victim)}/api/menu/restaurants"
    tab = victim.context.new_page()
    tab.goto(evil.page("read", "x"))
    read = tab.evaluate(f"fetch('{url}', {options}).then(async r => [r.type, await r.text()], e => ['refused', ''])")
    assert read in [["refused", ""], ["opaque", ""]]


def test_a_script_of_another_site_may_not_send_the_static_header(victim: Page, evil: EvilSite) -> None:
    """The browser asks first, and hears no yes: the command is never sent."""
    tab = victim.context.new_page()
    tab.goto(evil.page("preflight", "x"))
    methods: list[str] = []
    tab.on("request", lambda request: methods.append(request.method))
    before = basket(victim)
    said = tab.evaluate(
        f"""fetch('{_origin(victim)}/api/checkout/graphql', {{method: 'POST', credentials: 'include',
        headers: {{'X-Portico': '1', 'Content-Type': 'application/json'}}, body: '{{}}'}})
        .then(() => 'sent', error => error.name)"""
    )
    assert said == "TypeError"
    assert basket(victim) == before


@pytest.mark.parametrize("element", ["<img src='{}'>", "<script src='{}'></script>", "<iframe src='{}'></iframe>"])
def test_an_element_of_another_site_loads_nothing_of_a_person(victim: Page, evil: EvilSite, element: str) -> None:
    """An image, a script or a frame asks without the cookie, for what a stranger gets; the page may not have it."""
    url = f"{_origin(victim)}/api/menu/restaurants"
    tab = victim.context.new_page()
    with tab.expect_request(url) as sent:
        tab.goto(evil.page("element", element.format(url)))
    assert "cookie" not in sent.value.all_headers()
    answer = sent.value.response()
    assert answer is None or answer.status == 401


def test_the_page_does_not_open_in_a_frame_of_another_site(victim: Page, evil: EvilSite) -> None:
    """Clickjacking: the frame stays empty, whatever the person could click in it."""
    tab = victim.context.new_page()
    refused: list[str] = []
    tab.on("console", lambda message: refused.append(message.text))
    with tab.expect_event("console", lambda message: "frame-ancestors" in message.text or "X-Frame" in message.text):
        tab.goto(evil.page("frame", f"<iframe src='{_origin(victim)}/'></iframe>"))
    frame = tab.frames[1]
    assert frame.locator("portico-slot").count() == 0
    assert refused


def test_a_window_opened_by_another_site_cannot_be_reached(victim: Page, evil: EvilSite) -> None:
    """Cross-Origin-Opener-Policy: who opened the page has no handle on it, not even to count its frames."""
    tab = victim.context.new_page()
    tab.goto(evil.page("opener", "<button>open</button>"))
    tab.evaluate(
        f"document.querySelector('button').onclick = () => {{ window.w = window.open('{_origin(victim)}/', 'w') }}"
    )
    with tab.expect_popup() as popup:
        tab.get_by_role("button").click()
    # The blank page that it is at first is left for another process: what is asked there meanwhile has no answer.
    popup.value.wait_for_url(f"{_origin(victim)}/")
    tab.wait_for_function("window.w.closed")
    assert popup.value.evaluate("window.opener") is None


def test_a_link_of_another_site_leads_to_the_page_and_does_nothing(victim: Page, evil: EvilSite) -> None:
    """A plain navigation is allowed: the person arrives signed in, by a request of the page's own."""
    tab = victim.context.new_page()
    tab.goto(evil.page("link", f"<a href='{_origin(victim)}/auth/sign-out'>look</a>"))
    with tab.expect_navigation():
        tab.get_by_role("link", name="look").click()
    assert Api(victim).get("/menu/restaurants?limit=1").status == 200


def test_login_csrf_from_another_site_signs_nobody_in(
    attack_platform: AttackWorld, evil: EvilSite, victim: Page
) -> None:
    """The attacker's own callback URL, opened by their page: the victim stays who they are."""
    attacker: Person = attack_platform.stranger()
    url = attacker.callback_url("grace")
    tab = victim.context.new_page()
    tab.goto(evil.page("login", f"<script>location = {json.dumps(url)}</script>"))
    tab.get_by_text("no longer valid").wait_for()
    victim.reload()
    user = victim.evaluate("JSON.parse(document.querySelector('script[type=\"application/json\"]').textContent).user")
    assert user["sub"] == "alan"


def _origin(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def _form(method: str, url: str, path: str, fields: dict[str, str], *, enctype: str = "") -> str:
    """A form that sends itself."""
    origin = "/".join(url.split("/")[:3])
    inputs = "".join(
        f"<input type=hidden name='{name.replace(chr(39), '&#39;')}' value='{value}'>" for name, value in fields.items()
    )
    kind = f" enctype='{enctype}'" if enctype else ""
    form = f"<form method={method} action='{origin}{path}'{kind}>{inputs}</form>"
    return f"{form}<script>document.forms[0].submit()</script>"
