"""GraphQL errors as clients see them: Problems keep their code, what is unexpected is masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from portico.bff.edge import as_problem
from portico.problem import Problem, masked


def format_error(error: GraphQLError, *, where: str) -> dict[str, Any]:
    """One member of `errors`. The error of a resolver that is not meant for clients is logged under its id."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return dict(error.formatted)
    path = ".".join(str(step) for step in error.path or ())
    problem = as_problem(cause) or masked(cause, where=f"{where} {path}")
    return problem_error(problem, error)


def problem_error(problem: Problem, error: GraphQLError | None = None) -> dict[str, Any]:
    """A Problem as a GraphQL error: `extensions.code` is its slug, beside `status` and its own extensions."""
    formatted: dict[str, Any] = {"message": problem.detail or problem.title}
    if error is not None and error.locations:
        formatted["locations"] = [location.formatted for location in error.locations]
    if error is not None and error.path is not None:
        formatted["path"] = error.path
    formatted["extensions"] = {**problem.extensions, "code": problem.code, "status": problem.status}
    return formatted


def status_of(formatted: Mapping[str, Any]) -> int:
    """The HTTP status that a member of `errors` stands for: its own, 400 before execution (no path), else 500."""
    status = formatted.get("extensions", {}).get("status")
    if isinstance(status, int):
        return status
    return 500 if "path" in formatted else 400
