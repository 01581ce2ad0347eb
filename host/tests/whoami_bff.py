"""A BFF that says what the token of the call says: mounted in a host, or in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette

from portico.bff import Call, create_bff, require
from portico.bff.rest import get


async def whoami(call: Call) -> dict[str, Any]:
    """Say who is asking, and by whose token."""
    claims = call.claims
    return {
        "sub": claims.sub,
        "name": claims.name,
        "roles": sorted(claims.roles),
        "tenant": claims.tenant,
        "issuer": claims.issuer,
        "audience": claims.audience,
        "token": claims.token_id,
    }


def create_app(settings: Mapping[str, str]) -> Starlette:
    """Build the BFF."""
    return create_bff(settings, routes=[get("/whoami", whoami, access=require())], store=False, title="Who am I")
