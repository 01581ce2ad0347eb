"""`/revoke`: a client gives up a refresh token (RFC 7009)."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from portico.host.devidp.clients import authenticated_client
from portico.host.devidp.config import DevProviderConfig
from portico.host.devidp.parameters import read_form
from portico.host.devidp.refresh import RefreshGrants


class Revocation:
    """Ends the family of a refresh token. An access token ends by itself, in minutes."""

    def __init__(self, config: DevProviderConfig, *, refresh: Callable[[], RefreshGrants]) -> None:
        self._config = config
        self._refresh = refresh

    async def revoke(self, request: Request) -> Response:
        """`POST /revoke`: 200 whatever the token is (RFC 7009, 2.2); raises TokenRefusal for an unknown client."""
        form = await read_form(request)
        client = authenticated_client(request, form, self._config)
        await self._refresh().revoke(form.get("token", ""), client.client_id)
        return Response(headers={"Cache-Control": "no-store"})
