"""Where a person is signed in: seen and ended by themselves, by nobody else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from host.tests.identity_world import HOST, browser, pick
from host.tests.session_world import SessionWorld, onward, session_world
from portico.host.session.browsers import browser_of

SESSIONS = f"{HOST}/auth/sessions"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
OURS = {"x-portico": "1"}
PAGE = {"accept": "text/html,*/*"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[SessionWorld]:
    async with session_world(tmp_path) as world:
        await world.signed_in()
        yield world


async def another_browser(world: SessionWorld, sub: str = "ada") -> httpx2.AsyncClient:
    """Another browser, with the same person (or another) signed in."""
    client = browser(world.network, **{"user-agent": FIREFOX})
    begun = await client.get(f"{HOST}/auth/sign-in")
    back = (await pick(client, begun.headers["location"] + "&prompt=login", sub)).headers["location"]
    assert (await client.get(back)).status_code == 200
    return client


async def listed(client: httpx2.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get(SESSIONS, headers=OURS)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    sessions: list[dict[str, Any]] = answer.json()["sessions"]
    return sessions


async def is_in(client: httpx2.AsyncClient) -> bool:
    return (await client.get(f"{HOST}/whoami")).json() is not None


async def test_a_person_sees_their_own_sessions_this_one_first(world: SessionWorld) -> None:
    other = await another_browser(world)
    await another_browser(world, "ben")
    mine = await listed(world.person)
    assert [(one["browser"], one["isThisOne"]) for one in mine] == [
        ("Unknown browser", True),
        ("Firefox on Linux", False),
    ]
    assert mine[0]["createdAt"] == mine[0]["lastSeenAt"] == "2027-01-15T08:00:00Z"
    assert [one["isThisOne"] for one in await listed(other)] == [True, False]
    secret = world.cookie().partition("=")[2]
    assert secret not in str(mine)
    assert {len(one["id"]) for one in mine} == {16}


async def test_ending_one_from_elsewhere_ends_it_at_once(world: SessionWorld) -> None:
    other = await another_browser(world)
    theirs = next(one["id"] for one in await listed(world.person) if not one["isThisOne"])
    ended: list[str] = []
    world.sign_in.sessions.when_ended(ended.append)
    assert (await world.person.delete(f"{SESSIONS}/{theirs}", headers=OURS)).status_code == 204
    assert [one[:16] for one in ended] == [theirs]
    assert not await is_in(other)
    assert await is_in(world.person)
    again = await world.person.delete(f"{SESSIONS}/{theirs}", headers=OURS)
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (404, "not-found")


async def test_ending_ones_own_takes_the_cookie_back(world: SessionWorld) -> None:
    [mine] = await listed(world.person)
    answer = await world.person.delete(f"{SESSIONS}/{mine['id']}", headers=OURS)
    assert answer.status_code == 204
    assert 'portico=""' in answer.headers["set-cookie"]
    assert not await is_in(world.person)


async def test_ending_all_others_leaves_this_one(world: SessionWorld) -> None:
    others = [await another_browser(world) for _ in range(3)]
    ben = await another_browser(world, "ben")
    assert (await world.person.post(f"{SESSIONS}/end-others", headers=OURS)).json() == {"ended": 3}
    assert [await is_in(one) for one in [*others, world.person, ben]] == [False] * 3 + [True] * 2
    assert (await world.person.post(f"{SESSIONS}/end-others", headers=OURS)).json() == {"ended": 0}


async def test_nobody_ends_or_sees_what_is_anothers(world: SessionWorld) -> None:
    ben = await another_browser(world, "ben")
    [mine] = await listed(world.person)
    full = str((await world.database.read("SELECT id FROM session WHERE sub = 'ada'"))[0][0])
    for id_ in (mine["id"], full, "0" * 16, "%", "' OR 1=1 --", "..", "x" * 5000):
        assert (await ben.delete(f"{SESSIONS}/{id_}", headers=OURS)).status_code in {404, 405}
        await ben.post(f"{SESSIONS}/{id_}/end")
    assert await is_in(world.person)
    assert len(await listed(ben)) == 1


@pytest.mark.parametrize("how", ["none", "cross-site", "no-header", "origin"])
@pytest.mark.parametrize("what", ["list", "end", "others", "form", "others-form"])
async def test_other_sites_and_strangers_do_nothing(world: SessionWorld, how: str, what: str) -> None:
    other = await another_browser(world)
    [mine] = [one["id"] for one in await listed(other) if not one["isThisOne"]]
    is_form = "form" in what
    headers = {} if is_form else dict(OURS)
    cookie = {"cookie": world.cookie()}
    match how:
        case "none":
            cookie = {}
        case "cross-site":
            headers["sec-fetch-site"] = "cross-site"
        case "no-header":
            headers.pop("x-portico", None)
            headers["sec-fetch-site"] = "same-site"
        case "origin":
            headers["sec-fetch-site"] = ""
            headers["origin"] = "null"
    stranger = httpx2.AsyncClient(transport=world.network, headers={"sec-fetch-site": "same-origin"})
    calls = {
        "list": ("GET", SESSIONS),
        "end": ("DELETE", f"{SESSIONS}/{mine}"),
        "others": ("POST", f"{SESSIONS}/end-others"),
        "form": ("POST", f"{SESSIONS}/{mine}/end"),
        "others-form": ("POST", f"{SESSIONS}/end-others"),
    }
    answer = await stranger.request(*calls[what], headers=headers | cookie)
    if how == "none":
        assert answer.status_code == (303 if is_form else 401)
    else:
        assert answer.status_code == 403
    assert await is_in(world.person)
    assert await is_in(other)


async def test_without_script_forms_do_it(world: SessionWorld) -> None:
    others = [await another_browser(world) for _ in range(2)]
    page = await world.person.get(SESSIONS, headers=PAGE)
    assert page.status_code == 200
    assert "<script" not in page.text
    forms = re.findall(r'<form method="post" action="([^"]+)">', page.text)
    assert [form.rpartition("/")[2] for form in forms] == ["end", "end", "end-others", "sign-out"]
    ended = await world.person.post(f"{HOST}{forms[0]}")
    assert (ended.status_code, ended.headers["location"]) == (303, "/auth/sessions")
    assert sum([await is_in(one) for one in others]) == 1
    await world.person.post(f"{HOST}{forms[2]}")
    assert sum([await is_in(one) for one in others]) == 0
    left = await world.person.get(SESSIONS, headers=PAGE)
    assert "You are signed in nowhere else" in left.text


async def test_who_is_signed_out_gets_to_sign_in_and_comes_back(world: SessionWorld) -> None:
    async with browser(world.network) as nobody:
        answer = await nobody.get(SESSIONS, headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/auth/sign-in?return_to=/auth/sessions")
        # A link on another site leads here without the SameSite=Strict cookie: the page asks for itself once more.
        linked = await nobody.get(SESSIONS, headers=PAGE | {"sec-fetch-site": "cross-site"})
        assert onward(linked) == "/auth/sessions"
    assert onward(await world.signed_in(return_to="/auth/sessions")) == "/auth/sessions"


async def test_what_a_browser_says_of_itself_never_reaches_the_page(world: SessionWorld) -> None:
    async with browser(world.network, **{"user-agent": "<script>alert(1)</script> Firefox/1 Windows"}) as evil:
        begun = await evil.get(f"{HOST}/auth/sign-in")
        await evil.get((await pick(evil, begun.headers["location"], "ada")).headers["location"])
        page = await evil.get(SESSIONS, headers=PAGE)
    assert "Firefox on Windows" in page.text
    assert "alert" not in page.text


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36", "Chrome on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on Mac"),
        ("curl/8.9", "Unknown browser"),
        ("Something (Windows)", "Unknown browser on Windows"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_by_what_people_know(said: str, name: str) -> None:
    assert browser_of(said) == name
