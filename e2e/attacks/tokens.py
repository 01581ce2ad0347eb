"""Forged tokens, sent to a service past the gateway; and good ones, sent to the gateway by those who stole them."""

from __future__ import annotations

from functools import partial

import httpx

from bffs.kit.tests.token_attacks import ATTACKS
from e2e.attacks import weak_keys
from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import API, PATIENCE_S
from e2e.attacks.world import MOUNTED_READ, REMOTE_APP, REMOTE_READ, AttackWorld
from portico.bff.testing.tokens import TokenIssuer

FLOOD = 300
MINE = "{ myOrders { nodes { id } } }"
STAFF_APP, STAFF = "kitchen", "/kitchen/graphql?query=%7B%20queue%20%7B%20id%20%7D%20%7D"
"""A mounted service, and a read of it that needs a role which Ada does not have."""


def issuer(world: AttackWorld, app: str = REMOTE_APP) -> TokenIssuer:
    """The host itself, as far as a service can tell: its key is stolen for the test."""
    kid, key = world.host_key
    stolen = TokenIssuer(issuer=world.url, audience=f"urn:portico:bff:{app}", kid=kid)
    stolen.key = key
    return stolen


def past_the_gateway(world: AttackWorld, authorization: str) -> Answer:
    """The remote service's GraphQL endpoint, asked directly."""
    headers = {"Authorization": authorization.strip()}
    return Answer.of(httpx.post(f"{world.bff_url}/graphql", json={"query": MINE}, headers=headers, timeout=PATIENCE_S))


def _forged(name: str, world: AttackWorld) -> Answer:
    return past_the_gateway(world, f"Bearer {ATTACKS[name](issuer(world))}")


def _by_weak_key(kid: str, world: AttackWorld) -> Answer:
    return past_the_gateway(world, f"Bearer {weak_keys.token(issuer(world), kid)}")


def _flood(world: AttackWorld) -> Answer:
    stolen = issuer(world)
    tokens = (stolen.sign(stolen.header(kid=f"guess-{n}"), stolen.claims()) for n in range(FLOOD))
    with httpx.Client(base_url=world.bff_url, timeout=PATIENCE_S) as client:
        answers = [
            client.post("/graphql", json={"query": MINE}, headers={"Authorization": f"Bearer {token}"})
            for token in tokens
        ]
    assert {answer.status_code for answer in answers} == {401}
    return Answer.of(answers[-1])


def _issuer_left_alone(world: AttackWorld, _: Answer) -> None:
    """Since the platform began, and with every other forged token in it."""
    asked = world.keys.asked_at
    assert asked
    # A second for the way there: the service counts from when it asks.
    assert all(third - first > 59 for first, third in zip(asked, asked[2:], strict=False)), asked


def _nothing_told(_: AttackWorld, answer: Answer) -> None:
    assert (answer.header("www-authenticate") or "").startswith("Bearer")
    assert "myOrders" not in answer.text


def _without_a_session(path: str, app: str, world: AttackWorld) -> Answer:
    headers = {**API, **issuer(world, app).headers("ada", roles=("cook",))}
    return Answer.of(world.stranger().client.get(f"/api{path}", headers=headers))


def _beside_a_session(world: AttackWorld) -> Answer:
    """A good token of a member of staff beside Ada's session: were it passed on, she would be answered as that one."""
    token = issuer(world, STAFF_APP).token("staff", roles=("cook",), tenant="1")
    return Answer.of(world.ada.api(STAFF, Authorization=f"Bearer {token}"))


def _still_ada(_: AttackWorld, answer: Answer) -> None:
    assert "role-required" in answer.text, answer
    assert answer.text.count('"data":null') == 1, answer


def _bad_beside_a_session(world: AttackWorld) -> Answer:
    return Answer.of(world.remote(REMOTE_READ, Authorization="Bearer a.b.c"))


def _answered(_: AttackWorld, answer: Answer) -> None:
    assert answer.text == '{"data":{"__typename":"Query"}}', answer


def _two_headers(world: AttackWorld) -> Answer:
    good = f"Bearer {issuer(world).token()}"
    headers = [("Authorization", good), ("Authorization", good)]
    return Answer.of(httpx.post(f"{world.bff_url}/graphql", json={"query": MINE}, headers=headers, timeout=PATIENCE_S))


def _in_the_address(world: AttackWorld) -> Answer:
    token = issuer(world).token()
    url = f"{world.bff_url}/graphql?access_token={token}"
    return Answer.of(httpx.post(url, json={"query": MINE}, timeout=PATIENCE_S))


TOKENS = (
    *(
        Attack(
            name=f"Forged token: {name}",
            sent="as the bearer's token, to a service past the gateway",
            send=partial(_forged, name),
            refusal="401 `sign-in-required` with the challenge `Bearer`",
            status=(401,),
            problem="sign-in-required",
            harmless=_nothing_told,
        )
        for name in ATTACKS
    ),
    *(
        Attack(
            name=f"Weak key: {fault}",
            sent="a well signed token of a key that the issuer publishes beside its own",
            send=partial(_by_weak_key, kid),
            refusal="401 `sign-in-required`: such keys are left out of the set",
            status=(401,),
            problem="sign-in-required",
            harmless=_nothing_told,
        )
        for kid, (_, _, fault) in weak_keys.WEAK.items()
    ),
    Attack(
        name="A flood of unknown key ids",
        sent=f"{FLOOD} tokens, each with a key id of its own",
        send=_flood,
        refusal="401 each; the issuer is asked for its keys at most twice a minute",
        status=(401,),
        problem="sign-in-required",
        harmless=_issuer_left_alone,
    ),
    Attack(
        name="Two good tokens",
        sent="two `Authorization` headers, to a service past the gateway",
        send=_two_headers,
        refusal="401 `sign-in-required`",
        status=(401,),
        problem="sign-in-required",
    ),
    Attack(
        name="A token in the address",
        sent="a good token as `access_token` in the query, to a service past the gateway",
        send=_in_the_address,
        refusal="401 `sign-in-required`: addresses end up in logs",
        status=(401,),
        problem="sign-in-required",
    ),
    *(
        Attack(
            name=f"A stolen token at the gateway, for {where}",
            sent="a good token of the host, without a session",
            send=partial(_without_a_session, path, app),
            refusal="401 `signed-out`: the gateway knows sessions alone",
            status=(401,),
            problem="signed-out",
        )
        for where, path, app in (
            ("a mounted service", MOUNTED_READ, "menu"),
            ("a service elsewhere", REMOTE_READ, REMOTE_APP),
        )
    ),
    Attack(
        name="Somebody else's token beside a session",
        sent="a good token with a role, from a person without it",
        send=_beside_a_session,
        refusal="answered for the session's person, who lacks the role: the header is taken off at the gateway",
        status=(200, 403),
        harmless=_still_ada,
    ),
    Attack(
        name="A bad token beside a session",
        sent="`Authorization: Bearer a.b.c` beside a session",
        send=_bad_beside_a_session,
        refusal="answered for the session's person: the header is taken off at the gateway",
        status=(200,),
        harmless=_answered,
    ),
)
