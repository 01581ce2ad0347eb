"""Tells clients that a sign-in has ended (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import httpx2

from portico.host.clock import Clock
from portico.host.devidp.config import DevClient, DevProviderConfig
from portico.host.tokens.keys import Signer

LOGOUT_TYPE = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LIFETIME_S = 120
_PATIENCE_S = 2.0

_logger = logging.getLogger(__name__)


class BackchannelLogout:
    """Posts a logout token to each client that has an address for it. Best effort: who is down is not waited for.

    `transport` replaces the network in tests.
    """

    def __init__(
        self,
        config: DevProviderConfig,
        keys: Signer,
        clock: Clock,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._config = config
        self._keys = keys
        self._clock = clock
        self._options: dict[str, Any] = {"timeout": _PATIENCE_S, "follow_redirects": False, "trust_env": False}
        if transport is not None:
            self._options["transport"] = transport

    async def tell(self, client_ids: Iterable[str], *, sub: str, sid: str) -> None:
        """Tell these clients that the sign-in `sid` has ended; within two seconds, raises nothing."""
        clients = [client for client_id in client_ids if (client := self._config.client(client_id)) is not None]
        told = [client for client in clients if client.backchannel_logout_uri is not None]
        if told:
            async with httpx2.AsyncClient(**self._options) as http:
                await asyncio.gather(*(self._post(http, client, sub, sid) for client in told))

    async def _post(self, http: httpx2.AsyncClient, client: DevClient, sub: str, sid: str) -> None:
        url = str(client.backchannel_logout_uri)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                answer = await http.post(url, data={"logout_token": self._token(client, sub, sid)})
            if answer.status_code not in {200, 204}:
                _logger.warning("%s answered %s to a back-channel logout", url, answer.status_code)
        except (httpx2.HTTPError, TimeoutError) as error:
            _logger.warning("%s does not take a back-channel logout: %r", url, error)

    def _token(self, client: DevClient, sub: str, sid: str) -> str:
        now = int(self._clock())
        claims = {
            "iss": self._config.issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + _LIFETIME_S,
            "jti": str(uuid4()),
            "sub": sub,
            "sid": sid,
            "events": {EVENT: {}},
        }
        return self._keys.sign(claims, typ=LOGOUT_TYPE)
