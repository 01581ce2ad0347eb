"""Reading and changing flags. Every change says which revision it was decided on, or that there should be none."""

import re
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.errors import InvalidCursor
from portico.manifest.flags.flag import FlagRevision
from portico.manifest.http.auth import authenticate
from portico.manifest.http.idempotency import key_of, once_kept
from portico.manifest.http.parameters import bases_of, body_of, limit_of, number_of
from portico.manifest.http.problems import with_problems
from portico.manifest.manifest import Manifest
from portico.manifest.schemas import load_schema
from portico.manifest.snapshot import revision_etag
from portico.problem import FieldError, Problem

_KEY = re.compile(load_schema("flag")["$defs"]["key"]["pattern"].removesuffix("$"))
_TEAM = re.compile(load_schema("flag")["properties"]["team"]["pattern"].removesuffix("$"))


class Removal(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``DELETE``: why."""

    why: Annotated[str, msgspec.Meta(max_length=500, pattern="^[^\\x00-\\x1f\\x7f]*$")] = ""


def flag_routes(manifest: Manifest) -> list[Route]:
    """Return the routes below ``/deploy/flags``. All of them want a deploy token."""
    flags = manifest.flags

    async def listed(request: Request) -> Response:
        await authenticate(request, manifest)
        limit = limit_of(request)
        found = await flags.page(team=_team(request), after=_cursor(request), limit=limit + 1)
        cursor = found[limit - 1].key if len(found) > limit else None
        return JSONResponse({"flags": [one.to_document() for one in found[:limit]], "cursor": cursor})

    async def show(request: Request) -> Response:
        await authenticate(request, manifest)
        return _revision(await flags.get(_key(request)))

    async def put(request: Request) -> Response:
        by = await authenticate(request, manifest)
        key, base = _key(request), _base(request)
        body = await body_of(request, dict[str, Any])

        async def act() -> Response:
            changed, created = await flags.put(key, body, base=base, by=by, why=_why(body))
            return _revision(changed, created=created)

        return await once_kept(manifest, key_of(request, by, body), act)

    async def delete(request: Request) -> Response:
        by = await authenticate(request, manifest)
        key, base = _key(request), _base(request)
        body = await body_of(request, Removal)
        if base is None:
            raise Problem("invalid-if-match", status=400, detail="What there is not cannot be deleted: send If-Match.")

        async def act() -> Response:
            return _revision(await flags.delete(key, base=base, by=by, why=body.why.strip()))

        return await once_kept(manifest, key_of(request, by, body), act)

    async def history(request: Request) -> Response:
        await authenticate(request, manifest)
        limit = limit_of(request)
        found = await flags.history(_key(request), before=number_of(request, "cursor"), limit=limit + 1)
        cursor = found[limit - 1].number if len(found) > limit else None
        return JSONResponse({"revisions": [one.to_document() for one in found[:limit]], "cursor": cursor})

    return [
        Route("/deploy/flags", with_problems(listed), methods=["GET"]),
        Route("/deploy/flags/{flag}", with_problems(show), methods=["GET"]),
        Route("/deploy/flags/{flag}", with_problems(put), methods=["PUT"]),
        Route("/deploy/flags/{flag}", with_problems(delete), methods=["DELETE"]),
        Route("/deploy/flags/{flag}/history", with_problems(history), methods=["GET"]),
    ]


def _key(request: Request) -> str:
    key: str = request.path_params["flag"]
    if not _KEY.fullmatch(key):
        raise Problem.not_found(f"{key[:80]!r} cannot be a flag's key.")
    return key


def _team(request: Request) -> str | None:
    team = request.query_params.get("team")
    if team is not None and not _TEAM.fullmatch(team):
        raise Problem.invalid([FieldError("query:team", "cannot be a team's name")])
    return team


def _cursor(request: Request) -> str:
    cursor = request.query_params.get("cursor")
    if cursor is not None and not _KEY.fullmatch(cursor):
        raise InvalidCursor(f"{cursor[:80]!r} is not a cursor of this list")
    return cursor or ""


def _base(request: Request) -> frozenset[int] | None:
    """Return the revisions of ``If-Match``, ``None`` for ``If-None-Match: *``: there should be no such flag.

    Raises a 428 problem without either, and a 400 problem for anything else (RFC 9110, 13.1).
    """
    none = request.headers.get("if-none-match")
    if none is None and "if-match" not in request.headers:
        detail = "Send If-Match with the flag's ETag, or If-None-Match: * to make the flag."
        raise Problem("precondition-required", status=428, detail=detail)
    if none is None:
        return bases_of(request)
    if none.strip() != "*" or "if-match" in request.headers:
        raise Problem("invalid-if-match", status=400, detail="If-None-Match takes * here, alone.")
    return None


def _why(document: dict[str, Any]) -> str:
    why = document.get("why")  # of any kind: the document is checked as a whole
    return why.strip() if isinstance(why, str) else ""


def _revision(revision: FlagRevision, *, created: bool = False) -> Response:
    headers = {"ETag": revision_etag(revision.number), "Cache-Control": "no-cache"}
    if created:
        headers["Location"] = f"/deploy/flags/{revision.key}"
    return JSONResponse(revision.to_document(), status_code=201 if created else 200, headers=headers)
