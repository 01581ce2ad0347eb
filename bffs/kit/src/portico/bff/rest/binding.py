"""From a request to a handler's arguments. Everything that is wrong with parameters is reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request

from portico.bff.nesting import is_too_deep
from portico.bff.rest.signature import Parameter, Signature
from portico.problem import FieldError, Problem, field_error, malformed


class Binder:
    """Binds the requests of one operation."""

    def __init__(self, signature: Signature) -> None:
        self._path = signature.path
        self._query = signature.query
        self._known = frozenset(parameter.name for parameter in signature.query)
        self._body = None if signature.body is None else msgspec.json.Decoder(signature.body)

    async def arguments(self, request: Request) -> dict[str, Any]:
        """The handler's keyword arguments; raises a Problem (400, 413, 415, 422)."""
        errors: list[FieldError] = []
        arguments = self._from_path(request.path_params, errors) | self._from_query(request, errors)
        if errors:
            raise Problem.invalid(errors)
        if self._body is not None:
            arguments["body"] = await self._from_body(request, self._body)
        return arguments

    def _from_path(self, given: Mapping[str, str], errors: list[FieldError]) -> dict[str, Any]:
        return {parameter.name: _convert(parameter, given[parameter.name], "path", errors) for parameter in self._path}

    def _from_query(self, request: Request, errors: list[FieldError]) -> dict[str, Any]:
        given = request.query_params
        errors += [
            FieldError(f"query:{name}", "There is no such parameter") for name in given if name not in self._known
        ]
        arguments: dict[str, Any] = {}
        for parameter in self._query:
            values = given.getlist(parameter.name)
            if not values:
                if parameter.required:
                    errors.append(FieldError(f"query:{parameter.name}", "This parameter is required"))
                else:
                    arguments[parameter.name] = parameter.default
            elif len(values) > 1 and not parameter.many:
                errors.append(FieldError(f"query:{parameter.name}", "This parameter is given more than once"))
            else:
                text = values if parameter.many else values[0]
                arguments[parameter.name] = _convert(parameter, text, "query", errors)
        return arguments

    async def _from_body(self, request: Request, decoder: msgspec.json.Decoder[Any]) -> Any:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Problem.of_status(415, "The body must be application/json.", headers={"Accept": "application/json"})
        body = await request.body()
        if is_too_deep(body):
            raise malformed("JSON is nested too deeply")
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as error:
            raise Problem.invalid([field_error(error)]) from error
        except ValueError as error:  # msgspec.DecodeError, or UnicodeDecodeError
            raise malformed(str(error)) from error


def _convert(parameter: Parameter, text: str | list[str], place: str, errors: list[FieldError]) -> Any:
    try:
        return parameter.convert(text)
    except msgspec.ValidationError as error:
        errors.append(FieldError(f"{place}:{parameter.name}", field_error(error).detail))
        return None
