"""Attacks on back-channel logout: messages by which somebody who is not the provider would end people's sessions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from secrets import token_hex
from typing import Any

from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.world import AttackWorld

EVENT = "http://schemas.openid.net/event/backchannel-logout"
PATH = "/auth/backchannel-logout"
VICTIM = "ada"

Changes = dict[str, Any]


def _segment(content: bytes) -> str:
    return urlsafe_b64encode(content).decode()


def token(world: AttackWorld, *, header: Changes | None = None, key: ECKey | None = None, **changes: Any) -> str:
    """A logout token that holds but for the changes, signed with the provider's own key, stolen for the test."""
    kept = json.loads((world.stack.data_dir / "keys" / "dev-idp.json").read_text())["keys"][0]
    now = int(time.time())
    claims = {
        "iss": f"{world.url}/dev-idp",
        "aud": "portico",
        "iat": now,
        "exp": now + 120,
        "jti": token_hex(8),
        "sub": VICTIM,
        "events": {EVENT: {}},
    } | changes
    full = {"alg": "ES256", "kid": kept["kid"], "typ": "logout+jwt"} | (header or {})
    parts = (full, {name: value for name, value in claims.items() if value is not None})
    start = ".".join(_segment(json.dumps(part).encode()) for part in parts)
    signature = JWSRegistry.algorithms["ES256"].sign(start.encode(), key or ECKey.import_key(kept))
    return f"{start}.{_segment(signature)}"


def _send(world: AttackWorld, logout_token: str) -> Answer:
    """Post it as the provider would, with nothing of a browser; the victim has a session."""
    assert world.ada.is_signed_in
    return Answer.of(world.stranger().client.post(PATH, data={"logout_token": logout_token}))


def _changed(world: AttackWorld, *, header: Changes | None = None, claims: Callable[[], Changes] = dict) -> Answer:
    return _send(world, token(world, header=header, **claims()))


def _unsigned(world: AttackWorld) -> Answer:
    _, claims, _ = token(world).split(".")
    return _send(world, f"{_segment(json.dumps({'alg': 'none', 'typ': 'logout+jwt'}).encode())}.{claims}.")


def _by_another_key(world: AttackWorld) -> Answer:
    return _send(world, token(world, key=ECKey.generate_key("P-256")))


def _with_its_own_key(world: AttackWorld) -> Answer:
    key = ECKey.generate_key("P-256")
    return _send(world, token(world, key=key, header={"jwk": key.as_dict(private=False)}))


def _replayed(world: AttackWorld) -> Answer:
    """A real one, seen by the attacker, after the person has signed in again."""
    seen = token(world, sub="alan")
    person = world.person("alan")
    first = world.stranger().client.post(PATH, data={"logout_token": seen})
    assert first.status_code == 200, first.text
    assert not person.is_signed_in, "a real logout did nothing"
    again = world.person("alan")
    answer = _send(world, seen)
    assert again.is_signed_in, "a logout token worked twice"
    return answer


def _large(world: AttackWorld) -> Answer:
    return _send(world, "a" * 100_000)


def _stays(world: AttackWorld, answer: Answer) -> None:
    """The victim is signed in still, and nothing keeps the answer."""
    assert world.ada.is_signed_in
    assert answer.header("cache-control") == "no-store"


def _line(name: str, sent: str, send: Callable[[AttackWorld], Answer]) -> Attack:
    return Attack(
        name=f"Back-channel logout: {name}",
        sent=sent,
        send=send,
        refusal="400 `invalid_request`, and the person is signed in still",
        status=(400,),
        harmless=_stays,
    )


LOGOUT = (
    _line("unsigned", "a logout token with `alg: none`", _unsigned),
    _line("another key", "one signed by the attacker's key under the provider's `kid`", _by_another_key),
    _line("embedded key", "one that brings the key that signed it in `jwk`", _with_its_own_key),
    _line("replay", "a real one a second time, after the person signed in again", _replayed),
    _line(
        "another client", "one for another client of the provider", partial(_changed, claims=lambda: {"aud": "other"})
    ),
    _line("another issuer", "one of another `iss`", partial(_changed, claims=lambda: {"iss": "https://evil.example"})),
    _line(
        "an id_token", "a token of the provider without `events`", partial(_changed, claims=lambda: {"events": None})
    ),
    _line(
        "a nonce",
        "one with a `nonce`, so that it might be an id_token",
        partial(_changed, claims=lambda: {"nonce": "n"}),
    ),
    _line("an access token", "one of `typ: at+jwt`", partial(_changed, header={"typ": "at+jwt"})),
    _line("stale", "one that is an hour old", partial(_changed, claims=lambda: {"iat": int(time.time()) - 3600})),
    _line("crit", "one whose header has `crit`", partial(_changed, header={"crit": ["exp"]})),
    _line("oversized", "100 kB in place of one", _large),
)
