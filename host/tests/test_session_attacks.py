"""What an attacker tries around a sign-in, and what comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host.tests.identity_world import HOST, ISSUER, browser, pick, query
from host.tests.session_world import SessionWorld, onward, session_world
from portico.host.session.return_to import safe_return_to


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[SessionWorld]:
    async with session_world(tmp_path) as world:
        yield world


async def test_a_callback_works_once(world: SessionWorld) -> None:
    back = await world.callback_url()
    cookies = dict(world.person.cookies)
    assert (await world.person.get(back)).status_code == 200
    async with browser(world.network) as thief:
        header = "; ".join(f"{name}={value}" for name, value in cookies.items())
        assert (await thief.get(back, headers={"cookie": header})).status_code == 400
    assert world.network.count("/idp/token") == 1


async def test_a_callback_in_another_browser_signs_nobody_in(world: SessionWorld) -> None:
    back = await world.callback_url()
    async with browser(world.network) as victim:
        answer = await victim.get(back)
        assert answer.status_code == 400
        assert victim.cookies.get("portico") is None


async def test_an_attempt_of_ones_own_does_not_open_someone_elses_callback(world: SessionWorld) -> None:
    back = await world.callback_url()
    async with browser(world.network) as victim:
        own = query(await world.authorize_url(person=victim))
        assert (await victim.get(back)).status_code == 400
        injected = back.replace(query(back)["state"], own["state"])
        # The victim's own attempt with the attacker's code: the code belongs to another verifier and nonce.
        assert (await victim.get(injected)).status_code == 403
        assert victim.cookies.get("portico") is None


async def test_another_browsers_attempt_cookie_does_not_fit_a_state(world: SessionWorld) -> None:
    back = await world.callback_url()
    async with browser(world.network) as victim:
        await world.authorize_url(person=victim)
        [stolen] = [cookie.value for cookie in victim.cookies.jar]
        [name] = [cookie.name for cookie in world.person.cookies.jar if cookie.name.startswith("portico-login-")]
        assert (await victim.get(back, headers={"cookie": f"{name}={stolen}"})).status_code == 400
    assert (await world.person.get(back)).status_code == 200  # and the attempt is not used up by that


async def test_two_cookies_for_one_attempt_are_refused(world: SessionWorld) -> None:
    back = await world.callback_url()
    [(name, value)] = [(c.name, c.value) for c in world.person.cookies.jar if c.name.startswith("portico-login-")]
    async with browser(world.network) as victim:
        header = f"{name}=planted; {name}={value}"
        assert (await victim.get(back, headers={"cookie": header})).status_code == 400


@pytest.mark.parametrize(
    "parameters",
    ["", "code=x", "state=", "state=unknown&code=x", "error=access_denied", "error=access_denied&state=unknown"],
)
async def test_a_callback_out_of_nowhere_is_told_so(world: SessionWorld, parameters: str) -> None:
    page = await world.person.get(f"{HOST}/auth/callback?{parameters}")
    assert page.status_code == 400
    assert "no longer valid" in page.text
    assert "Try again" in page.text
    assert world.network.count("/idp/token") == 0


@pytest.mark.parametrize("more", ["&state=other", "&code=other", f"&iss={ISSUER}", "&iss=http://evil.example"])
async def test_a_parameter_given_twice_is_refused(world: SessionWorld, more: str) -> None:
    assert (await world.person.get(await world.callback_url() + more)).status_code == 400
    assert await world.who() is None


async def test_the_issuer_parameter_must_be_the_providers(world: SessionWorld) -> None:
    back = await world.callback_url()
    mixed_up = back.replace("iss=http%3A%2F%2F127.0.0.1%3A9100%2Fidp", "iss=http%3A%2F%2Fevil.example")
    assert mixed_up != back
    assert (await world.person.get(mixed_up)).status_code == 502
    assert await world.who() is None


@pytest.mark.parametrize(("after", "status"), [(599, 200), (600, 400)])
async def test_an_attempt_lives_for_ten_minutes(world: SessionWorld, after: int, status: int) -> None:
    url = await world.authorize_url()
    world.clock.now += after
    back = (await pick(world.person, url, "ada")).headers["location"]
    assert (await world.person.get(back)).status_code == status


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/a\\..\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\nSet-Cookie: a=b",
        "\t//evil.example",
        " //evil.example",
        "/ /evil.example",
        "/\x00",
        "/\x7f",
        "/\x85",
        "/\u2028",
        "/\ud800",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "evil/path",
        "?x",
        "#x",
        "/auth/sign-in",
        "/auth/sign-in?return_to=/auth/sign-in",
        "/auth/sign-out",
        "/auth",
        "/auth/sessions/x/end",
        "/auth/sessions?x",
        "/auth/sessions/../sign-out",
        "/" + "a" * 2048,
        "/" * 2048,
        "//evil.example@127.0.0.1:8000",
        "//127.0.0.1:8000@evil.example",
        "@evil.example",
        "http:evil.example",
        "https:/evil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/a/..//evil.example",
        "/%2e//evil.example",
        "/%2E%2e//evil.example",
        "/.%2E/",
        "/..",
        "/\u2029",
        "/\x1b[31m",
        "/a\x00//evil.example",
        "%2f%2fevil.example",
    ],
    ids=ascii,
)
def test_return_to_leads_nowhere_but_here(target: str | None) -> None:
    assert safe_return_to(target) == "/"


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/a/b?c=d&e=%2F%2Fevil.example#f",
        "/search?q=https://x.example",
        "/caf\u00e9",
        "/a//b",
        "/authors",
        "/@x;y='z'\"<",
        "/@evil.example",
        "/%2F%2Fevil.example",
        "/%5Cevil.example",
        "/a..b/.well/...",
        "/auth/sessions",
        "/search?next=/../x#/./y",
    ],
    ids=ascii,
)
def test_return_to_keeps_a_path_of_ours(target: str) -> None:
    assert safe_return_to(target) == target


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_a_foreign_return_to_ends_at_home(world: SessionWorld, target: str) -> None:
    assert onward(await world.signed_in(return_to=target)) == "/"


async def test_markup_in_return_to_stays_text(world: SessionWorld) -> None:
    page = await world.signed_in(return_to='/"><script>alert(1)</script>')
    assert onward(page) == '/"><script>alert(1)</script>'
    assert "<script" not in page.text
