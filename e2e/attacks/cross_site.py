"""Cross-site requests, as they arrive over HTTP; test_attacks_cross_site.py sends them from a real browser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from uuid import uuid4

from e2e.api import ADD
from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import API
from e2e.attacks.world import MOUNTED_READ, AttackWorld

EVIL = "https://evil.example"


def basket(world: AttackWorld) -> int:
    """How many things are in Ada's basket."""
    answer = world.ada.client.post("/api/checkout/graphql", json={"query": "{ basket { count } }"}, headers=API)
    return int(answer.json()["data"]["basket"]["count"])


def _command(headers: Mapping[str, str], world: AttackWorld) -> Answer:
    """A command that would be carried out, had it come from Ada's own page."""
    restaurant = world.mounted().json()["items"][0]["id"]
    dish = world.mounted(f"/menu/restaurants/{restaurant}").json()["sections"][0]["dishes"][0]["id"]
    body = {"query": ADD, "variables": {"input": {"dishId": dish, "quantity": 1, "fresh": True}}}
    before = basket(world)
    given = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": str(uuid4()), **headers}
    # An empty text stands for a header that is not sent; the client's own default would say it.
    request = world.ada.client.build_request("POST", "/api/checkout/graphql", json=body, headers=given)
    for name in [name for name, value in given.items() if not value]:
        del request.headers[name]
    answer = Answer.of(world.ada.client.send(request))
    assert basket(world) == before, "the command was carried out"
    return answer


def _preflight(world: AttackWorld) -> Answer:
    asked = {
        "Origin": EVIL,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-portico",
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "cors",
    }
    return Answer.of(world.stranger().client.options("/api/checkout/graphql", headers=asked))


def _read_with_origin(world: AttackWorld) -> Answer:
    return Answer.of(
        world.ada.client.get(f"/api{MOUNTED_READ}", headers={**API, "Origin": EVIL, "Sec-Fetch-Site": "cross-site"})
    )


def _not_shared(_world: AttackWorld, answer: Answer) -> None:
    assert not [name for name, _ in answer.headers if name.startswith("access-control-")]


def _forged_host(name: str, world: AttackWorld) -> Answer:
    return Answer.of(world.ada.client.get(f"/api{MOUNTED_READ}", headers={**API, "Host": name}))


def _framed(world: AttackWorld) -> Answer:
    return Answer.of(world.ada.client.get("/", headers={"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate"}))


def _not_framed(_world: AttackWorld, answer: Answer) -> None:
    assert "frame-ancestors 'none'" in (answer.header("content-security-policy") or "")
    assert answer.header("x-frame-options") == "DENY"


_SENT: dict[str, tuple[str, dict[str, str], str]] = {
    "without the static header": ("no `X-Portico`, as a form sends it", {}, "missing-portico-header"),
    "with another value in it": ("`X-Portico: 2`", {"X-Portico": "2"}, "missing-portico-header"),
    "from another site": (
        "`Sec-Fetch-Site: cross-site`",
        {"X-Portico": "1", "Sec-Fetch-Site": "cross-site"},
        "cross-site-request",
    ),
    "from a sibling host": (
        "`Sec-Fetch-Site: same-site`",
        {"X-Portico": "1", "Sec-Fetch-Site": "same-site"},
        "cross-site-request",
    ),
    "from nowhere": ("`Sec-Fetch-Site: none`", {"X-Portico": "1", "Sec-Fetch-Site": "none"}, "cross-site-request"),
    "from an old browser": (
        "no Fetch Metadata, a foreign `Origin`",
        {"X-Portico": "1", "Sec-Fetch-Site": "", "Origin": EVIL},
        "cross-site-request",
    ),
    "from a sandboxed frame": (
        "no Fetch Metadata, `Origin: null`",
        {"X-Portico": "1", "Sec-Fetch-Site": "", "Origin": "null"},
        "cross-site-request",
    ),
    "dressed as a navigation": (
        "a command with the Fetch Metadata of a navigation",
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        "missing-portico-header",
    ),
}

CROSS_SITE = (
    *(
        Attack(
            name=f"CSRF {name}",
            sent=f"a command with the victim's cookie and {sent}",
            send=partial(_command, headers),
            refusal=f"403 `{problem}`; nothing was carried out",
            status=(403,),
            problem=problem,
        )
        for name, (sent, headers, problem) in _SENT.items()
    ),
    Attack(
        name="A preflight from another site",
        sent="`OPTIONS` with a foreign `Origin`, asking to send `X-Portico`",
        send=_preflight,
        refusal="401 `signed-out`, without any `Access-Control-` header: the browser does not send the call",
        status=(401,),
        problem="signed-out",
        harmless=_not_shared,
    ),
    Attack(
        name="A cross-site read",
        sent="a read with the victim's cookie and a foreign `Origin`",
        send=_read_with_origin,
        refusal="403 `cross-site-request`, without any `Access-Control-` header",
        status=(403,),
        problem="cross-site-request",
        harmless=_not_shared,
    ),
    *(
        Attack(
            name=f"DNS rebinding to {name}",
            sent=f"a call with `Host: {name}`",
            send=partial(_forged_host, name),
            refusal="421 `misdirected-request`",
            status=(421,),
            problem="misdirected-request",
        )
        for name in ("evil.example", "127.0.0.1.evil.example", "127.0.0.1:1")
    ),
    Attack(
        name="Clickjacking",
        sent="the start page into a frame of another site",
        send=_framed,
        refusal="`frame-ancestors 'none'` and `X-Frame-Options: DENY`",
        status=(200,),
        harmless=_not_framed,
    ),
)
