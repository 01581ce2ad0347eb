"""Who calls the façade: the configured user (RFC 7617), or the bearer of an operator's deploy token."""

import base64
import binascii
import hmac

from starlette.requests import Request

from portico.manifest.http.auth import authenticate
from portico.manifest.imd.errors import CredentialsNeeded
from portico.manifest.imd.settings import ImdSettings
from portico.manifest.manifest import Manifest

ANYONE = "imd"
"""Who changed a channel, as its history says it, when no credentials are wanted."""


async def caller(request: Request, manifest: Manifest, settings: ImdSettings, *, changes: bool) -> str:
    """Return who calls, as history says it.

    Externals belong to no team, so a deploy token has to be an operator's. Raises ``CredentialsNeeded``,
    ``InvalidToken``, ``NotOperator``.
    """
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    wanted = settings.credentials
    if scheme.lower() == "bearer":
        token = await authenticate(request, manifest)
        token.require_operator()
        return token.label
    if wanted is not None:
        user = _user(credentials, wanted) if scheme.lower() == "basic" else None
        if user is None:
            raise CredentialsNeeded("send the user and password of the import-map-deployer settings (HTTP Basic)")
        return f"{ANYONE}:{user}"
    if changes and not settings.anyone_may_change:
        raise CredentialsNeeded(
            "no username and password are configured: send an operator's deploy token (Authorization: Bearer ...)"
        )
    return ANYONE


def _user(credentials: str, wanted: tuple[str, str]) -> str | None:
    try:
        given = base64.b64decode(credentials.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    # One comparison in constant time: how long it takes says nothing about how much was right.
    return wanted[0] if hmac.compare_digest(given, ":".join(wanted).encode()) else None
