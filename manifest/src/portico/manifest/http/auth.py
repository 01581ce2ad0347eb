"""Who may deploy: the bearer of a deploy token or of a CI job's own token (RFC 6750)."""

from starlette.requests import Request

from portico.manifest.errors import InvalidToken
from portico.manifest.manifest import Manifest
from portico.manifest.tokens import DeployToken


async def authenticate(request: Request, manifest: Manifest) -> DeployToken:
    """Return what the request's bearer may do; raises ``InvalidToken`` with what is needed to mend it.

    Raises ``IssuerUnavailable`` when a CI's token cannot be checked just now.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("send the header Authorization: Bearer <deploy token>")
    return await manifest.bearers.principal(token.strip())
