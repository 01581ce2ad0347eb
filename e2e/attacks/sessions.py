"""Attacks on sessions: an id that somebody else chose, one that is over, one that was planted."""

from __future__ import annotations

from hashlib import sha256

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import API, SESSION_COOKIE, signed_in_as
from e2e.attacks.world import MOUNTED_READ, AttackWorld

CHOSEN = "A" * 43


def _api(world: AttackWorld, cookie: str) -> Answer:
    """A call to the API with a cookie header of the attacker's making."""
    return Answer.of(world.stranger().client.get(f"/api{MOUNTED_READ}", headers={**API, "Cookie": cookie}))


def _fixated(world: AttackWorld) -> Answer:
    victim = world.stranger()
    victim.client.cookies.set(SESSION_COOKIE, CHOSEN, domain="127.0.0.1")
    victim.sign_in("alan")
    assert victim.cookie != CHOSEN, "the id that was planted before became the session's"
    return _api(world, f"{SESSION_COOKIE}={CHOSEN}")


def _earlier(world: AttackWorld) -> Answer:
    """The attacker's own live session in the victim's browser, before the victim signs in there."""
    attacker, victim = world.person("alan"), world.stranger()
    planted = attacker.cookie
    victim.client.cookies.set(SESSION_COOKIE, str(planted), domain="127.0.0.1")
    victim.sign_in("grace")
    assert signed_in_as(victim.client) == "grace"
    return _api(world, f"{SESSION_COOKIE}={planted}")


def _replayed(world: AttackWorld) -> Answer:
    person = world.person("alan")
    stolen = person.cookie
    assert person.api(MOUNTED_READ).status_code == 200
    assert person.client.post("/auth/sign-out").status_code in {200, 303}
    return _api(world, f"{SESSION_COOKIE}={stolen}")


def _tossed(world: AttackWorld) -> Answer:
    return _api(world, f"{SESSION_COOKIE}={world.person('alan').cookie}; {SESSION_COOKIE}={world.ada.cookie}")


def _tossed_in_two_headers(world: AttackWorld) -> Answer:
    headers = [*API.items(), ("Cookie", f"{SESSION_COOKIE}=x"), ("Cookie", f"{SESSION_COOKIE}={world.ada.cookie}")]
    return Answer.of(world.stranger().client.get(f"/api{MOUNTED_READ}", headers=headers))


def _hash_as_id(world: AttackWorld) -> Answer:
    """What a thief of the database has: the digest under which a session is kept."""

    digest = sha256(str(world.ada.cookie).encode()).hexdigest()
    return _api(world, f"{SESSION_COOKIE}={digest}")


_SAYS = "401 `signed-out`"

SESSIONS = (
    Attack(
        name="Session fixation",
        sent="a session id that the attacker planted in the browser before its owner signed in",
        send=_fixated,
        refusal=f"{_SAYS}: signing in always makes a new id",
        status=(401,),
        problem="signed-out",
    ),
    Attack(
        name="Session fixation with a live session",
        sent="the attacker's own session id, planted in a browser in which somebody else then signed in",
        send=_earlier,
        refusal=f"{_SAYS}: the session that the browser had has ended",
        status=(401,),
        problem="signed-out",
    ),
    Attack(
        name="Replay after sign-out",
        sent="a stolen cookie, after its owner signed out",
        send=_replayed,
        refusal=_SAYS,
        status=(401,),
        problem="signed-out",
    ),
    Attack(
        name="Cookie tossing",
        sent="two session cookies: the attacker's, and the victim's",
        send=_tossed,
        refusal=f"{_SAYS}: one of the two was planted, and nobody can say which",
        status=(401,),
        problem="signed-out",
    ),
    Attack(
        name="Cookie tossing in two headers",
        sent="two `Cookie` headers with a session cookie each",
        send=_tossed_in_two_headers,
        refusal=_SAYS,
        status=(401,),
        problem="signed-out",
    ),
    Attack(
        name="A stored digest as session id",
        sent="the SHA-256 under which the database keeps a session, as the cookie",
        send=_hash_as_id,
        refusal=_SAYS,
        status=(401,),
        problem="signed-out",
    ),
)
