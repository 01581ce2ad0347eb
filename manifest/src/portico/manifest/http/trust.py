"""Trust rules over HTTP: whose CI may deploy without a secret. Operators change them; a team reads its own."""

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.access import TrustRule
from portico.manifest.access.audit import entry
from portico.manifest.access.trust import issuer_fault, new_rule_id, subject_fault
from portico.manifest.errors import UnknownRule
from portico.manifest.http.auth import authenticate
from portico.manifest.http.parameters import body_of
from portico.manifest.http.problems import with_problems
from portico.manifest.http.teams import AppName, Label, TeamName
from portico.manifest.manifest import Manifest
from portico.problem import FieldError, Problem

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class NewRule(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST``: whose tokens, and which apps they may change. See ``TrustRule``."""

    team: TeamName
    issuer: str
    audience: _Text
    subject: str
    app: AppName | None = None
    claims: Annotated[dict[_Text, _Text], msgspec.Meta(max_length=20)] = {}
    label: Label = ""


def trust_routes(manifest: Manifest) -> list[Route]:
    """Return ``/deploy/trust``. All of them want a deploy token."""
    store = manifest.store.access

    async def listed(request: Request) -> Response:
        by = await authenticate(request, manifest)
        rules = [rule for rule in await store.rules() if by.allows(rule.team, rule.app)]
        return JSONResponse({"rules": [rule.to_document() for rule in rules]})

    async def add(request: Request) -> Response:
        by = await authenticate(request, manifest)
        by.require_operator()
        body, now = await body_of(request, NewRule), manifest.now()
        _check(body)
        names = body.issuer, body.audience, body.subject, body.label
        rule = TrustRule(new_rule_id(), body.team, body.app, *names, now, body.claims)
        for known in await store.rules(issuer=rule.issuer):
            if known.says_the_same(rule):  # sent twice, it is one rule
                return JSONResponse(known.to_document(), status_code=200)
        told = {name: value for name, value in rule.to_document().items() if name not in {"id", "team", "createdAt"}}
        await store.add_rule(rule, entry(by, now, "trust.added", rule.team, rule.id, **told))
        return JSONResponse(rule.to_document(), status_code=201)

    async def remove(request: Request) -> Response:
        by = await authenticate(request, manifest)
        by.require_operator()
        id_ = request.path_params["rule"]
        known = next((rule for rule in await store.rules() if rule.id == id_), None)
        if known is not None:
            told = entry(by, manifest.now(), "trust.removed", known.team, id_, subject=known.subject)
            if await store.remove_rule(id_, told):
                return Response(status_code=204)
        raise UnknownRule(f"there is no trust rule {id_[:80]!r}")

    return [
        Route("/deploy/trust", with_problems(listed), methods=["GET"]),
        Route("/deploy/trust", with_problems(add), methods=["POST"]),
        Route("/deploy/trust/{rule}", with_problems(remove), methods=["DELETE"]),
    ]


def _check(rule: NewRule) -> None:
    faults = {"/issuer": issuer_fault(rule.issuer), "/subject": subject_fault(rule.issuer, rule.subject)}
    if errors := [FieldError(pointer, fault) for pointer, fault in faults.items() if fault]:
        raise Problem.invalid(errors)
