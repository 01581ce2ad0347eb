"""``GET /deploy/audit``: who let whom deploy, newest first. A team reads what is about itself."""

import re
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.access import AuditEntry
from portico.manifest.errors import InvalidCursor
from portico.manifest.http.auth import authenticate
from portico.manifest.http.parameters import limit_of
from portico.manifest.http.problems import with_problems
from portico.manifest.manifest import Manifest

_CURSOR = re.compile(r"([0-9]{1,14})\.([0-9a-f]{16})")


def audit_routes(manifest: Manifest) -> list[Route]:
    """Return the route of the audit log."""

    async def audit(request: Request) -> Response:
        by = await authenticate(request, manifest)
        if not by.is_operator:
            by.require(by.team)
        limit, cursor = limit_of(request), request.query_params.get("cursor")
        before = _read(cursor) if cursor is not None else None
        team = None if by.is_operator else by.team
        found = await manifest.store.access.audit(team=team, before=before, limit=limit + 1)
        shown = [one.to_document() for one in found[:limit]]
        return JSONResponse({"entries": shown, "cursor": _cursor(found[limit - 1]) if len(found) > limit else None})

    return [Route("/deploy/audit", with_problems(audit), methods=["GET"])]


def _cursor(entry: AuditEntry) -> str:
    return f"{round(entry.at.timestamp() * 1000)}.{entry.id}"


def _read(cursor: str) -> tuple[datetime, str]:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidCursor(f"{cursor[:80]!r} is not a cursor of this list")
    return datetime.fromtimestamp(int(found[1]) / 1000, UTC), found[2]
