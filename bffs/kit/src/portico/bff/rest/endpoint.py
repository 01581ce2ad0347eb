"""Serving declared operations: authorize, bind, run, answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from portico.bff.authorizer import Requirement, identity_of
from portico.bff.call import Call
from portico.bff.commands import run_command
from portico.bff.errors import DeclarationError
from portico.bff.refusals import note_refusal
from portico.bff.rest.binding import Binder
from portico.bff.rest.caching import CacheRule, entity_tag, matches
from portico.bff.rest.operation import Operation, Reply
from portico.bff.unit_of_work import UnitOfWork
from portico.problem import Problem


class Endpoint:
    """One operation, ready to answer requests."""

    def __init__(self, operation: Operation, access: Requirement) -> None:
        self._operation = operation
        self._access = access
        self._binder = Binder(operation.signature)

    async def answer(self, request: Request) -> Response:
        """The response to one request; raises Problems."""
        try:
            self._access.check(identity_of(request.scope))
        except Problem as refusal:
            await note_refusal(request, self._operation.name, refusal)
            raise
        arguments = await self._binder.arguments(request)
        if not self._operation.is_command:
            return self._respond(request, await self._operation.handler(Call(request), **arguments))

        async def run(uow: UnitOfWork) -> Response:
            result = await self._operation.handler(Call(request, uow=uow), uow=uow, **arguments)
            return self._respond(request, result)

        return await run_command(request, run)

    def _respond(self, request: Request, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        reply = result if isinstance(result, Reply) else Reply(result)
        status = reply.status or self._operation.status
        if reply.value is None and status == 204:
            return Response(status_code=204, headers=dict(reply.headers))
        body = msgspec.json.encode(reply.value)
        response = Response(body, status, {**reply.headers}, "application/json")
        if self._operation.cache is None:
            response.headers.setdefault("Cache-Control", "no-store")
            return response
        return _conditional(request, response, self._operation.cache)


def _conditional(request: Request, response: Response, rule: CacheRule) -> Response:
    response.headers.setdefault("Cache-Control", rule.header())
    response.headers.setdefault("ETag", entity_tag(bytes(response.body)))
    if response.status_code == 200 and matches(request.headers.get("if-none-match"), response.headers["ETag"]):
        kept = {
            name: value for name, value in response.headers.items() if name not in {"content-length", "content-type"}
        }
        return Response(status_code=304, headers=kept)
    return response


class Resource:
    """All operations of one path, as an ASGI application."""

    def __init__(self, endpoints: dict[str, Endpoint]) -> None:
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; Starlette has refused other methods already."""
        request = Request(scope, receive)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        response = await self._endpoints[method].answer(request)
        await response(scope, receive, send)


def build_routes(operations: Sequence[Operation]) -> list[Route]:
    """Starlette routes for the operations, one per path. DeclarationError: declared twice, or nobody may call it."""
    paths: dict[str, dict[str, Endpoint]] = {}
    for operation, access in _checked(operations):
        endpoints = paths.setdefault(operation.path, {})
        if operation.method in endpoints:
            raise DeclarationError(f"{operation}: this method and path are declared twice")
        endpoints[operation.method] = Endpoint(operation, access)
    return [Route(path, Resource(endpoints), methods=sorted(endpoints), name=path) for path, endpoints in paths.items()]


def _checked(operations: Iterable[Operation]) -> Iterable[tuple[Operation, Requirement]]:
    names: set[str] = set()
    for operation in operations:
        if not isinstance(operation, Operation):
            raise DeclarationError(f"{operation!r} is not a declared operation; use portico.bff.rest.get, post, ...")
        if operation.access is None:
            raise DeclarationError(f"{operation}: it does not say who may call it; add access=require() or public()")
        if operation.name in names:
            raise DeclarationError(f"{operation}: another operation has the same handler name")
        names.add(operation.name)
        yield operation, operation.access
