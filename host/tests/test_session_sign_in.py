"""Signing in and out, from the person's side, against the development provider."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from host.tests.identity_world import HOST, ISSUER, TestClock, browser, pick, query
from host.tests.session_world import PROVIDER_ORIGIN, SETTINGS, SessionWorld, onward, session_world
from portico.host.session import Seal

ADA = {"sub": "ada", "name": "Ada Lovelace", "roles": ["editor", "reader"]}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[SessionWorld]:
    async with session_world(tmp_path) as world:
        yield world


def cookies_set(headers: list[str]) -> dict[str, str]:
    """Set-Cookie headers by name, their attributes sorted and in lower case."""
    parts = [header.split("; ") for header in headers]
    return {first.partition("=")[0]: "; ".join(sorted(rest)).lower() for first, *rest in parts}


async def test_a_person_signs_in_and_is_known_from_then_on(world: SessionWorld) -> None:
    assert await world.who() is None
    page = await world.signed_in()
    assert page.status_code == 200
    assert await world.who() == ADA


async def test_signing_in_ends_on_a_page_that_goes_on_by_itself_without_a_script(world: SessionWorld) -> None:
    page = await world.signed_in(return_to="/somewhere/1?x=a&y=%22b%22")
    assert onward(page) == "/somewhere/1?x=a&y=%22b%22"
    assert "<script" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_the_request_carries_state_nonce_and_pkce_and_the_browser_learns_none_of_the_verifier(
    world: SessionWorld,
) -> None:
    answer = await world.person.get(f"{HOST}/auth/sign-in")
    sent = query(answer.headers["location"])
    assert answer.headers["location"].startswith(f"{ISSUER}/authorize?")
    assert (sent["response_type"], sent["code_challenge_method"]) == ("code", "S256")
    assert (sent["client_id"], sent["redirect_uri"]) == ("portico", f"{HOST}/auth/callback")
    assert sent["scope"] == "openid profile email"
    assert all(len(sent[name]) == 43 for name in ("state", "nonce", "code_challenge"))
    [(name, attributes)] = cookies_set(answer.headers.get_list("set-cookie")).items()
    assert re.fullmatch(r"portico-login-[0-9a-f]{16}", name)
    assert attributes == "httponly; max-age=600; path=/; samesite=lax"
    assert sent["nonce"] not in answer.headers["set-cookie"]


async def test_the_session_cookie_is_strict_and_the_attempts_cookie_is_dropped(world: SessionWorld) -> None:
    page = await world.signed_in()
    given = cookies_set(page.headers.get_list("set-cookie"))
    assert given.pop("portico") == "httponly; path=/; samesite=strict"
    [dropped] = given.values()
    assert "max-age=0" in dropped


async def test_over_tls_every_cookie_has_the_host_prefix_and_is_secure(tmp_path: Path) -> None:
    settings = replace(SETTINGS, base_url="https://portico.example")
    async with session_world(tmp_path, settings=settings) as world:
        begun = await world.person.get(f"{HOST}/auth/sign-in")
        [(name, attributes)] = cookies_set(begun.headers.get_list("set-cookie")).items()
        assert name.startswith("__Host-portico-login-")
        assert attributes == "httponly; max-age=600; path=/; samesite=lax; secure"
        form = await world.person.post(f"{HOST}/auth/sign-out")
        [(name, attributes)] = cookies_set(form.headers.get_list("set-cookie")).items()
        assert name == "__Host-portico"
        assert {"secure", "httponly", "path=/", "samesite=strict", "max-age=0"} <= set(attributes.split("; "))


async def test_two_tabs_sign_in_at_once_and_each_gets_where_it_was_going(world: SessionWorld) -> None:
    first = await world.authorize_url("/first")
    second = await world.authorize_url("/second")
    second_back = (await pick(world.person, second, "ada")).headers["location"]
    first_back = (await world.person.get(first)).headers["location"]
    assert onward(await world.person.get(second_back)) == "/second"
    assert onward(await world.person.get(first_back)) == "/first"
    assert await world.who() == ADA


async def test_one_browser_has_no_more_than_eight_attempts_under_way(world: SessionWorld) -> None:
    urls = [await world.authorize_url(f"/{number}") for number in range(10)]
    assert sum(cookie.name.startswith("portico-login-") for cookie in world.person.cookies.jar) == 8
    newest = (await pick(world.person, urls[-1], "ada")).headers["location"]
    assert onward(await world.person.get(newest)) == "/9"
    oldest = (await world.person.get(urls[0])).headers["location"]
    assert (await world.person.get(oldest)).status_code == 400


async def test_a_flood_of_attempts_in_one_request_is_not_answered_with_a_flood_of_cookies(world: SessionWorld) -> None:
    flood = "; ".join(f"portico-login-{number:016x}=x" for number in range(200))
    answer = await world.person.get(f"{HOST}/auth/sign-in", headers={"Cookie": flood})
    assert answer.status_code == 303
    assert len(answer.headers.get_list("set-cookie")) == 33


async def test_every_sign_in_has_a_session_of_its_own_and_ends_the_one_before(world: SessionWorld) -> None:
    await world.signed_in()
    before = world.cookie()
    await world.signed_in("ben")
    assert world.cookie() != before
    assert await world.who() == {"sub": "ben", "name": "Ben", "roles": []}
    assert await world.who(before) is None


async def test_a_planted_session_cookie_never_becomes_a_session(world: SessionWorld) -> None:
    planted = "A" * 43
    world.person.cookies.set("portico", planted, domain="127.0.0.1", path="/")
    await world.signed_in()
    assert planted not in world.cookie()
    assert await world.who(f"portico={planted}") is None


async def test_signing_out_kills_the_session_at_once_and_then_leaves_the_provider(world: SessionWorld) -> None:
    await world.signed_in()
    old = world.cookie()
    answer = await world.person.post(f"{HOST}/auth/sign-out")
    assert await world.who(old) is None
    assert "max-age=0" in cookies_set(answer.headers.get_list("set-cookie"))["portico"]
    leaving = onward(answer)
    assert leaving.startswith(f"{ISSUER}/end-session?")
    back = await world.person.get(leaving)
    assert back.headers["location"] == f"{HOST}/"
    assert (await world.person.get(await world.authorize_url())).status_code == 200  # the provider asks anew


async def test_signing_out_works_while_the_provider_is_down(world: SessionWorld) -> None:
    await world.signed_in()
    old = world.cookie()
    world.network.down.add(PROVIDER_ORIGIN)
    answer = await world.person.post(f"{HOST}/auth/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await world.who(old) is None


async def test_signing_out_without_a_session_leads_home(world: SessionWorld) -> None:
    answer = await world.person.post(f"{HOST}/auth/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": HOST},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {},
    ],
    ids=str,
)
async def test_another_site_cannot_sign_anybody_out(world: SessionWorld, headers: dict[str, str]) -> None:
    await world.signed_in()
    del world.person.headers["sec-fetch-site"]
    answer = await world.person.post(f"{HOST}/auth/sign-out", headers=headers)
    assert answer.status_code == 403
    assert await world.who() == ADA


async def test_a_browser_without_fetch_metadata_signs_out_by_its_origin(world: SessionWorld) -> None:
    await world.signed_in()
    del world.person.headers["sec-fetch-site"]
    await world.person.post(f"{HOST}/auth/sign-out", headers={"origin": HOST})
    assert await world.who() is None


async def test_signing_out_is_not_a_link(world: SessionWorld) -> None:
    await world.signed_in()
    assert (await world.person.get(f"{HOST}/auth/sign-out")).status_code == 405
    assert await world.who() == ADA


async def test_sessions_survive_a_restart(tmp_path: Path) -> None:
    clock, seal = TestClock(), Seal.generate()
    async with session_world(tmp_path, clock=clock, seal=seal) as world:
        await world.signed_in()
        cookie = world.cookie()
    async with session_world(tmp_path, clock=clock, seal=seal) as world:
        assert await world.who(cookie) == ADA


async def test_an_attempt_survives_a_restart_and_says_nothing_in_the_database(tmp_path: Path) -> None:
    seal = Seal.generate()
    async with session_world(tmp_path, seal=seal) as world:
        url = await world.authorize_url("/deep")
        jar = world.person.cookies
        [row] = await world.database.read("SELECT * FROM login_attempt")
        assert not {query(url)["state"], query(url)["nonce"], "/deep"} & {str(value) for value in row}
    async with session_world(tmp_path, seal=seal) as world:
        world.person.cookies = jar
        back = (await pick(world.person, url, "ada")).headers["location"]
        assert onward(await world.person.get(back)) == "/deep"


async def test_when_the_provider_is_down_people_are_told_and_can_try_again(world: SessionWorld) -> None:
    world.network.down.add(PROVIDER_ORIGIN)
    page = await world.person.get(f"{HOST}/auth/sign-in?return_to=/deep?x=1%26y=2")
    assert page.status_code == 503
    assert "retry-after" in page.headers
    assert "Signing in is not possible right now" in page.text
    again = re.search(r'href="(/auth/sign-in[^"]*)"', page.text)
    assert again
    world.network.down.clear()
    retried = await world.person.get(f"{HOST}{again[1]}")
    back = (await pick(world.person, retried.headers["location"], "ada")).headers["location"]
    assert onward(await world.person.get(back)) == "/deep?x=1&y=2"


async def test_when_the_provider_goes_away_meanwhile_people_are_told(world: SessionWorld) -> None:
    back = await world.callback_url(return_to="/deep")
    world.network.down.add(PROVIDER_ORIGIN)
    page = await world.person.get(back)
    assert page.status_code == 503
    assert "return_to=/deep" in page.text
    assert await world.who() is None


async def test_when_the_person_or_provider_says_no_they_are_told_in_our_words(world: SessionWorld) -> None:
    state = query(await world.authorize_url("/deep"))["state"]
    answer = f"error=access_denied&error_description=Call+0900+for+help&state={state}&iss={ISSUER}"
    page = await world.person.get(f"{HOST}/auth/callback?{answer}")
    assert page.status_code == 403
    assert "You were not signed in" in page.text
    assert "0900" not in page.text
    assert "return_to=/deep" in page.text


async def test_when_the_store_is_down_people_are_told(world: SessionWorld) -> None:
    await world.signed_in()
    await world.database.close()
    assert (await world.person.get(f"{HOST}/auth/sign-in")).status_code == 503
    page = await world.person.post(f"{HOST}/auth/sign-out")
    assert page.status_code == 503
    assert "You are still signed in" in page.text


async def test_two_people_in_two_browsers_are_two_people(world: SessionWorld) -> None:
    await world.signed_in("ada")
    async with browser(world.network) as other:
        url = await world.authorize_url(person=other)
        await other.get((await pick(other, url, "ben")).headers["location"])
        assert (await other.get(f"{HOST}/whoami")).json()["sub"] == "ben"
    assert await world.who() == ADA
