"""Signing keys of teams, and whether a team takes signed releases alone. Only operators change them."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.access import TeamKey
from portico.manifest.access.audit import Action, entry
from portico.manifest.access.keys import key_id, read_public_key
from portico.manifest.errors import SignatureKeyRevoked, UnknownKey
from portico.manifest.http.auth import authenticate
from portico.manifest.http.parameters import body_of
from portico.manifest.http.problems import with_problems
from portico.manifest.http.teams import Label, team_of
from portico.manifest.manifest import Manifest
from portico.problem import FieldError, Problem


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST``: an Ed25519 public key in PEM, and whose or what it is."""

    publicKey: Annotated[str, msgspec.Meta(max_length=2000)]  # noqa: N815 - the member's name on the wire
    label: Label = ""


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``PUT .../signatures``: whether the team takes signed releases alone."""

    required: bool


def key_routes(manifest: Manifest) -> list[Route]:
    """Return the routes below ``/deploy/teams/{team}``. All of them want a deploy token."""
    store = manifest.store.access

    async def listed(request: Request) -> Response:
        team = team_of(request)
        (await authenticate(request, manifest)).require(team)
        return JSONResponse({"keys": [key_document(key) for key in await store.keys(team)]})

    async def add(request: Request) -> Response:
        by = await authenticate(request, manifest)
        by.require_operator()
        body, team, now = await body_of(request, NewKey), team_of(request), manifest.now()
        key = _key(team, body, now)
        created = await store.add_key(key, entry(by, now, "key.added", team, key.id, label=key.label))
        kept = key if created else await store.key(team, key.id)
        if kept is None or kept.revoked_at is not None:
            raise SignatureKeyRevoked(f"key {key.id} of team {team} was revoked and stays so; make another")
        return JSONResponse(key_document(kept), status_code=201 if created else 200)

    async def revoke(request: Request) -> Response:
        by = await authenticate(request, manifest)
        by.require_operator()
        team, id_, now = team_of(request), request.path_params["key"], manifest.now()
        if not await store.revoke_key(team, id_, now, entry(by, now, "key.revoked", team, id_)):
            raise UnknownKey(f"team {team} has no key {id_[:80]!r} that is not revoked already")
        return Response(status_code=204)

    async def wanted(request: Request) -> Response:
        team = team_of(request)
        (await authenticate(request, manifest)).require(team)
        return JSONResponse({"required": await store.requires_signatures(team)})

    async def want(request: Request) -> Response:
        by = await authenticate(request, manifest)
        by.require_operator()
        body, team = await body_of(request, Wanted), team_of(request)
        action: Action = "signatures.required" if body.required else "signatures.optional"
        told = entry(by, manifest.now(), action, team, team)
        await store.require_signatures(team, told, required=body.required)
        return JSONResponse({"required": body.required})

    return [
        Route("/deploy/teams/{team}/keys", with_problems(listed), methods=["GET"]),
        Route("/deploy/teams/{team}/keys", with_problems(add), methods=["POST"]),
        Route("/deploy/teams/{team}/keys/{key}", with_problems(revoke), methods=["DELETE"]),
        Route("/deploy/teams/{team}/signatures", with_problems(wanted), methods=["GET"]),
        Route("/deploy/teams/{team}/signatures", with_problems(want), methods=["PUT"]),
    ]


def key_document(key: TeamKey) -> dict[str, Any]:
    """Return a key as the API answers it."""
    return {
        "id": key.id,
        "team": key.team,
        "label": key.label,
        "createdAt": key.created_at.isoformat(timespec="milliseconds"),
        "revokedAt": key.revoked_at.isoformat(timespec="milliseconds") if key.revoked_at else None,
    }


def _key(team: str, body: NewKey, now: datetime) -> TeamKey:
    try:
        public = read_public_key(body.publicKey.encode())
    except ValueError as error:
        raise Problem.invalid([FieldError("/publicKey", str(error))]) from error
    return TeamKey(team, key_id(public), public, body.label, now)
