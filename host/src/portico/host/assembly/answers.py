"""Small answers of the host's own, and what stands around every answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import ASGIApp

from portico.host.config import HostConfig
from portico.host.misdirected import OwnHostMiddleware
from portico.host.peers import Peers
from portico.host.rate_limits import RateLimitMiddleware
from portico.host.receipt import ReceiptMiddleware
from portico.host.security import SecurityHeadersMiddleware
from portico.host.steady_bodies import SteadyBodiesMiddleware
from portico.host.tokens import Signer
from portico.problem import Problem, problem_response

_ICON = Path(__file__).parents[1] / "icon.svg"

_logger = logging.getLogger(__name__)


def enclosed(app: ASGIApp, config: HostConfig) -> ASGIApp:
    """The application behind what holds for every request; the receipt is outermost, so that a 500 has it too."""
    own = OwnHostMiddleware(SteadyBodiesMiddleware(app), base_url=config.base_url)
    limited = RateLimitMiddleware(own, rates=config.rates, peers=Peers(config.trusted_proxies), clock=time.monotonic)
    return ReceiptMiddleware(SecurityHeadersMiddleware(limited, hsts=config.is_secure))


def published(keys: Signer) -> Callable[[Request], Awaitable[Response]]:
    """The keys that BFFs verify their tokens with."""

    async def jwks(_request: Request) -> Response:
        return JSONResponse(keys.public_jwks(), headers={"Cache-Control": "public, max-age=300"})

    return jwks


async def favicon(_request: Request) -> Response:
    """The product's icon."""
    return FileResponse(_ICON, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


async def store_unavailable(_request: Request, error: Exception) -> Response:
    """503: a database does not answer."""
    _logger.warning("A store is unavailable: %s", error)
    return problem_response(
        Problem("store-unavailable", status=503, detail="Try again in a moment.", headers={"Retry-After": "2"})
    )


async def gone(_request: Request, _error: Exception) -> Response:
    """Nobody is there any more to read this; it is no error of ours to log."""
    return Response(status_code=400)


async def nothing_here(_request: Request) -> Response:
    """404 for what lies below an address of the host's own."""
    raise Problem.not_found("There is nothing at this address; see docs/reference.")
