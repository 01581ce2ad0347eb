"""Attacks on what operators have: faults, rebuilds, metrics and endpoints of every service, mounted or elsewhere."""

from __future__ import annotations

import base64
from functools import partial

import httpx

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import API, PATIENCE_S, Person
from e2e.attacks.world import MOUNTED_APP, REMOTE_APP, AttackWorld

_TOOLS = (
    ("GET", "/_faults"),
    ("GET", "/_faults/x"),
    ("POST", "/_faults/x/resubmit"),
    ("DELETE", "/_faults/x"),
    ("GET", "/_rebuilds"),
    ("POST", "/_rebuilds"),
    ("POST", "/_rebuilds/x/cancel"),
    ("GET", "/metrics"),
)
_ENDPOINTS = (
    ("GET", "/endpoints"),
    ("POST", "/endpoints"),
    ("GET", "/endpoints/x/deliveries"),
    ("POST", "/endpoints/x/enable"),
    ("DELETE", "/endpoints/x"),
    ("POST", "/deliveries/x/resend"),
)
_CALLS = (
    *((app, method, path) for app in (MOUNTED_APP, REMOTE_APP) for method, path in _TOOLS),
    *(("notifications", method, path) for method, path in _ENDPOINTS),
)
_BODIES = {"/_rebuilds": {"projection": "x"}, "/endpoints": {"url": "https://example.org/", "events": ["x"]}}


def _options(method: str, path: str) -> dict[str, object]:
    return {"json": _BODIES.get(path)} if method == "POST" and path in _BODIES else {}


def _by(person: Person, app: str, method: str, path: str) -> Answer:
    url = f"/api/{app}{path}"
    return Answer.of(person.client.request(method, url, headers=API, **_options(method, path)))  # type: ignore[arg-type]


def _by_a_customer(app: str, method: str, path: str, world: AttackWorld) -> Answer:
    return _by(world.ada, app, method, path)


def _by_a_cook(app: str, method: str, path: str, world: AttackWorld) -> Answer:
    return _by(world.person("mario"), app, method, path)


def _past_the_gateway(method: str, path: str, world: AttackWorld) -> Answer:
    options = _options(method, path)
    url = f"{world.bff_url}{path}"
    return Answer.of(httpx.request(method, url, headers=API, timeout=PATIENCE_S, **options))  # type: ignore[arg-type]


def _with_a_cursor(place: bytes, world: AttackWorld) -> Answer:
    cursor = base64.urlsafe_b64encode(place).decode().rstrip("=")
    return Answer.of(world.grace.client.get(f"/api/{MOUNTED_APP}/_faults", params={"cursor": cursor}, headers=API))


OPERATORS = (
    *(
        Attack(
            name=f"A tool of operators by a customer: {app} {method} {path}",
            sent=f"`{method} /api/{app}{path}` by Ada",
            send=partial(_by_a_customer, app, method, path),
            refusal="403 `role-required`",
            status=(403,),
            problem="role-required",
        )
        for app, method, path in _CALLS
    ),
    *(
        Attack(
            name=f"A tool of operators by a cook: {app} {method} {path}",
            sent=f"`{method} /api/{app}{path}` by a cook",
            send=partial(_by_a_cook, app, method, path),
            refusal="403 `role-required`",
            status=(403,),
            problem="role-required",
        )
        for app, method, path in (_CALLS[0], _CALLS[-1])
    ),
    *(
        Attack(
            name=f"A tool of operators past the gateway: {method} {path}",
            sent=f"`{method} {path}` to the service's own port, without a token",
            send=partial(_past_the_gateway, method, path),
            refusal="401 `sign-in-required`",
            status=(401,),
            problem="sign-in-required",
        )
        for method, path in _TOOLS
    ),
    *(
        Attack(
            name=f"A cursor of faults that is none {number}",
            sent=f"a cursor that says `{place.decode()}`, by an operator",
            send=partial(_with_a_cursor, place),
            refusal="400 `invalid-query`",
            status=(400,),
            problem="invalid-query",
        )
        for number, place in enumerate((b"[1e400,1]", b"[" + b"9" * 30 + b',"x"]', b'["1 OR 1=1","x"]'), start=1)
    ),
)
