"""Words to describe operations with, so that each group of routes is a table."""

from collections.abc import Mapping, Sequence
from typing import Any

Node = dict[str, Any]
"""A part of an OpenAPI document (https://spec.openapis.org/oas/v3.1.1)."""

_REASONS = {
    400: "The body, a header or the cursor cannot be read.",
    401: "No deploy token, or one that is unknown, expired or revoked.",
    403: "The deploy token may not do this.",
    404: "There is no such thing.",
    406: "The answer would not be in a form that is asked for.",
    409: "The version exists with other content.",
    412: "The channel has moved on; `ETag` is its current revision.",
    413: "The body is larger than what is taken.",
    415: "The body is of a kind that is not taken.",
    422: "The request was understood and refused; `errors` says every place.",
    428: "`If-Match` is missing.",
    500: "Nothing that the request could mend.",
    503: "The database cannot answer now; `Retry-After` says when to try again.",
}
_NOT_TO_FORGET = (422, 503)
"""What every operation may answer: an unknown query parameter, a database that is away."""


def ref(name: str) -> Node:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def operation(
    id_: str,
    summary: str,
    answers: Mapping[int, Node],
    *,
    tag: str,
    parameters: Sequence[Node] = (),
    body: Node | None = None,
    problems: Sequence[int] = (),
    public: bool = False,
) -> Node:
    """Return an operation. ``problems`` are the statuses of its problem documents, beside those that all have.

    ``public`` ones want no deploy token.
    """
    statuses = sorted({*problems, *_NOT_TO_FORGET, *(() if public else (401,))})
    responses = {str(status): answer for status, answer in answers.items()}
    responses |= {str(status): problem(status) for status in statuses if status not in answers}
    made: Node = {"operationId": id_, "summary": summary, "tags": [tag], "responses": responses}
    if parameters:
        made["parameters"] = list(parameters)
    if body is not None:
        made["requestBody"] = body
    if public:
        made["security"] = []
    return made


def problem(status: int) -> Node:
    """Return the answer that is a problem document (RFC 9457)."""
    return {
        "description": _REASONS[status],
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }


def answer(
    description: str, schema: Node | None = None, *, media_type: str = "application/json", headers: Sequence[str] = ()
) -> Node:
    """Return an answer with a body of ``schema``, and headers of the document's components."""
    made: Node = {"description": description}
    if schema is not None:
        made["content"] = {media_type: {"schema": schema}}
    if headers:
        made["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return made


def link(id_: str, parameters: Mapping[str, str], body: Node | None = None) -> Node:
    """Return how an answer leads to the operation ``id_``: runtime expressions for its parameters and body."""
    made: Node = {"operationId": id_, "parameters": dict(parameters)}
    return made | ({"requestBody": body} if body is not None else {})


def json_body(schema: Node, *, required: bool = True) -> Node:
    """Return a body in JSON."""
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def path(name: str, schema: Node, description: str = "") -> Node:
    """Return a parameter in the path."""
    return _parameter("path", name, schema, description) | {"required": True}


def query(name: str, schema: Node, description: str = "") -> Node:
    """Return an optional parameter in the query."""
    return _parameter("query", name, schema, description)


def header(name: str, schema: Node, description: str = "", *, required: bool = False) -> Node:
    """Return a header of the request."""
    return _parameter("header", name, schema, description) | {"required": required}


def record(required: Mapping[str, Node], optional: Mapping[str, Node] | None = None, *, closed: bool = False) -> Node:
    """Return the schema of an object; a ``closed`` one takes no other member."""
    made: Node = {"type": "object", "properties": {**required, **(optional or {})}}
    if required:
        made["required"] = list(required)
    if closed:
        made["additionalProperties"] = False
    return made


def listing(name: str, items: Node, cursor: Node) -> Node:
    """Return the schema of a page of a list: the items, and the cursor of the next page (``null`` on the last)."""
    return record({name: {"type": "array", "items": items}, "cursor": cursor})


def nullable(schema: Node) -> Node:
    """Return the schema that takes ``null`` as well."""
    return {"anyOf": [schema, {"type": "null"}]}


def text(pattern: str | None = None, *, most: int | None = None, description: str = "") -> Node:
    """Return the schema of a string; ``most`` in characters."""
    members = {"pattern": pattern, "maxLength": most, "description": description or None}
    return {"type": "string"} | {name: value for name, value in members.items() if value is not None}


def _parameter(place: str, name: str, schema: Node, description: str) -> Node:
    made: Node = {"name": name, "in": place, "schema": schema}
    return made | ({"description": description} if description else {})
