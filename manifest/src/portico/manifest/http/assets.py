"""Serving files for good: the encoding a client wants, headers that let every cache keep them, nothing executable by
mistake."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from portico.manifest.compression import Encoding, negotiate
from portico.manifest.content_types import is_document
from portico.manifest.errors import UnknownRelease
from portico.manifest.http.problems import with_problems
from portico.manifest.manifest import Manifest
from portico.manifest.platform_assets import PLATFORM, PlatformAssets
from portico.manifest.release import ReleaseFile
from portico.problem import Problem

_FOREVER = "public, max-age=31536000, immutable"
_NO_SCRIPTS = "sandbox; default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'"
"""For files that a browser would open as a page of our origin, such as an SVG image visited by its URL."""


class Contents(Protocol):
    """Where a file's bytes come from, by a key: an asset store (integrity), or platform assets (path)."""

    async def sizes(self, key: str, /) -> Mapping[Encoding | None, int]:
        """Return the bytes of the file (``None``) and of each variant."""
        ...

    def read(self, key: str, encoding: Encoding | None, /) -> AsyncIterator[bytes]:
        """Return the content in blocks."""
        ...


async def asset_response(request: Request, file: ReleaseFile, contents: Contents, key: str) -> Response:
    """Answer ``GET`` or ``HEAD`` for a file: negotiated, conditional (RFC 9110, 13.1.2), immutable."""
    sizes = await contents.sizes(key)
    accept = request.headers.get("accept-encoding")
    chosen = negotiate(accept, sizes)
    if chosen is None:
        raise Problem("not-acceptable", status=406, detail=f"Nothing in {accept!r} is available; identity is.")
    encoding = None if chosen == "identity" else chosen
    headers = _headers(file, encoding)
    if _is_known(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(sizes[encoding])
    headers["Content-Type"] = file.content_type
    if request.method == "HEAD":
        return Response(headers=headers)
    return StreamingResponse(contents.read(key, encoding), headers=headers)


def asset_routes(manifest: Manifest, platform: PlatformAssets | None = None) -> list[Route]:
    """Return ``/a/<app>/<digest>/<path>`` and ``/a/_portico/<digest>/<path>``.

    ``platform`` is the build of this process, served from memory; the others are those that ``keep_platform`` kept.
    """

    async def release_file(request: Request) -> Response:
        app, digest, path = (str(request.path_params[name]) for name in ("app", "digest", "path"))
        try:
            file = (await manifest.release(app, digest)).file(path)
        except UnknownRelease:
            file = None
        if file is None or not _is_public(path):
            raise Problem.not_found("There is no such file.")
        return await asset_response(request, file, manifest.assets, file.integrity)

    async def platform_file(request: Request) -> Response:
        digest, path = (str(request.path_params[name]) for name in ("digest", "path"))
        if platform is not None and digest == platform.digest and path in platform.files:
            return await asset_response(request, platform.files[path], platform, path)
        kept = await manifest.store.platform_file(digest, path)  # of another build, which some page may still be of
        if kept is None:
            raise Problem.not_found("There is no such file.")
        return await asset_response(request, kept, manifest.assets, kept.integrity)

    return [
        Route(f"/a/{PLATFORM}/{{digest}}/{{path:path}}", with_problems(platform_file)),
        Route("/a/{app}/{digest}/{path:path}", with_problems(release_file)),
    ]


def _is_public(path: str) -> bool:
    """Keep ``app.json`` in: it says where BFFs run."""
    return path != "app.json"


def _headers(file: ReleaseFile, encoding: Encoding | None) -> dict[str, str]:
    # A strong tag names one sequence of bytes, so each encoding has its own (RFC 9110, 8.8.3.3).
    tag = file.integrity.removeprefix("sha384-")[:32]
    headers = {
        "Cache-Control": _FOREVER,
        "Cross-Origin-Resource-Policy": "same-origin",
        "ETag": f'"{tag}-{encoding}"' if encoding else f'"{tag}"',
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if encoding:
        headers["Content-Encoding"] = encoding
    if is_document(file.path):
        headers["Content-Security-Policy"] = _NO_SCRIPTS
    return headers


def _is_known(if_none_match: str | None, etag: str) -> bool:
    if if_none_match is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or etag in tags
