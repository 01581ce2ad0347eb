"""A tiny BFF made with the kit: a person's list of 20 items, by REST and by GraphQL; its floor, and its peer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.asgi import GraphQL

from portico.bff import Call, EntityStore, EntityType, Parts, create_bff, public, require
from portico.bff.graphql import BffSchema, field
from portico.bff.rest import CacheRule, get

PERSON = "ada"
QUERY = "query Items($limit: Int!) { items(limit: $limit) { id title priceCents tags } }"
GRAPHQL_BODY = msgspec.json.encode({"query": QUERY, "variables": {"limit": 20}})


class Item(msgspec.Struct, rename="camel"):
    """One item of the list."""

    id: str
    title: str
    price_cents: int
    tags: list[str]


class Items(msgspec.Struct):
    """The list."""

    items: list[Item]


class Greeting(msgspec.Struct):
    """A small answer."""

    hello: str


ITEM = EntityType("item", Item)
ITEMS = [Item(f"item-{n:02}", f"Item number {n} of the list", 100 + n, ["one tag", "another"]) for n in range(20)]


async def list_items(call: Call, *, limit: int = 20) -> Items:
    """List my items."""
    async with call.read() as uow:
        page = await uow.query(ITEM, limit=limit)
    return Items([stored.entity for stored in page.items])


async def greet_anybody(_call: Call) -> Greeting:
    """Greet whoever asks."""
    return Greeting(PERSON)


async def greet_me(call: Call) -> Greeting:
    """Greet the person that the token speaks for."""
    return Greeting(call.claims.sub)


Info = strawberry.Info[Call, None]


@strawberry.type(name="Item")
class ItemType:
    id: strawberry.ID
    title: str
    price_cents: int
    tags: list[str]


@strawberry.type
class Query:
    @field(require())
    async def items(self, info: Info, limit: int) -> list[ItemType]:
        async with info.context.read() as uow:
            page = await uow.query(ITEM, limit=limit)
        return [
            ItemType(
                id=strawberry.ID(stored.entity.id),
                title=stored.entity.title,
                price_cents=stored.entity.price_cents,
                tags=stored.entity.tags,
            )
            for stored in page.items
        ]


@asynccontextmanager
async def seeded(parts: Parts) -> AsyncIterator[None]:
    """The 20 items, in an empty store."""
    async with parts.get(EntityStore).system_unit_of_work("seed") as uow:
        if await uow.get(ITEM, ITEMS[0].id) is None:
            for item in ITEMS:
                await uow.put(ITEM, item.id, item, owner=PERSON)
            await uow.commit()
    yield


ROUTES = [
    get("/items", list_items, access=require(), cache=CacheRule()),
    get("/public", greet_anybody, access=public()),
    get("/mine", greet_me, access=require()),
]


def create_app(settings: Mapping[str, str]) -> Starlette:
    """The BFF as a team would write it."""
    return create_bff(settings, routes=ROUTES, schema=BffSchema(query=Query), parts=[seeded], title="Listing")


def create_peer(settings: Mapping[str, str]) -> Starlette:
    """The same store, identity, query and guards, with GraphQL served by Strawberry's own view."""
    app = create_bff(settings, parts=[seeded], title="Peer")
    view = _PeerView(strawberry.Schema(query=Query), graphql_ide=None)
    app.router.routes.append(Route("/graphql", view, methods=["POST"]))
    return app


def create_floor(_settings: Mapping[str, str]) -> Starlette:
    """The same bytes from bare Starlette: no identity, no store, nothing to encode."""
    return Starlette(
        routes=[
            Route("/healthz", _constant({"status": "ok"})),
            Route("/items", _constant(Items(ITEMS))),
            Route("/mine", _constant(Greeting(PERSON))),
        ]
    )


class _PeerView(GraphQL[Call, None]):
    async def get_context(self, request: Request, response: Response) -> Call:  # type: ignore[override]  # noqa: ARG002
        return Call(request)


def _constant(value: object) -> Callable[[Request], Awaitable[Response]]:
    body = msgspec.json.encode(value)

    async def answer(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    return answer
