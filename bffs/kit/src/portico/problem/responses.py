"""Problems as Starlette responses, and the exception handlers that make every error one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from portico.problem.document import MEDIA_TYPE, Problem
from portico.problem.validation import field_error

_log = logging.getLogger("portico.problem")


def problem_response(problem: Problem) -> Response:
    """The response of a problem: `application/problem+json`, never stored by a cache."""
    return Response(
        msgspec.json.encode(problem.document()),
        status_code=problem.status,
        headers={"Cache-Control": "no-store", **problem.headers},
        media_type=MEDIA_TYPE,
    )


def masked(error: BaseException, *, where: str) -> Problem:
    """The 500 that says nothing but an id; the error itself is logged under that id.

    `where` names the work that failed (method and path) for the log.
    """
    error_id = token_hex(8)
    _log.error("Unexpected error %s in %s", error_id, where, exc_info=error)
    return Problem(
        "internal-server-error",
        status=500,
        detail="Something went wrong on our side. Name the error id when you report it.",
        extensions={"errorId": error_id},
    )


async def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - Starlette dispatches by type
    return problem_response(error)


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette dispatches by type
    headers: Mapping[str, str] = error.headers or {}
    if error.status_code < 400:
        return Response(status_code=error.status_code, headers=dict(headers))
    problem = Problem.of_status(error.status_code, headers=headers)
    if error.detail and error.detail != problem.title:
        problem.detail = error.detail
    return problem_response(problem)


async def _on_validation_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, msgspec.ValidationError)  # noqa: S101 - Starlette dispatches by type
    return problem_response(Problem.invalid([field_error(error)]))


async def _on_decode_error(_request: Request, error: Exception) -> Response:
    return problem_response(malformed(str(error)))


async def _on_unexpected(request: Request, error: Exception) -> Response:
    return problem_response(masked(error, where=f"{request.method} {request.url.path}"))


def malformed(detail: str) -> Problem:
    """400 `malformed-body`: the body is not JSON at all, so nothing in it can be pointed at."""
    return Problem("malformed-body", status=400, title="Malformed body", detail=detail)


exception_handlers: dict[Any, ExceptionHandler] = {
    Problem: _on_problem,
    HTTPException: _on_http_exception,
    msgspec.ValidationError: _on_validation_error,
    msgspec.DecodeError: _on_decode_error,
    Exception: _on_unexpected,
}
"""For `Starlette(exception_handlers=...)`.

Starlette raises an unexpected error again after it was answered, so that the server can see it: in a test, use
`httpx.ASGITransport(app, raise_app_exceptions=False)` to look at the 500 itself.
"""
