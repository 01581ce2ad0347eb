"""The GraphQL endpoint: one document per request, within limits, by the GraphQL-over-HTTP specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult

from portico.bff.authorizer import identity_of
from portico.bff.call import Call, parts_of
from portico.bff.commands import run_command
from portico.bff.edge import as_problem
from portico.bff.errors import IdempotencyError
from portico.bff.graphql.documents import Documents, Operation, Prepared
from portico.bff.graphql.errors import format_error, problem_error, status_of
from portico.bff.graphql.limits import Limits, too_many_values
from portico.bff.graphql.protocol import RESPONSE, GraphQLRequest, media_type, read_request
from portico.bff.graphql.schema import BffSchema
from portico.bff.refusals import note_refusal
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork
from portico.problem import Problem, masked

METHODS = ("GET", "POST")


class GraphQLCall(Call):
    """The call of one GraphQL request, with its prepared document."""

    def __init__(self, request: Request, prepared: Prepared, *, uow: UnitOfWork | None = None) -> None:
        super().__init__(request, uow=uow)
        self.prepared = prepared


class GraphQLEndpoint:
    """Serves a schema as an ASGI application."""

    def __init__(self, schema: BffSchema, *, limits: Limits, introspection: bool) -> None:
        self._schema = schema
        self._requirements = schema.requirements()
        served = (self._requirements.get(kind, {}).values() for kind in ("query", "mutation"))
        self._public = any(not requirement.signed_in for fields in served for requirement in fields)
        # Strawberry keeps the graphql-core schema in an attribute without a public name.
        self._documents = Documents(schema._schema, limits, introspection=introspection)  # noqa: SLF001
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; Starlette has refused other methods already."""
        request = Request(scope, receive)
        kind = media_type(request.headers.get("accept"))
        response = await self._answer(request, kind)
        if request.method == "HEAD":
            response.body = b""
        await response(scope, receive, send)

    async def _answer(self, request: Request, kind: str) -> Response:
        identity = identity_of(request.scope)
        if identity.refusal is not None or not self._public:
            # Where nobody in particular may do anything, nothing of theirs is read or parsed.
            identity.required()
        asked = await read_request(request)
        if len(asked.query.encode()) > self._limits.bytes:
            raise Problem.of_status(413, f"A GraphQL document has at most {self._limits.bytes} bytes.")
        if too_many_values(asked.variables, self._limits.values):
            return _refuse(kind, [{"message": _many_values(self._limits.values)}])
        prepared = self._documents.prepare(asked.query)
        operation = prepared.select(asked.operation_name)
        if operation is None:
            errors = prepared.errors or (GraphQLError(_no_operation(prepared, asked)),)
            return _refuse(kind, [error.formatted for error in errors])
        self._admit(request, operation)
        if operation.kind == "mutation" and identity.claims is not None and EntityStore in parts_of(request):
            return await self._command(request, kind, asked, prepared)
        result = await self._execute(GraphQLCall(request, prepared), asked)
        return self._result(request, kind, result, command=operation.kind == "mutation")

    def _admit(self, request: Request, operation: Operation) -> None:
        if operation.kind == "subscription":
            raise Problem.of_status(400, "Subscriptions are not served here.")
        if operation.kind == "mutation" and request.method != "POST":
            raise Problem.of_status(405, "A GET may only carry a query.", headers={"Allow": "POST"})
        requirements = self._requirements.get(operation.kind, {})
        if any(root in requirements and requirements[root].signed_in for root in operation.roots):
            identity_of(request.scope).required()

    async def _execute(self, call: GraphQLCall, asked: GraphQLRequest) -> ExecutionResult:
        result = await self._schema.execute(
            asked.query,
            variable_values=asked.variables,
            context_value=call,
            operation_name=asked.operation_name,
        )
        for field, refusal in call.refusals.items():
            await note_refusal(call.request, field, refusal)
        return result

    async def _command(self, request: Request, kind: str, asked: GraphQLRequest, prepared: Prepared) -> Response:
        """A mutation is one command: all its fields take effect and the answer is kept under its key, or none does."""

        async def run(uow: UnitOfWork) -> Response:
            result = await self._execute(GraphQLCall(request, prepared, uow=uow), asked)
            if result.errors:
                raise _NotDoneError(result)
            return self._result(request, kind, result)

        try:
            return await run_command(request, run)
        except _NotDoneError as refusal:
            return self._result(request, kind, refusal.result, command=True)
        except (Problem, IdempotencyError):
            raise
        except Exception as error:  # noqa: BLE001 - the commit's errors are answered as GraphQL errors, masked if need be
            problem = as_problem(error) or masked(error, where="the commit of a mutation")
            body = {"errors": [problem_error(problem)], "data": None}
            return _respond(kind, body, refused=False, stands_for=problem.status)

    def _result(self, request: Request, kind: str, result: ExecutionResult, *, command: bool = False) -> Response:
        body: dict[str, Any] = {}
        if result.errors:
            body["errors"] = [format_error(error, where=request.url.path) for error in result.errors]
        # Errors before execution (variables) belong to no field; then there is no data at all.
        refused = result.data is None and any(error.path is None for error in result.errors or ())
        if not refused:
            body["data"] = result.data
        if result.extensions:
            body["extensions"] = result.extensions
        stands_for = status_of(body["errors"][0]) if command and result.errors else None
        return _respond(kind, body, refused=refused, stands_for=stands_for)


class _NotDoneError(Exception):
    """A mutation ended with errors: nothing is committed."""

    def __init__(self, result: ExecutionResult) -> None:
        super().__init__("not done")
        self.result = result


def _many_values(limit: int) -> str:
    return f"The variables have too many values; the limit is {limit}."


def _no_operation(prepared: Prepared, asked: GraphQLRequest) -> str:
    if asked.operation_name is not None:
        return f"There is no operation named {asked.operation_name!r}."
    return "Name the operation to run (operationName)." if prepared.operations else "There is no operation."


def _refuse(kind: str, errors: Sequence[Mapping[str, Any]]) -> Response:
    """Answer what is no operation that could be run; nobody can say whether it was meant to be a mutation."""
    return _respond(kind, {"errors": errors}, refused=True, stands_for=400)


def _respond(kind: str, body: Mapping[str, Any], *, refused: bool, stands_for: int | None = None) -> Response:
    """Only the new media type lets the status speak of GraphQL: with `application/json` it is 200 (section 6.4).

    `stands_for` is the status that a REST command refused so would have; whoever sends commands of both kinds goes by
    it.
    """
    status = 400 if refused and kind == RESPONSE else 200
    headers = {"Cache-Control": "no-store", "Content-Type": f"{kind}; charset=utf-8"}
    if stands_for is not None:
        headers["Portico-Status"] = str(stands_for)
    return Response(msgspec.json.encode(body), status_code=status, headers=headers)
