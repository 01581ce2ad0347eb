"""Who may deploy: the bearer of a deploy token (RFC 6750)."""

from starlette.requests import Request

from portico.manifest.errors import InvalidToken
from portico.manifest.manifest import Manifest
from portico.manifest.tokens import DeployToken, token_hash

_LONGEST = 512


async def authenticate(request: Request, manifest: Manifest) -> DeployToken:
    """Return the request's deploy token; raises ``InvalidToken``, which says no more than what is needed to mend it."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("send the header Authorization: Bearer <deploy token>")
    known = await manifest.store.access.token(token_hash(token.strip())) if len(token) <= _LONGEST else None
    if known is None:
        raise InvalidToken("this deploy token is not known here")
    if not known.usable(manifest.now()):
        reason = "was revoked" if known.revoked_at else f"expired at {known.expires_at.isoformat(timespec='seconds')}"
        raise InvalidToken(f"this deploy token {reason}")
    return known
