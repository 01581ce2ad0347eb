"""``GET /deploy/openapi.json``, for anyone: what the API is, is no secret."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.manifest.canonical import canonical_json
from portico.manifest.openapi.document import Paths, openapi_document


def openapi_routes(further: Paths | None = None) -> list[Route]:
    """Return the route of the document; ``further`` are paths of the host."""
    content = canonical_json(openapi_document(further))

    async def document(_request: Request) -> Response:
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return Response(content, headers=headers, media_type="application/openapi+json")

    return [Route("/deploy/openapi.json", document, methods=["GET"])]
