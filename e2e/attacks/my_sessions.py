"""Attacks on the list of one's own sessions: ending those of others, and having a person end theirs."""

from __future__ import annotations

from hashlib import sha256

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import API, SAME_ORIGIN, SESSION_COOKIE, Person
from e2e.attacks.world import MOUNTED_READ, AttackWorld

SESSIONS_PATH = "/auth/sessions"
_MARKUP = "<script>alert(1)</script> Firefox/1 (Windows)"


def _shown(person: Person) -> str:
    """What a session's owner knows it by; the start of its digest."""
    return sha256(str(person.cookie).encode()).hexdigest()[:16]


def _ada_is_there(world: AttackWorld, _answer: Answer) -> None:
    assert world.ada.api(MOUNTED_READ).status_code == 200


def _ended_by_id(world: AttackWorld) -> Answer:
    return Answer.of(world.person("alan").client.delete(f"{SESSIONS_PATH}/{_shown(world.ada)}", headers=API))


def _ended_by_form(world: AttackWorld) -> Answer:
    return Answer.of(world.person("alan").client.post(f"{SESSIONS_PATH}/{_shown(world.ada)}/end"))


def _form_of_another_site(world: AttackWorld) -> Answer:
    headers = {"Sec-Fetch-Site": "cross-site", "Cookie": f"{SESSION_COOKIE}={world.ada.cookie}"}
    return Answer.of(world.stranger().client.post(f"{SESSIONS_PATH}/end-others", headers=headers))


def _call_without_header(world: AttackWorld) -> Answer:
    return Answer.of(world.ada.client.delete(f"{SESSIONS_PATH}/{_shown(world.ada)}", headers=SAME_ORIGIN))


def _list_of_another_site(world: AttackWorld) -> Answer:
    headers = {**API, "Sec-Fetch-Site": "cross-site", "Cookie": f"{SESSION_COOKIE}={world.ada.cookie}"}
    return Answer.of(world.stranger().client.get(SESSIONS_PATH, headers=headers))


def _replayed(world: AttackWorld) -> Answer:
    """The thief's copy of a cookie, after its owner ended that session from another browser."""
    stolen, owner = world.person("hana"), world.person("hana")
    assert stolen.api(MOUNTED_READ).status_code == 200
    assert owner.client.delete(f"{SESSIONS_PATH}/{_shown(stolen)}", headers=API).status_code == 204
    return Answer.of(stolen.api(MOUNTED_READ))


def _marked_up(world: AttackWorld) -> Answer:
    evil = world.stranger()
    evil.client.headers["User-Agent"] = _MARKUP
    evil.sign_in("alan")
    return Answer.of(evil.client.get(SESSIONS_PATH, headers={"Accept": "text/html"}))


def _says_a_browsers_name(_world: AttackWorld, answer: Answer) -> None:
    assert "Firefox on Windows" in answer.text
    assert "alert" not in answer.text


MY_SESSIONS = (
    Attack(
        name="Ending somebody else's session",
        sent="`DELETE /auth/sessions/{id}` with the id of another person's session",
        send=_ended_by_id,
        refusal="404 `not-found`: people have their own sessions alone",
        status=(404,),
        problem="not-found",
        harmless=_ada_is_there,
    ),
    Attack(
        name="Ending somebody else's session by form",
        sent="`POST /auth/sessions/{id}/end` with the id of another person's session",
        send=_ended_by_form,
        refusal="303 to one's own list; nothing has ended",
        status=(303,),
        harmless=_ada_is_there,
    ),
    Attack(
        name="A form on another site that ends sessions",
        sent="`POST /auth/sessions/end-others` with the victim's cookie and `Sec-Fetch-Site: cross-site`",
        send=_form_of_another_site,
        refusal="403: only this site's pages end sessions",
        status=(403,),
        harmless=_ada_is_there,
    ),
    Attack(
        name="Ending a session without X-Portico",
        sent="`DELETE /auth/sessions/{id}` with the victim's own cookie and no `X-Portico`",
        send=_call_without_header,
        refusal="403 `missing-portico-header`",
        status=(403,),
        problem="missing-portico-header",
        harmless=_ada_is_there,
    ),
    Attack(
        name="Another site reads where somebody is signed in",
        sent="`GET /auth/sessions` with the victim's cookie and `Sec-Fetch-Site: cross-site`",
        send=_list_of_another_site,
        refusal="403 `cross-site-request`",
        status=(403,),
        problem="cross-site-request",
    ),
    Attack(
        name="Replay after a session was ended from elsewhere",
        sent="a stolen cookie, after its owner ended that session from another browser",
        send=_replayed,
        refusal="401 `signed-out`",
        status=(401,),
        problem="signed-out",
    ),
    Attack(
        name="Markup in User-Agent",
        sent=f"a sign-in with `User-Agent: {_MARKUP}`",
        send=_marked_up,
        refusal="the page names a known browser, and shows nothing of the header",
        status=(200,),
        harmless=_says_a_browsers_name,
    ),
)
