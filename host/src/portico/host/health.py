"""`/healthz` says that the process lives, `/readyz` that it can do its work."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_HEADERS = {"Cache-Control": "no-store"}

_logger = logging.getLogger(__name__)


def health_routes(checks: Mapping[str, Callable[[], Awaitable[object]]]) -> list[Route]:
    """Both routes. Each check is something the host needs to answer people; it fails by raising.

    The event hub is no check: without it people are served all the same, and their events wait in each BFF's store.
    """

    async def alive(_request: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers=_HEADERS)

    async def ready(_request: Request) -> Response:
        results = {name: await _passes(name, check) for name, check in checks.items()}
        whole = all(results.values())
        document = {
            "status": "ready" if whole else "not ready",
            "checks": {name: "ok" if passed else "failing" for name, passed in results.items()},
        }
        return JSONResponse(document, status_code=200 if whole else 503, headers=_HEADERS)

    return [Route("/healthz", alive), Route("/readyz", ready)]


async def _passes(name: str, check: Callable[[], Awaitable[object]]) -> bool:
    try:
        await check()
    except Exception:
        _logger.warning("The check %r fails", name, exc_info=True)
        return False
    return True
