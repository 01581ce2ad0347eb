"""Deploy tokens over HTTP: operators make, list and revoke them; anyone may ask what their own is for."""

from datetime import timedelta
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.access import issue_token, revoke_token
from portico.manifest.http.auth import authenticate
from portico.manifest.http.parameters import body_of
from portico.manifest.http.problems import with_problems
from portico.manifest.http.teams import AppName, Label, TeamOrEvery
from portico.manifest.manifest import Manifest

_UNSTORED = {"Cache-Control": "no-store"}


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST``: for which team or app, whose it is, and how many days it works."""

    team: TeamOrEvery
    app: AppName | None = None
    label: Label = ""
    days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 90


def token_routes(manifest: Manifest) -> list[Route]:
    """Return ``/deploy/tokens`` and ``/deploy/whoami``. All of them want a deploy token."""
    store = manifest.store.access

    async def listed(request: Request) -> Response:
        (await authenticate(request, manifest)).require_operator()
        now = manifest.now()
        return JSONResponse({"tokens": [token.to_document(now) for token in await store.tokens()]})

    async def create(request: Request) -> Response:
        by = await authenticate(request, manifest)
        by.require_operator()
        body, now = await body_of(request, NewToken), manifest.now()
        record, secret = await issue_token(
            store,
            body.team,
            app=body.app,
            label=body.label.strip() or body.team,
            lifetime=timedelta(days=body.days),
            now=now,
            by=by,
        )
        return JSONResponse(record.to_document(now) | {"token": secret}, status_code=201, headers=_UNSTORED)

    async def revoke(request: Request) -> Response:
        by = await authenticate(request, manifest)
        by.require_operator()
        await revoke_token(store, request.path_params["token"], now=manifest.now(), by=by)
        return Response(status_code=204)

    async def whoami(request: Request) -> Response:
        by = await authenticate(request, manifest)
        scopes = [{"team": scope.team, "app": scope.app} for scope in by.scopes]
        document = by.to_document(manifest.now()) | {"operator": by.is_operator, "scopes": scopes}
        return JSONResponse(document, headers=_UNSTORED)

    return [
        Route("/deploy/tokens", with_problems(listed), methods=["GET"]),
        Route("/deploy/tokens", with_problems(create), methods=["POST"]),
        Route("/deploy/tokens/{token}", with_problems(revoke), methods=["DELETE"]),
        Route("/deploy/whoami", with_problems(whoami), methods=["GET"]),
    ]
