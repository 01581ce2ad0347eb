"""CPU per request of a BFF in its own process: a verified token, a REST list, a GraphQL query."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from benchmarks.listing_bff import GRAPHQL_BODY, PERSON
from benchmarks.measure import Scale, Target, cpu_per_request
from benchmarks.processes import serving
from benchmarks.table import COST_COLUMNS, Table, cost_rows
from portico.bff.testing.tokens import TokenIssuer
from portico.serving import check_port

SMALL, LIST = "bare Starlette, small answer", "bare Starlette, the list's bytes"
_FLOORS = {
    "kit, public, no token": SMALL,
    "kit, verified token": SMALL,
    "kit, REST list, verified token": LIST,
    "kit, GraphQL list, verified token": LIST,
    "Strawberry's own view, same list": LIST,
}


async def run(scale: Scale, folder: Path) -> Table:
    """Measure every case against bare Starlette answering with the same bytes."""
    issuer = TokenIssuer(audience="urn:portico:bff:listing")
    token = issuer.headers(PERSON)
    asking = {**token, "Content-Type": "application/json", "Accept": "application/graphql-response+json"}
    async with AsyncExitStack() as stack:
        jwks_url = await stack.enter_async_context(published(issuer))
        settings = {"PORTICO_APP": "listing", "PORTICO_ISSUER": issuer.issuer, "PORTICO_JWKS_URL": jwks_url}
        floor, kit, peer = [
            await stack.enter_async_context(
                serving(
                    *("portico.bff", "serve", f"benchmarks.listing_bff:{factory}", "--port", str(port)),
                    url=f"http://127.0.0.1:{port}",
                    environment={**settings, "DATABASE_URL": f"sqlite:///{folder / factory}.db", "NATS_URL": ""},
                )
            )
            for factory in ("create_floor", "create_app", "create_peer")
            if (port := check_port("127.0.0.1", 0))
        ]
        cases = [
            Target(kit, "/public"),
            Target(kit, "/mine", headers=token),
            Target(kit, "/items", headers=token),
            Target(kit, "/graphql", "POST", asking, GRAPHQL_BODY),
            Target(peer, "/graphql", "POST", asking, GRAPHQL_BODY),
        ]
        targets = {
            SMALL: Target(floor, "/mine"),
            LIST: Target(floor, "/items"),
            **dict(zip(_FLOORS, cases, strict=True)),
        }
        figures = await cpu_per_request(targets, scale)
    ratio = figures["Strawberry's own view, same list"].ratio(figures["kit, GraphQL list, verified token"])
    return Table(
        "CPU per request of a BFF in its own process (20 items from SQLite)",
        COST_COLUMNS,
        cost_rows(figures, _FLOORS),
        [f"Strawberry's own view, without our caches, costs {ratio:.2f} times the kit's."],
    )


@asynccontextmanager
async def published(issuer: TokenIssuer) -> AsyncIterator[str]:
    """The URL of the issuer's keys, served from this process."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=issuer.key_set(), content_type="application/json")

    app = web.Application()
    app.router.add_get("/jwks.json", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port := check_port("127.0.0.1", 0))
    await site.start()
    try:
        yield f"http://127.0.0.1:{port}/jwks.json"
    finally:
        await runner.cleanup()
