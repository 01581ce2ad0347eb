"""GraphQL documents that ask for too much, at a mounted service and at one elsewhere."""

from __future__ import annotations

import json
from functools import partial

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import API
from e2e.attacks.world import REMOTE_APP, AttackWorld

SERVICES = {"a mounted service": "kitchen", "a service elsewhere": REMOTE_APP}
ANSWERS = "application/graphql-response+json"


def _nested(depth: int) -> str:
    return "{ " + "a { " * depth + "b" + " }" * depth + " }"


def _spread_bomb(levels: int) -> str:
    fragments = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels))
    return "{ ...F0 } " + fragments + f" fragment F{levels} on Query {{ __typename }}"


def _query(text: str) -> bytes:
    return json.dumps({"query": text}).encode()


def _variables(value: object) -> bytes:
    return json.dumps({"query": "query ($x: ID!) { __typename @skip(if: $x) }", "variables": {"x": value}}).encode()


def _deep(levels: int) -> bytes:
    start, end = '{"query": "{ __typename }", "variables": {"x": ', "}}"
    return (start + '{"x": ' * levels + "1" + "}" * levels + end).encode()


DOCUMENTS: dict[str, tuple[bytes, str]] = {
    "depth": (_query(_nested(11)), "12 levels of fields"),
    "depth through fragments": (
        _query("{ ...A } fragment A on Query " + _nested(11)),
        "12 levels of fields, in a fragment",
    ),
    "aliases": (_query("{" + " ".join(f"a{n}: __typename" for n in range(31)) + "}"), "31 aliases of one field"),
    "fields": (_query("{" + "__typename " * 501 + "}"), "501 fields"),
    "a fragment in itself": (_query("{ ...A } fragment A on Query { ...A }"), "a fragment that spreads itself"),
    "fragments in a circle": (
        _query("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"),
        "two fragments that spread each other",
    ),
    "doubling fragments": (_query(_spread_bomb(40)), "40 fragments, each spread twice by the one before: 2^40 fields"),
    "directives": (_query("{ __typename " + "@skip(if: false) " * 400 + "}"), "400 directives on one field"),
    "a huge document": (_query("{ __typename }" + " " * 40_000), "40 kB of white space"),
    "brackets": (_query("{" * 900), "900 opening brackets"),
    "tokens": (_query("{ __typename } " * 400), "400 operations in one document"),
    "introspection": (_query("{ __schema { types { name } } }"), "`{ __schema { types { name } } }`"),
    "hidden introspection": (
        _query('{ ...A } fragment A on Query { ... { x: __type(name: "Query") { name } } }'),
        "`__type` behind an alias in a fragment in a fragment",
    ),
    "circular introspection": (
        _query("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"),
        "types of fields of types of fields",
    ),
    "a batch": (b"[" + b",".join([_query("{ __typename }")] * 50) + b"]", "a list of 50 operations"),
    "variables by the thousand": (_variables([0] * 2000), "a variable that is a list of 2,000 values"),
    "an input in an input": (_deep(400), "a variable of 400 objects in each other"),
    "an input in an input without an end": (_deep(20_000), "a variable of 20,000 objects in each other"),
    "a subscription": (_query("subscription { __typename }"), "a subscription in a `POST`"),
    "type definitions": (_query("type A { a: Int }"), "a type definition"),
    "no text": (b'{"query": {"a": 1}}', "a query that is an object"),
}


def _post(app: str, body: bytes, world: AttackWorld, content_type: str = "application/json") -> Answer:
    headers = {**API, "Accept": ANSWERS, "Content-Type": content_type}
    return Answer.of(world.ada.client.post(f"/api/{app}/graphql", content=body, headers=headers))


def _document(app: str, name: str, world: AttackWorld) -> Answer:
    return _post(app, DOCUMENTS[name][0], world)


def _simple(app: str, world: AttackWorld) -> Answer:
    """What a form on another site could send without a preflight."""
    return _post(app, _query("{ __typename }"), world, "text/plain")


def _by_get(app: str, world: AttackWorld) -> Answer:
    parameters = {"query": "mutation { __typename }"}
    headers = {**API, "Accept": ANSWERS}
    return Answer.of(world.ada.client.get(f"/api/{app}/graphql", params=parameters, headers=headers))


def _nothing_read(_: AttackWorld, answer: Answer) -> None:
    assert '"data":{' not in answer.text, answer
    assert "Did you mean" not in answer.text, answer


GRAPHQL = (
    *(
        Attack(
            name=f"GraphQL at {where}: {name}",
            sent=DOCUMENTS[name][1],
            send=partial(_document, app, name),
            refusal="400 before anything runs; 413 for too many bytes",
            status=(400, 413),
            harmless=_nothing_read,
        )
        for where, app in SERVICES.items()
        for name in DOCUMENTS
    ),
    *(
        Attack(
            name=f"GraphQL at {where}: a mutation by GET",
            sent="`GET` with `mutation { __typename }`",
            send=partial(_by_get, app),
            refusal="405",
            status=(405,),
            harmless=_nothing_read,
        )
        for where, app in SERVICES.items()
    ),
    *(
        Attack(
            name=f"GraphQL at {where}: a simple request",
            sent="JSON as `text/plain`, which needs no preflight",
            send=partial(_simple, app),
            refusal="415",
            status=(415,),
            harmless=_nothing_read,
        )
        for where, app in SERVICES.items()
    ),
)
