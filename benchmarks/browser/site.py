"""A folder as a site: what Portico's host does to a file (encodings, caching, headers), and nothing else."""

from __future__ import annotations

import os
from gzip import compress
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.browser.contestants import SITE_KEY
from portico.host.security import SecurityHeadersMiddleware
from portico.manifest.compression import Effort, Encoding, negotiate, variants_of

_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

# As much as qiankun can live with, which evaluates its apps.
_POLICY = "script-src 'self' 'unsafe-inline' 'unsafe-eval'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def create() -> Starlette:
    """The application for the folder that the environment names."""
    folder = Path(os.environ[SITE_KEY])
    kept = {path.name: variants_of(path.read_bytes(), Effort.THOROUGH) for path in (folder / "assets").iterdir()}
    documents = {path.name: path.read_bytes() for path in folder.glob("entries/*.html")}
    page = (folder / "index.html").read_bytes()

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        return _asset(request, kept[name], _TYPES[Path(name).suffix])

    async def entry(request: Request) -> Response:
        return _document(documents[request.path_params["name"]])

    async def document(_: Request) -> Response:
        return _document(page)

    routes = [Route("/assets/{name}", asset), Route("/entries/{name}", entry), Route("/{path:path}", document)]
    return Starlette(routes=routes, middleware=[Middleware(SecurityHeadersMiddleware, hsts=False)])


def _asset(request: Request, variants: dict[Encoding | None, bytes], content_type: str) -> Response:
    sizes = {encoding: len(content) for encoding, content in variants.items()}
    chosen = negotiate(request.headers.get("accept-encoding"), sizes) or "identity"
    encoding = None if chosen == "identity" else chosen
    headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(variants[encoding], media_type=content_type, headers=headers)


def _document(page: bytes) -> Response:
    headers = {
        "Cache-Control": "no-store",
        "Vary": "Accept-Encoding",
        "Content-Encoding": "gzip",
        "Content-Security-Policy": _POLICY,
    }
    return Response(compress(page, 5), media_type="text/html", headers=headers)
