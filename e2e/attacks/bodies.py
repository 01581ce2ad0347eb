"""Bodies that are too large, too deep, or never end."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import API
from e2e.attacks.raw import PATIENCE_S, ask, read_answer, request
from e2e.attacks.world import IMD, MOUNTED_READ, AttackWorld

MIB = 1024 * 1024
GRAPHQL, MENU, PUSH, OVERRIDES = (
    "/api/checkout/graphql",
    f"/api{MOUNTED_READ}",
    "/_portico/push",
    "/deploy/overrides",
)
RUM, FLAGS = "/_portico/rum", "/ofrep/v1/evaluate/flags"
RELEASES = "/deploy/apps/menu/releases"
JSON = {"Content-Type": "application/json"}

BOMBS: dict[str, bytes] = {
    "100,000 arrays deep": b"[" * 100_000,
    "100,000 arrays deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "50,000 objects deep": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "3,000 arrays deep where nothing is expected": b'{"x":' + b"[" * 3_000 + b"]" * 3_000 + b"}",
    "an integer of 200,000 digits": b'{"query":' + b"9" * 200_000 + b"}",
    "a number beyond all doubles": b'{"query":1e999999}',
    "half a surrogate": b'{"query":"\\ud800"}',
    "no UTF-8": b'{"query":"\xff\xfe"}',
    "no UTF-8 where a string is expected": b'{"path":"\xff","endpoint":"\xff","overrides":{"\xff":{}}}',
    "an object after the object": b'{"query":"{ __typename }"}{}',
    "NaN": b'{"query":NaN}',
    "20,000 names": b"{" + b",".join(b'"a%d":1' % number for number in range(20_000)) + b"}",
}


def _ada(method: str, path: str, body: bytes, world: AttackWorld) -> Answer:
    return Answer.of(world.ada.client.request(method, path, content=body, headers={**API, **JSON}))


def _grace(method: str, path: str, body: bytes, world: AttackWorld) -> Answer:
    return Answer.of(world.grace.client.request(method, path, content=body, headers={**API, **JSON}))


def _team(method: str, path: str, body: bytes, world: AttackWorld) -> Answer:
    return world.as_team(method, path, content=body, headers=JSON)


def _page(method: str, path: str, body: bytes, world: AttackWorld) -> Answer:
    return Answer.of(world.stranger().client.request(method, path, content=body, headers=JSON))


def _imd(method: str, path: str, body: bytes, world: AttackWorld) -> Answer:
    auth = (IMD["username"], IMD["password"])
    return Answer.of(world.stranger().client.request(method, path, content=body, headers=JSON, auth=auth))


ENTRANCES: dict[str, tuple[Callable[[str, str, bytes, AttackWorld], Answer], str, str]] = {
    "a service": (_ada, "POST", GRAPHQL),
    "notices": (_ada, "PUT", PUSH),
    "overrides": (_grace, "PUT", OVERRIDES),
    "what pages tell of themselves": (_page, "POST", RUM),
    "the deployer": (_team, "POST", RELEASES),
    "import-map-deployer's API": (_imd, "PATCH", "/imd/services"),
}


def _bomb(entrance: str, bomb: str, world: AttackWorld) -> Answer:
    ask_there, method, path = ENTRANCES[entrance]
    return ask_there(method, path, BOMBS[bomb], world)


def _announced(path: str, length: str, world: AttackWorld) -> Answer:
    """A length alone; nothing of the body follows, so the refusal must come before it is read."""
    headers = [*world.session_headers, ("Content-Length", length), ("Content-Type", "application/json")]
    return ask(world.port, request("POST", path, headers, port=world.port))


def _chunked(path: str, world: AttackWorld) -> Answer:
    headers = [*world.session_headers, ("Transfer-Encoding", "chunked"), ("Content-Type", "application/json")]
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    return ask(world.port, request("POST", path, headers, port=world.port), chunk * 64, b"0\r\n\r\n")


def _half_open(world: AttackWorld) -> Answer:
    """Three hundred requests that never come to an end; meanwhile everybody else is answered."""
    begun = request("POST", GRAPHQL, [*world.session_headers, ("Content-Length", "100")], port=world.port)
    with ExitStack() as held:
        for number in range(300):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", world.port), timeout=10))
            connection.sendall(begun[: 20 + number % 200] if number % 2 else b"GET / HTTP/1.1\r\nHost: ")
        world.check_alive()
        assert world.mounted().status_code == 200
        assert world.remote().status_code == 200
        return Answer.of(world.stranger().client.get(f"/api{MOUNTED_READ}", headers=API))


def _dribbled(world: AttackWorld) -> Answer:
    """Twenty bodies of which one byte comes and then nothing, at both kinds of services; one of the refusals."""
    headers = [*world.session_headers, ("Content-Length", "100"), ("Content-Type", "application/json")]
    with ExitStack() as held:
        waiting = []
        for path in [GRAPHQL, "/api/kitchen/graphql"] * 10:
            connection = held.enter_context(socket.create_connection(("127.0.0.1", world.port), timeout=PATIENCE_S))
            connection.sendall(request("POST", path, headers, b"{", port=world.port))
            waiting.append(connection)
        assert world.mounted().status_code == 200
        assert world.remote().status_code == 200
        answers = [read_answer(connection) for connection in waiting]
    assert {(answer.status, answer.problem) for answer in answers} == {(408, "body-too-slow")}, answers
    return answers[0]


def _dribbled_by_nobody(world: AttackWorld) -> Answer:
    """Where no session is needed, a body must come to an end as well; one of the refusals."""
    form = [("Content-Length", "1000"), ("Content-Type", "application/x-www-form-urlencoded")]
    paths = ["/auth/backchannel-logout", "/ofrep/v1/evaluate/flags"]
    with ExitStack() as held:
        waiting = []
        for path in paths:
            connection = held.enter_context(socket.create_connection(("127.0.0.1", world.port), timeout=PATIENCE_S))
            connection.sendall(request("POST", path, form, b"logout_token=", port=world.port))
            waiting.append(connection)
        answers = [read_answer(connection) for connection in waiting]
    assert {(answer.status, answer.problem) for answer in answers} == {(408, "body-too-slow")}, answers
    return answers[0]


BODIES = (
    *(
        Attack(
            name=f"A JSON bomb at {entrance}: {bomb}",
            sent=f"`{ENTRANCES[entrance][1]} {ENTRANCES[entrance][2]}` with JSON: {bomb}",
            send=partial(_bomb, entrance, bomb),
            refusal="400, 413 or 422 at once",
            status=(400, 413, 422),
        )
        for entrance in ENTRANCES
        for bomb in BOMBS
    ),
    *(
        Attack(
            name=f"A JSON bomb at the flags: {bomb}",
            sent=f"`POST {FLAGS}` with JSON: {bomb}",
            send=partial(_page, "POST", FLAGS, body),
            refusal="400 at once",
            status=(400,),
        )
        for bomb, body in {
            "3,000 arrays deep": b'{"context":{},"x":' + b"[" * 3_000 + b"]" * 3_000 + b"}",
            "no UTF-8": b'{"context":{"\xff":1}}',
        }.items()
    ),
    *(
        Attack(
            name=f"A body of {length} bytes at {where}",
            sent=f"`POST` with `Content-Length: {length}` and nothing after it",
            send=partial(_announced, path, length),
            refusal="413 `body-too-large` before anything of it is read; 400 for what is no length",
            status=(413,) if length.isdigit() else (400,),
            problem="body-too-large" if length.isdigit() else None,
        )
        for where, path in (("a mounted service", MENU), ("a service elsewhere", GRAPHQL))
        for length in (str(2 * MIB), "9" * 18)
    ),
    *(
        Attack(
            name=f"An endless body at {where}",
            sent="4 MiB in chunks, without a length",
            send=partial(_chunked, path),
            refusal="413 once the service's own limit is passed; the rest is not waited for",
            status=(413,),
            closed=True,
        )
        for where, path in (("a mounted service", "/api/kitchen/graphql"), ("a service elsewhere", GRAPHQL))
    ),
    Attack(
        name="Slow bodies",
        sent="twenty bodies of which one byte comes, and then nothing",
        send=_dribbled,
        refusal="408 `body-too-slow` for each; everybody else is answered meanwhile",
        status=(408,),
        problem="body-too-slow",
    ),
    Attack(
        name="Slow bodies of nobody",
        sent="bodies at the back-channel logout and at the flags, of which a few bytes come, and then nothing",
        send=_dribbled_by_nobody,
        refusal="408 `body-too-slow` for each, without anybody having signed in",
        status=(408,),
        problem="body-too-slow",
    ),
    Attack(
        name="Three hundred requests that never end",
        sent="the beginnings of requests, held open",
        send=_half_open,
        refusal="everybody else is answered meanwhile",
        status=(401,),
        problem="signed-out",
    ),
)
