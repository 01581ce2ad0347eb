"""A tiny service for tests: it calls the notes BFF, for who calls it and on its own behalf."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.applications import Starlette

from portico.bff import Call, create_bff, require
from portico.bff.assertion import Service
from portico.bff.rest import get, post
from portico.bff.rest.operation import Operation

NOTES = "urn:portico:bff:test"


async def _ask(method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=os.environ["NOTES_URL"], trust_env=False) as client:
        body = {"text": "from reports"} if method == "POST" else None
        answer = await client.request(method, path, headers=headers, json=body)
    return {"status": answer.status_code, "body": answer.json()}


async def write_for_caller(call: Call) -> dict[str, Any]:
    """Write a note that belongs to who calls."""
    return await _ask("POST", "/notes", call.get(Service).headers_for(call, NOTES))


async def read_for_caller(call: Call) -> dict[str, Any]:
    """Read what only some people may."""
    return await _ask("GET", "/cooks", call.get(Service).headers_for(call, NOTES))


async def read_as_itself(call: Call) -> dict[str, Any]:
    """Read what only some services may, whoever calls."""
    return await _ask("GET", "/scoped", call.get(Service).headers(NOTES, scopes=["special", "everything"]))


ROUTES: list[Operation] = [
    post("/notes", write_for_caller, access=require()),
    get("/cooks", read_for_caller, access=require()),
    get("/scoped", read_as_itself, access=require()),
]


def create_app(settings: Mapping[str, str], **changes: Any) -> Starlette:
    return create_bff(settings, routes=ROUTES, store=False, title="Reports", **changes)
