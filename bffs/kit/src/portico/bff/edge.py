"""The one place where the errors of the kit and its store become Problems, for REST and GraphQL alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from portico.bff import errors
from portico.problem import Problem, exception_handlers, masked, problem_response
from portico.sql import InvalidText, SqlError, StoreUnavailable

_STATUS: Mapping[type[Exception], tuple[int, str]] = {
    errors.AccessRefused: (403, "Not allowed"),
    errors.ConflictError: (412, "It was changed in the meantime"),
    errors.InvalidQuery: (400, "Invalid query"),
    errors.HubUnavailable: (503, "Not available just now"),
    errors.KeysUnavailable: (503, "Not available just now"),
    StoreUnavailable: (503, "Not available just now"),
    errors.IdempotencyKeyInvalid: (400, "Invalid Idempotency-Key"),
    errors.IdempotencyKeyReused: (422, "Idempotency-Key used before"),
    errors.IdempotencyKeyExpired: (410, "Idempotency-Key too old"),
    errors.LaneInvalid: (400, "Invalid place in a lane"),
    errors.LaneGap: (409, "Too early"),
    errors.LaneSeqUsed: (409, "Place taken"),
    errors.TooManyLanes: (429, "Too many lanes"),
    errors.CommandSkipped: (410, "Given up before"),
    errors.CommandApplied: (409, "Done already"),
    errors.IfMatchInvalid: (400, "Invalid If-Match"),
}

_RETRY_AFTER: Mapping[type[BaseException], str] = {errors.LaneGap: "1", errors.TooManyLanes: "3600"}
"""In seconds."""


def as_problem(error: BaseException) -> Problem | None:
    """The Problem that an error means for a client; None when it is none of their business (answer a masked 500)."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, InvalidText):
        detail = "A text has a character that no text may have: U+0000, or half of a surrogate pair."
        return Problem("invalid-request", status=422, detail=detail)
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return _problem(error, *_STATUS[kind])
    return None


def _problem(error: BaseException, status: int, title: str) -> Problem:
    code: str = getattr(error, "code", "error")
    if status == 503:
        # The words may name files or addresses of ours.
        return Problem(code, status=status, title=title, headers={"Retry-After": "2"})
    headers = {"Retry-After": _RETRY_AFTER[type(error)]} if type(error) in _RETRY_AFTER else {}
    return Problem(code, status=status, title=title, detail=str(error), headers=headers, extensions=_extensions(error))


def _extensions(error: BaseException) -> dict[str, Any]:
    match error:
        case errors.ConflictError(kind=kind, current=current) if current is not None:
            return {"current": {"version": current.version, "entity": kind.view(current.entity)}}
        case errors.LaneGap(expected=expected) | errors.LaneSeqUsed(expected=expected):
            return {"expected": expected}
        case errors.CommandApplied(outcome=outcome):
            return {"outcome": outcome}
    return {}


async def _on_error(request: Request, error: Exception) -> Response:
    problem = as_problem(error) or masked(error, where=f"{request.method} {request.url.path}")
    return problem_response(problem)


handlers: dict[Any, ExceptionHandler] = {**exception_handlers, errors.BffError: _on_error, SqlError: _on_error}
"""For `Starlette(exception_handlers=...)` of a BFF."""
