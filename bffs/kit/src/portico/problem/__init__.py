"""RFC 9457 problem documents for Starlette."""

from portico.problem.document import BASE, MEDIA_TYPE, FieldError, Problem
from portico.problem.responses import exception_handlers, malformed, masked, problem_response
from portico.problem.validation import decoded, field_error

__all__ = [
    "BASE",
    "MEDIA_TYPE",
    "FieldError",
    "Problem",
    "decoded",
    "exception_handlers",
    "field_error",
    "malformed",
    "masked",
    "problem_response",
]
