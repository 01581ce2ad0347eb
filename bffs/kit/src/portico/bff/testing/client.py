"""An HTTP client for an application in this process, with its lifespan and a signed-in person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from portico.bff.testing.tokens import TokenIssuer


class BffClient(httpx.AsyncClient):
    """Talks to an application in this process; `signed_in` makes clients for persons."""

    def __init__(self, app: Starlette, issuer: TokenIssuer, headers: dict[str, str] | None = None) -> None:
        # Answers of 500 are looked at as clients see them; what was raised is in the log.
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        super().__init__(transport=transport, base_url="http://bff.test", headers=headers)
        self.app = app
        self.issuer = issuer

    def signed_in(self, sub: str = "ada", *, roles: tuple[str, ...] = (), **claims: Any) -> BffClient:
        """Another client, for a person with roles; `claims` change the token's claims."""
        return BffClient(self.app, self.issuer, self.issuer.headers(sub, roles=roles, **claims))

    async def graphql(self, query: str, /, headers: dict[str, str] | None = None, **variables: Any) -> httpx.Response:
        """POST a GraphQL document with its variables to `/graphql`."""
        return await self.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


@asynccontextmanager
async def running(app: Starlette, issuer: TokenIssuer) -> AsyncIterator[BffClient]:
    """A client of nobody in particular, while the application's lifespan runs."""
    async with app.router.lifespan_context(app), BffClient(app, issuer) as client:
        yield client
