"""`/asyncapi.json` of every BFF that has a store: the events that it tells and hears."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.bff.contracts.asyncapi import asyncapi
from portico.bff.listener import Listener
from portico.bff.rest.caching import CacheRule, entity_tag, matches
from portico.schemas import SchemaFile, installed


@lru_cache(maxsize=1)
def known_schemas() -> tuple[SchemaFile, ...]:
    """The schemas of all services that are installed beside this one, read once. Raises ``SchemaRefused``."""
    return installed()


def asyncapi_route(service: str, listener: Listener | None, *, title: str, version: str) -> Route:
    """The route; the document is made when somebody asks."""

    @lru_cache(maxsize=1)
    def document() -> bytes:
        rules = listener.rules if listener is not None else ()
        return msgspec.json.encode(asyncapi(service, rules, known_schemas(), title=title, version=version))

    async def answer(request: Request) -> Response:
        body = document()
        headers = {"ETag": entity_tag(body), "Cache-Control": CacheRule().header()}
        if matches(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    return Route("/asyncapi.json", answer, methods=["GET"])
