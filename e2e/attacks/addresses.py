"""Server-side request forgery: whatever takes a URL, given one inside the network."""

from __future__ import annotations

import base64
from functools import partial

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import API
from e2e.attacks.world import IMD, AttackWorld

SELF = "PORT"
"""Stands for the port of a server in the network that counts who comes."""
ADDRESSES = (
    f"http://127.0.0.1:{SELF}/x.js",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/x.js",
    "http://[::ffff:127.0.0.1]/x.js",
    "http://0x7f000001/x.js",
    "http://2130706433/x.js",
    "http://0/x.js",
    "http://127.1/x.js",
    f"http://localhost:{SELF}/x.js",
    "http://evil.example@127.0.0.1/x.js",
    "file:///etc/passwd",
    "gopher://127.0.0.1:1/_x",
)


def _meant(address: str, world: AttackWorld) -> str:
    return address.replace(f":{SELF}/", f":{world.inside.port}/")


def _subscribe(address: str, world: AttackWorld) -> Answer:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = (
        base64.urlsafe_b64encode(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)).rstrip(b"=").decode()
    )
    secret = base64.urlsafe_b64encode(bytes(16)).rstrip(b"=").decode()
    body = {"endpoint": _meant(address, world), "keys": {"p256dh": point, "auth": secret}}
    return Answer.of(world.ada.client.put("/_portico/push", json=body, headers=API))


def _release(address: str, world: AttackWorld) -> Answer:
    listing = {
        "manifest": {"name": "@team/ssrf", "version": "1.0.0", "entry": "x.js"},
        "files": [{"path": "x.js", "url": _meant(address, world)}],
    }
    return world.as_team("POST", "/deploy/apps/ssrf/releases", json=listing)


def _import_map(address: str, world: AttackWorld) -> Answer:
    body = {"service": "ssrf", "url": _meant(address, world)}
    auth = (IMD["username"], IMD["password"])
    return Answer.of(world.stranger().client.patch("/imd/services", json=body, auth=auth))


def _endpoint(address: str, world: AttackWorld) -> Answer:
    body = {"url": _meant(address, world), "events": ["order.completed"]}
    return Answer.of(world.grace.client.post("/api/notifications/endpoints", json=body, headers=API))


def _override(address: str, world: AttackWorld) -> Answer:
    body = {"overrides": {"menu": {"url": address}}}
    return Answer.of(world.grace.client.put("/deploy/overrides", json=body, headers=API))


def _override_by_anyone(world: AttackWorld) -> Answer:
    body = {"overrides": {"menu": {"url": f"{world.inside.url}/x.js"}}}
    return Answer.of(world.ada.client.put("/deploy/overrides", json=body, headers=API))


def _nobody_came(world: AttackWorld, _answer: Answer) -> None:
    assert world.inside.asked == [], "the host asked a server inside the network"


_ENTRANCES = {
    "a push subscription": (_subscribe, "`PUT /_portico/push` with the endpoint", "push-service-refused"),
    "a release by URLs": (_release, "a release whose file is at", "invalid-source"),
    "a webhook's endpoint": (_endpoint, "`POST /api/notifications/endpoints` with the URL", "address-refused"),
    "a webhook's endpoint by TLS": (
        lambda address, world: _endpoint(f"https{address.removeprefix('http')}", world),
        "the same with TLS, instead of",
        "address-refused",
    ),
    "import-map-deployer's API": (_import_map, "`PATCH /imd/services` with the URL", None),
}
_OVERRIDES = ("https://evil.example/x.js", "http://evil.example/x.js", "http://localhost.evil.example/x.js",
    "https://localhost@evil.example/x.js", "javascript:alert(1)", "data:text/javascript,alert(1)",
    "//evil.example/x.js", "https://evil.example\\@localhost/x.js")  # fmt: skip

SSRF = (
    *(
        Attack(
            name=f"SSRF by {entrance} {number}",
            sent=f"{words} `{address}`",
            send=partial(send, address),
            refusal="4xx, and nobody is asked",
            status=(400, 403, 422),
            problem=problem,
            harmless=_nobody_came,
        )
        for entrance, (send, words, problem) in _ENTRANCES.items()
        for number, address in enumerate(ADDRESSES, start=1)
    ),
    *(
        Attack(
            name=f"An override from elsewhere {number}",
            sent=f"a developer's override with `{address}`",
            send=partial(_override, address),
            refusal="422 `invalid-request`: the origin is none of PORTICO_OVERRIDE_ORIGINS",
            status=(422,),
            problem="invalid-request",
        )
        for number, address in enumerate(_OVERRIDES, start=1)
    ),
    Attack(
        name="An override by anyone",
        sent="an override of somebody who is no developer",
        send=_override_by_anyone,
        refusal="403 `not-a-developer`",
        status=(403,),
        problem="not-a-developer",
        harmless=_nobody_came,
    ),
)
