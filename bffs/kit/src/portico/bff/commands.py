"""Running a command: one transaction with its answer, repeated requests answered alike (`Idempotency-Key`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from portico.bff.authorizer import identity_of
from portico.bff.call import parts_of
from portico.bff.command_headers import base_version_of, command_of
from portico.bff.errors import DeclarationError
from portico.bff.idempotency import idempotent, request_hash
from portico.bff.idempotency_record import StoredResponse
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork

_NOT_STORED = frozenset({"content-length", "date"})


async def run_command(request: Request, run: Callable[[UnitOfWork], Awaitable[Response]]) -> Response:
    """Run a command in a unit of work and answer it; the commit happens after `run` made the response.

    A repetition under the same Idempotency-Key gets the first answer with `Idempotency-Replayed: true`. Raises what
    `portico.bff.idempotency.idempotent` raises, `LaneInvalid` and `IfMatchInvalid`, and the 401 Problem: a command is
    somebody's.
    """
    claims = identity_of(request.scope).required()
    key, admission = command_of(request)
    base_version_of(request)  # a version nobody can read is refused, whether or not the command looks at it
    digest = request_hash(request.method, _target(request), await request.body())

    async def answer(uow: UnitOfWork) -> StoredResponse:
        response = await run(uow)
        if 300 <= response.status_code < 400:
            # Browsers do not show it to whoever sent it: it would be done, and sent again for ever.
            raise DeclarationError("a command is answered with a redirect; answer 201 with a Location instead")
        return _stored(response)

    store = parts_of(request).get(EntityStore)
    trace = request.headers.get("traceparent")
    stored = await idempotent(store, claims, key, digest, answer, admission=admission, traceparent=trace)
    response = Response(stored.body, stored.status)
    if not stored.body and stored.status == 204:
        response = Response(status_code=204)
    for name, value in stored.headers:
        response.headers[name] = value
    if stored.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _target(request: Request) -> str:
    path: str = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return f"{path}?{request.url.query}" if request.url.query else path


def _stored(response: Response) -> StoredResponse:
    headers = tuple((name, value) for name, value in response.headers.items() if name not in _NOT_STORED)
    return StoredResponse(status=response.status_code, body=bytes(response.body), headers=headers)
