"""``GET /deploy/channels``: which channels there are."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.errors import InvalidCursor
from portico.manifest.http.auth import authenticate
from portico.manifest.http.parameters import CHANNEL_NAME, limit_of
from portico.manifest.http.problems import with_problems
from portico.manifest.manifest import Manifest


def channel_list_routes(manifest: Manifest) -> list[Route]:
    """Return the route of the list. It wants a deploy token."""

    async def listed(request: Request) -> Response:
        await authenticate(request, manifest)
        after, limit = request.query_params.get("cursor"), limit_of(request)
        if after is not None and not CHANNEL_NAME.fullmatch(after):
            raise InvalidCursor(f"{after[:80]!r} is not a cursor of this list")
        found = await manifest.store.channels(after=after or "", limit=limit + 1)
        shown = [one.to_document() for one in found[:limit]]
        return JSONResponse({"channels": shown, "cursor": found[limit - 1].channel if len(found) > limit else None})

    return [Route("/deploy/channels", with_problems(listed), methods=["GET"])]
