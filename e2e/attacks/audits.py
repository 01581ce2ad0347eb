"""Attacks on the audit: reading it without being an auditor, changing it; and a service that nobody trusts."""

from __future__ import annotations

from joserfc.jwk import ECKey

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import API, SESSION_COOKIE, Person
from e2e.attacks.world import REMOTE_APP, AttackWorld
from portico.bff.assertion import Service

HOSTS, MOUNTED = "/auth/audit", "/api/menu/audit"
_ALWAYS_TRUE = "nobody' OR '1'='1"


def _auditor(world: AttackWorld) -> Person:
    return world.person("noor")


def _by_ada(path: str, world: AttackWorld) -> Answer:
    return Answer.of(world.ada.client.get(path, headers=API))


def _is_written_down(world: AttackWorld, _answer: Answer) -> None:
    query = {"actor": "ada", "outcome": "refused"}
    found = _auditor(world).client.get(HOSTS, params=query, headers=API).json()["items"]
    assert any(one["key"] == HOSTS for one in found)


def _from_another_site(world: AttackWorld) -> Answer:
    headers = {**API, "Sec-Fetch-Site": "cross-site", "Cookie": f"{SESSION_COOKIE}={_auditor(world).cookie}"}
    return Answer.of(world.stranger().client.get(HOSTS, headers=headers))


def _with_sql(world: AttackWorld) -> Answer:
    return Answer.of(_auditor(world).client.get(HOSTS, params={"actor": _ALWAYS_TRUE}, headers=API))


def _finds_nothing(_world: AttackWorld, answer: Answer) -> None:
    assert '"items":[]' in answer.text


def _with_a_cursor_of_sql(world: AttackWorld) -> Answer:
    return Answer.of(_auditor(world).client.get(MOUNTED, params={"cursor": "1 OR 1=1"}, headers=API))


def _deleting(world: AttackWorld) -> Answer:
    return Answer.of(_auditor(world).client.delete(MOUNTED, headers=API))


def _as_a_service(world: AttackWorld) -> Answer:
    service = Service("reports", [ECKey.generate_key("P-256")])
    token = service.token(f"urn:portico:bff:{REMOTE_APP}", sub="ada", roles=["auditor"])
    return Answer.of(world.directly("{ __typename }", token))


AUDITS = (
    Attack(
        name="Reading the host's audit without being an auditor",
        sent="`GET /auth/audit` by a customer",
        send=lambda world: _by_ada(HOSTS, world),
        refusal="403 `role-required`, and the attempt is in the audit",
        status=(403,),
        problem="role-required",
        harmless=_is_written_down,
    ),
    Attack(
        name="Reading an app's audit without being an auditor",
        sent="`GET /api/menu/audit` by a customer",
        send=lambda world: _by_ada(MOUNTED, world),
        refusal="403 `role-required`",
        status=(403,),
        problem="role-required",
    ),
    Attack(
        name="Another site reads the audit",
        sent="`GET /auth/audit` with an auditor's cookie and `Sec-Fetch-Site: cross-site`",
        send=_from_another_site,
        refusal="403 `cross-site-request`",
        status=(403,),
        problem="cross-site-request",
    ),
    Attack(
        name="SQL in a filter of the audit",
        sent=f"`actor={_ALWAYS_TRUE}`",
        send=_with_sql,
        refusal="an empty list: it is a name that nobody has",
        status=(200,),
        harmless=_finds_nothing,
    ),
    Attack(
        name="SQL in a cursor of the audit",
        sent="`cursor=1 OR 1=1`",
        send=_with_a_cursor_of_sql,
        refusal="422 `invalid-request`",
        status=(422,),
        problem="invalid-request",
    ),
    Attack(
        name="Deleting the audit",
        sent="`DELETE /api/menu/audit` by an auditor",
        send=_deleting,
        refusal="405: it is read, and nothing else",
        status=(405,),
    ),
    Attack(
        name="A service that nobody trusts",
        sent="a service's token for a person, well signed with a key of its own",
        send=_as_a_service,
        refusal="401 `sign-in-required`",
        status=(401,),
        problem="sign-in-required",
    ),
)
