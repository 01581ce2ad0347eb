"""GraphQL over HTTP: reading requests and choosing the response's media type.

Reference: the GraphQL-over-HTTP specification (graphql.github.io/graphql-over-http).
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request

from portico.bff.nesting import is_too_deep
from portico.problem import Problem

RESPONSE = "application/graphql-response+json"
JSON = "application/json"


class GraphQLRequest(msgspec.Struct, frozen=True):
    """The parameters of one request."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] | None = None


def media_type(accept: str | None) -> str:
    """The response's media type for an Accept header; 406 when the client takes neither of ours.

    Without a header it is `application/json`, for clients from before the specification.
    """
    if not accept or not accept.strip():
        return JSON
    weights = {name: _weight(accept, name) for name in (RESPONSE, JSON)}
    best = max(weights.values())
    if best <= 0:
        raise Problem.of_status(406, f"The response is {RESPONSE} or {JSON}.")
    if weights[RESPONSE] == weights[JSON]:
        # A wildcard alone is an old client; one that names both equally knows the new type.
        return RESPONSE if RESPONSE in accept.lower() else JSON
    return RESPONSE if weights[RESPONSE] > weights[JSON] else JSON


def _weight(accept: str, name: str) -> float:
    """The quality an Accept header gives a media type, by its most specific range (RFC 9110, section 12.5.1)."""
    found = (-1, 0.0)
    for item in accept.lower().split(","):
        range_, *parameters = (part.strip() for part in item.split(";"))
        specific = {name: 2, name.split("/", 1)[0] + "/*": 1, "*/*": 0}.get(range_, -1)
        if specific > found[0]:
            found = (specific, _quality(parameters))
    return found[1]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


async def read_request(request: Request) -> GraphQLRequest:
    """The parameters of a GET or POST; raises a Problem (400, 413, 415)."""
    if request.method != "POST":
        return _from_query(request)
    content_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    if content_type.strip() != JSON or not _is_utf8(parameters):
        raise Problem.of_status(415, "The body must be application/json in UTF-8.", headers={"Accept": JSON})
    members = _decoded(await request.body(), "The body")
    if not isinstance(members, dict):
        raise _bad("The body must be a JSON object: one request, with a query.")
    return _checked(members)


def _from_query(request: Request) -> GraphQLRequest:
    members: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if text := members.pop(name, None):
            members[name] = _decoded(text.encode(), f"The parameter {name}")
    if not members.get("operationName"):
        members.pop("operationName", None)
    return _checked(members)


def _decoded(body: bytes, what: str) -> Any:
    if is_too_deep(body):
        raise _bad(f"{what} is nested too deeply.")
    try:
        return msgspec.json.decode(body)
    except ValueError as error:
        raise _bad(f"{what} is not JSON.") from error


def _checked(members: dict[str, Any]) -> GraphQLRequest:
    query, name = members.get("query"), members.get("operationName")
    variables, extensions = members.get("variables"), members.get("extensions")
    if not isinstance(query, str) or not query.strip():
        raise _bad("The parameter query must be a GraphQL document.")
    if name is not None and not isinstance(name, str):
        raise _bad("The parameter operationName must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise _bad("The parameter variables must be an object.")
    if extensions is not None and not isinstance(extensions, dict):
        raise _bad("The parameter extensions must be an object.")
    return GraphQLRequest(query=query, operation_name=name, variables=variables)


def _is_utf8(parameters: str) -> bool:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "charset":
            return value.strip().strip('"') in {"utf-8", "utf8"}
    return True


def _bad(detail: str) -> Problem:
    return Problem("malformed-graphql-request", status=400, title="Not a GraphQL request", detail=detail)
