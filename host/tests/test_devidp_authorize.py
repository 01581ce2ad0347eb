"""The provider's authorization endpoint and the page where people are picked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from host.tests.identity_world import CLIENT, ISSUER, Attempt, ProviderWorld, hidden, pick, provider_world, query

REDIRECT = CLIENT.redirect_uris[0]


@pytest.fixture
async def world() -> AsyncIterator[ProviderWorld]:
    async with provider_world() as world:
        yield world


async def test_discovery_names_the_endpoints_below_the_issuer(world: ProviderWorld) -> None:
    document = (await world.person.get(f"{ISSUER}/.well-known/openid-configuration")).json()
    assert document["issuer"] == ISSUER
    endpoints = {name: url for name, url in document.items() if name.endswith(("_endpoint", "_uri"))}
    assert endpoints == {
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "userinfo_endpoint": f"{ISSUER}/userinfo",
        "jwks_uri": f"{ISSUER}/jwks",
        "revocation_endpoint": f"{ISSUER}/revoke",
        "end_session_endpoint": f"{ISSUER}/end-session",
    }
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert (await world.person.get(document["jwks_uri"])).json() == world.keys.public_jwks()


async def test_the_page_shows_everyone_with_their_roles_and_runs_no_script(world: ProviderWorld) -> None:
    page = await world.person.get(Attempt().url)
    assert page.status_code == 200
    for shown in ("Ada Lovelace", "Writes.", "editor", "reader", "Ben", "no roles"):
        assert shown in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    nonce = re.search(r'<style nonce="([^"]+)">', page.text)
    assert nonce
    assert page.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'nonce-{nonce[1]}'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self' http://127.0.0.1:8000"
    )
    assert page.headers["cache-control"] == "no-store"


async def test_what_a_client_sends_cannot_become_markup(world: ProviderWorld) -> None:
    page = await world.person.get(Attempt(changes={"state": '"><script>x</script>'}).url)
    assert "<script" not in page.text
    assert query(f"?{hidden(page.text, 'request')}")["state"] == '"><script>x</script>'


async def test_picking_someone_sends_a_code_with_state_and_issuer_to_the_client(world: ProviderWorld) -> None:
    answer = await pick(world.person, Attempt().url, "ada")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{REDIRECT}?")
    parameters = query(answer.headers["location"])
    assert len(parameters.pop("code")) >= 43
    assert parameters == {"state": "a state", "iss": ISSUER}
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/idp"))


async def test_a_browser_that_is_signed_in_is_not_asked_again(world: ProviderWorld) -> None:
    await pick(world.person, Attempt().url, "ada")
    again = await world.person.get(Attempt().url)
    assert again.status_code == 303
    assert "code" in query(again.headers["location"])


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "10"}])
async def test_a_client_can_have_the_person_asked_again(world: ProviderWorld, changes: dict[str, str]) -> None:
    await pick(world.person, Attempt().url, "ada")
    world.clock.now += 11
    assert (await world.person.get(Attempt(changes=changes).url)).status_code == 200


async def test_prompt_none_never_shows_a_page(world: ProviderWorld) -> None:
    refused = await world.person.get(Attempt(changes={"prompt": "none"}).url)
    assert query(refused.headers["location"])["error"] == "login_required"
    await pick(world.person, Attempt().url, "ada")
    assert "code" in query((await world.person.get(Attempt(changes={"prompt": "none"}).url)).headers["location"])


@pytest.mark.parametrize("hint", ["ada", "ada@people.example"])
async def test_a_login_hint_marks_the_person_it_names(world: ProviderWorld, hint: str) -> None:
    page = (await world.person.get(Attempt(changes={"login_hint": hint}).url)).text
    assert re.findall(r'value="(\w+)" autofocus', page) == ["ada"]


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "unknown"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "http://evil.example/auth/callback"},
        {"redirect_uri": f"{REDIRECT}/"},
        {"redirect_uri": f"{REDIRECT}?next=http://evil.example"},
        {"redirect_uri": REDIRECT.upper()},
        {"redirect_uri": "http://127.0.0.1:8111/back"},
    ],
    ids=str,
)
async def test_nothing_is_ever_sent_to_an_address_that_the_client_has_not_registered(
    world: ProviderWorld, changes: dict[str, str | None]
) -> None:
    answer = await world.person.get(Attempt(changes=changes).url)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "cannot be answered" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://x.example"}, "request_uri_not_supported"),
    ],
    ids=str,
)
async def test_a_faulty_request_is_answered_at_the_client(
    world: ProviderWorld, changes: dict[str, str | None], error: str
) -> None:
    answer = await world.person.get(Attempt(changes=changes).url)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{REDIRECT}?")
    parameters = query(answer.headers["location"])
    assert (parameters["error"], parameters["state"], parameters["iss"]) == (error, "a state", ISSUER)


async def test_a_parameter_given_twice_is_refused_on_a_page(world: ProviderWorld) -> None:
    answer = await world.person.get(f"{Attempt().url}&redirect_uri=http://evil.example")
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}], ids=str)
async def test_another_site_cannot_pick_for_a_person(world: ProviderWorld, headers: dict[str, str]) -> None:
    page = await world.person.get(Attempt().url)
    form = {"request": hidden(page.text, "request"), "sub": "ada"}
    answer = await world.person.post(f"{ISSUER}/pick", data=form, headers=headers)
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("origin", "status"), [("http://127.0.0.1:9100", 303), ("http://evil.example", 400)])
async def test_a_browser_without_fetch_metadata_is_judged_by_its_origin(
    world: ProviderWorld, origin: str, status: int
) -> None:
    page = await world.person.get(Attempt().url)
    del world.person.headers["sec-fetch-site"]
    form = {"request": hidden(page.text, "request"), "sub": "ada"}
    assert (await world.person.post(f"{ISSUER}/pick", data=form, headers={"origin": origin})).status_code == status


async def test_what_the_page_carries_is_checked_again(world: ProviderWorld) -> None:
    form = {"request": "client_id=portico&redirect_uri=http%3A%2F%2Fevil.example", "sub": "ada"}
    answer = await world.person.post(f"{ISSUER}/pick", data=form)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_someone_unknown_cannot_be_picked(world: ProviderWorld) -> None:
    assert (await pick(world.person, Attempt().url, "mallory")).status_code == 400


async def test_signing_in_anew_replaces_the_secret_in_the_cookie(world: ProviderWorld) -> None:
    await pick(world.person, Attempt().url, "ada")
    old = world.person.cookies["portico-dev-idp"]
    await pick(world.person, Attempt(changes={"prompt": "login"}).url, "ben")
    assert world.person.cookies["portico-dev-idp"] != old
    world.person.cookies.clear()
    stale = await world.person.get(Attempt().url, headers={"cookie": f"portico-dev-idp={old}"})
    assert stale.status_code == 200
