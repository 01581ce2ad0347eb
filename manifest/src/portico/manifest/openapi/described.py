"""Routes as the document describes them: what it does not know, they do not take."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from portico.manifest.http.problems import Endpoint
from portico.manifest.openapi.document import paths
from portico.problem import FieldError, Problem

_LONGEST = 4096
"""Characters of a query; each route's parameters have limits of their own."""


class DescribedPath:
    """One path with all its methods: another method is a 405 that lists them, an unknown parameter a 422.

    A parameter that is misspelt and ignored would make ``?dryrun=true`` a change. Only public reads ignore them: pages
    and caches add parameters of their own.
    """

    def __init__(self, endpoints: Mapping[str, Endpoint], known: Mapping[str, frozenset[str]], *, strict: bool) -> None:
        self._endpoints = endpoints
        self._known = known
        self._strict = strict
        self.methods = sorted(endpoints)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; raises ``Problem``."""
        request = Request(scope, receive, send)
        method = "GET" if request.method == "HEAD" and "HEAD" not in self._endpoints else request.method
        endpoint = self._endpoints.get(method)
        if endpoint is None:
            allowed = ", ".join([*self.methods, *(["HEAD"] if "GET" in self.methods else [])])
            detail = f"This takes {allowed}."
            raise Problem("method-not-allowed", status=405, detail=detail, headers={"Allow": allowed})
        self._check_query(request, self._known.get(method, frozenset()))
        response = await endpoint(request)
        await response(scope, receive, send)

    def _check_query(self, request: Request, known: frozenset[str]) -> None:
        if len(request.url.query) > _LONGEST:
            raise Problem.invalid([FieldError("query:", f"has more than {_LONGEST} characters")])
        given = [name for name, _ in request.query_params.multi_items()]
        errors = [FieldError(f"query:{name}", "is given more than once") for name in _twice(given)]
        if self._strict:
            errors += [_unknown(name, known) for name in dict.fromkeys(given) if name not in known]
        if errors:
            raise Problem.invalid(errors)


def described(routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    """Return the routes with those that the document describes joined by path; the others as they are."""
    document = paths()
    joined: dict[str, dict[str, Endpoint]] = {}
    for route in routes:
        if isinstance(route, Route) and route.path in document:
            joined.setdefault(route.path, {}).update(dict.fromkeys(_methods(route), route.endpoint))
    made: list[BaseRoute] = []
    for route in routes:
        if not isinstance(route, Route) or route.path not in document:
            made.append(route)
        elif route.path in joined:  # where the first of them was: order decides between routes
            made.append(Route(route.path, _described(route.path, joined.pop(route.path))))
    return made


def unknown_routes(routes: Iterable[BaseRoute]) -> set[tuple[str, str]]:
    """Return method and path of every route that the document does not describe."""
    document = paths()
    return {
        (method, route.path)
        for route in routes
        if isinstance(route, Route)
        for method in _methods(route)
        if method.lower() not in document.get(route.path, {})
    }


def _described(path: str, endpoints: Mapping[str, Endpoint]) -> DescribedPath:
    known = {
        method.upper(): frozenset(one["name"] for one in operation.get("parameters", ()) if one["in"] == "query")
        for method, operation in paths()[path].items()
    }
    return DescribedPath(endpoints, known, strict=path.startswith("/deploy"))


def _methods(route: Route) -> Sequence[str]:
    if isinstance(route.app, DescribedPath):
        return route.app.methods
    return sorted((route.methods or {"GET"}) - {"HEAD"})


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _unknown(name: str, known: Iterable[str]) -> FieldError:
    near = get_close_matches(name, sorted(known), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return FieldError(f"query:{name[:80]}", f"is not a parameter here{hint}")
