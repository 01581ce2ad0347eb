"""Publishing releases and looking them up."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.errors import UnknownApp
from portico.manifest.http.auth import authenticate
from portico.manifest.http.idempotency import key_of, once_kept
from portico.manifest.http.parameters import channel_name, flag_of, limit_of, weight_of
from portico.manifest.http.problems import with_problems
from portico.manifest.http.signatures import sign_releases, signature_of
from portico.manifest.http.uploads import received
from portico.manifest.limits import Limits
from portico.manifest.manifest import Manifest
from portico.manifest.previewing import Preview
from portico.manifest.release import Release, content_digest
from portico.manifest.sources import Sources
from portico.manifest.unpacked import UnpackedApp


def release_routes(manifest: Manifest, limits: Limits, sources: Sources) -> list[Route]:
    """Return the routes below ``/deploy`` that concern releases. All of them want a deploy token."""

    async def publish(request: Request) -> Response:
        by = await authenticate(request, manifest)
        channel, dry = request.query_params.get("channel"), flag_of(request, "dry_run")
        checked = channel_name(channel) if channel is not None else None
        weight = weight_of(request)
        app = request.path_params["app"]
        signature = signature_of(request)
        await manifest.require_team(app, by)
        with tempfile.TemporaryDirectory(prefix="portico-upload-") as scratch:
            unpacked = await received(request, Path(scratch), limits, sources)

            async def act() -> Response:
                if dry:
                    tried = await manifest.rehearse(
                        unpacked, by=by, app=app, channel=checked, weight=weight, signature=signature
                    )
                    return await _rehearsed(manifest, *tried)
                release, created = await manifest.publish(
                    unpacked, by=by, app=app, channel=checked, weight=weight, signature=signature
                )
                return await _published(manifest, release, created=created)

            key = None if dry else key_of(request, by, await _digest(request, unpacked))
            return await once_kept(manifest, key, act)

    async def one(request: Request) -> Response:
        await authenticate(request, manifest)
        release = await manifest.release(request.path_params["app"], request.path_params["digest"])
        document = release.to_document()
        await sign_releases([document], manifest.store.access)
        return JSONResponse(document)

    async def of_app(request: Request) -> Response:
        return await _listed(request, request.path_params["app"])

    async def of_all(request: Request) -> Response:
        return await _listed(request, None)

    async def _listed(request: Request, app: str | None) -> Response:
        await authenticate(request, manifest)
        if app is not None and await manifest.store.team_of(app) is None:
            raise UnknownApp(f"no release of {app[:80]} was ever published")
        page = await manifest.releases(app, before=request.query_params.get("cursor"), limit=limit_of(request))
        listed = [_summary(release) for release in page.items]
        await sign_releases(listed, manifest.store.access)
        return JSONResponse({"releases": listed, "cursor": page.cursor})

    return [
        Route("/deploy/releases", with_problems(of_all), methods=["GET"]),
        Route("/deploy/apps/{app}/releases", with_problems(of_app), methods=["GET"]),
        Route("/deploy/apps/{app}/releases", with_problems(publish), methods=["POST"]),
        Route("/deploy/apps/{app}/releases/{digest}", with_problems(one), methods=["GET"]),
    ]


async def _published(manifest: Manifest, release: Release, *, created: bool) -> Response:
    document = release.to_document()
    await sign_releases([document], manifest.store.access)
    if warnings := await _warnings(manifest, release):
        document["warnings"] = warnings
    headers = {"Location": f"/deploy/apps/{release.app}/releases/{release.digest}"}
    return JSONResponse(document, status_code=201 if created else 200, headers=headers)


async def _rehearsed(manifest: Manifest, release: Release, preview: Preview | None) -> Response:
    document: dict[str, Any] = {"release": release.to_document()}
    document |= preview.to_document(manifest.platform) if preview is not None else {}
    if warnings := await _warnings(manifest, release):
        document["warnings"] = warnings
    return JSONResponse(document, headers={"Cache-Control": "no-store"})


async def _digest(request: Request, unpacked: UnpackedApp) -> str:
    """Return what tells uploads apart, for a request with a key: the files' digest, however they were packed."""
    named = "idempotency-key" in request.headers
    return content_digest(await asyncio.to_thread(unpacked.describe)) if named else ""


async def _warnings(manifest: Manifest, release: Release) -> list[dict[str, str]]:
    """Return what a team should look at, though nothing is refused for it."""
    asked = release.manifest.flags
    missing = frozenset(await manifest.flags.unknown(asked))
    return [
        {"pointer": f"/flags/{number}", "detail": f"there is no flag {key!r} yet: the app gets its own default"}
        for number, key in enumerate(asked)
        if key in missing
    ]


def _summary(release: Release) -> dict[str, Any]:
    """Return a release without its manifest and files, for lists."""
    document = release.to_document()
    del document["manifest"], document["files"]
    document["size"] = sum(file.size for file in release.files)
    return document
