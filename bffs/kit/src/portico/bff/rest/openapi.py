"""An OpenAPI 3.1 document from declared operations."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from portico.bff.rest.operation import Operation
from portico.bff.rest.signature import Parameter
from portico.problem import MEDIA_TYPE

_REF = "#/components/schemas/{name}"
_PROBLEM_SCHEMA = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Names the kind of problem; stable."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {
            "type": "array",
            "description": "What is wrong with the request, and where.",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "A JSON Pointer into the body, or query:<name>, path:<name>.",
                    },
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
_PROBLEM = {
    "description": "A problem.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes repeating the command safe: the same key gets the first answer, for 30 days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


def openapi(operations: Sequence[Operation], *, title: str, version: str, description: str = "") -> dict[str, Any]:
    """The document. Its schemas come from the handlers' types; docstrings become summaries and descriptions."""
    kinds = list(_kinds(operations))
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    schema_of = {id(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = re.sub(r"{(\w+):\w+}", r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, schema_of)
    info = {"title": title, "version": version}
    return {
        "openapi": "3.1.0",
        "info": info | ({"description": description} if description else {}),
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": _PROBLEM_SCHEMA},
            "responses": {"Problem": _PROBLEM},
            "parameters": {"IdempotencyKey": _IDEMPOTENCY_KEY},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "at+jwt", "description": "RFC 9068"}
            },
        },
    }


def _kinds(operations: Sequence[Operation]) -> Iterator[Any]:
    for operation in operations:
        signature = operation.signature
        yield from (parameter.kind for parameter in (*signature.path, *signature.query))
        if signature.body is not None:
            yield signature.body
        if _has_content(operation):
            yield signature.result


def _has_content(operation: Operation) -> bool:
    return operation.signature.result not in {type(None), Response}


def _operation(operation: Operation, schema_of: Mapping[int, Any]) -> dict[str, Any]:
    signature, access = operation.signature, operation.access
    summary, _, description = (inspect.getdoc(operation.handler) or "").partition("\n")
    document: dict[str, Any] = {"operationId": operation.name}
    document |= {"summary": summary} if summary else {}
    document |= {"description": description.strip()} if description.strip() else {}
    document |= {"tags": list(operation.tags)} if operation.tags else {}
    parameters: list[Any] = [_parameter(parameter, "path", schema_of) for parameter in signature.path]
    parameters += [_parameter(parameter, "query", schema_of) for parameter in signature.query]
    if operation.is_command:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    document |= {"parameters": parameters} if parameters else {}
    if signature.body is not None:
        content = {"application/json": {"schema": schema_of[id(signature.body)]}}
        document["requestBody"] = {"required": True, "content": content}
    document["responses"] = _responses(operation, schema_of)
    if access is not None and access.signed_in:
        document["security"] = [{"bearer": [access.role] if access.role else []}]
    else:
        document["security"] = []
    return document


def _parameter(parameter: Parameter, place: str, schema_of: Mapping[int, Any]) -> dict[str, Any]:
    schema = dict(schema_of[id(parameter.kind)])
    if not parameter.required and parameter.default is not None:
        schema["default"] = msgspec.to_builtins(parameter.default)
    return {"name": parameter.name, "in": place, "required": place == "path" or parameter.required, "schema": schema}


def _responses(operation: Operation, schema_of: Mapping[int, Any]) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Success."}
    if _has_content(operation):
        success["content"] = {"application/json": {"schema": schema_of[id(operation.signature.result)]}}
    responses: dict[str, Any] = {str(operation.status): success}
    if operation.cache is not None:
        success["headers"] = {name: {"schema": {"type": "string"}} for name in ("ETag", "Cache-Control")}
        responses["304"] = {"description": "Not modified: the client has this representation (If-None-Match)."}
    for status in sorted(_problem_statuses(operation)):
        responses[str(status)] = {"$ref": "#/components/responses/Problem"}
    responses["default"] = {"$ref": "#/components/responses/Problem"}
    return responses


def _problem_statuses(operation: Operation) -> set[int]:
    statuses = set(operation.problems)
    signature, access = operation.signature, operation.access
    if access is not None and access.signed_in:
        statuses |= {401, 403} if access.role or access.scope else {401}
    if signature.body is not None:
        statuses |= {400, 413, 415, 422}
    if signature.path or signature.query:
        statuses.add(422)
    return statuses
