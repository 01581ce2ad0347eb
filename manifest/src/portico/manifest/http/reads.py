"""What anyone may read of a channel: the import map, the apps, the mount points."""

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.manifest.app_manifest import Route as AppRoute
from portico.manifest.canonical import canonical_json
from portico.manifest.http.parameters import channel_of, cohort_of, number_of
from portico.manifest.http.problems import with_problems
from portico.manifest.import_map import import_map
from portico.manifest.manifest import Manifest
from portico.manifest.release import Release
from portico.manifest.snapshot import Offer, Snapshot


def read_routes(manifest: Manifest) -> list[Route]:
    """Return ``/importmap.json``, ``/apps.json`` and ``/mount-points.json``.

    Each takes ``?channel=``, ``?revision=`` (an older one) and ``?cohort=`` (a visitor's key, such as ``sub:<sub>``).
    """

    async def importmap(request: Request) -> Response:
        made = import_map(await _snapshot(request), manifest.platform)
        return _answer(request, made.to_json(), "application/importmap+json", digest=made.digest)

    async def apps(request: Request) -> Response:
        snapshot = await _snapshot(request)
        document = {"revision": snapshot.revision, "apps": [app_document(release) for release in snapshot.releases]}
        return _answer(request, canonical_json(document))

    async def mount_points(request: Request) -> Response:
        snapshot = await _snapshot(request)
        points = {name: [_offer(offer) for offer in offers] for name, offers in snapshot.mount_points.items()}
        return _answer(request, canonical_json({"revision": snapshot.revision, "mountPoints": points}))

    async def _snapshot(request: Request) -> Snapshot:
        channel, visitor, revision = channel_of(request), cohort_of(request), number_of(request, "revision")
        if revision is None:
            return await manifest.snapshot(channel, visitor=visitor)
        return await manifest.snapshot_at(channel, revision, visitor=visitor)

    return [
        Route("/importmap.json", with_problems(importmap)),
        Route("/apps.json", with_problems(apps)),
        Route("/mount-points.json", with_problems(mount_points)),
    ]


def app_document(release: Release) -> dict[str, Any]:
    """Return what a page needs to know of an app, by URLs; not where its BFF runs."""
    manifest = release.manifest
    return {
        "name": release.name,
        "app": release.app,
        "version": release.version,
        "release": release.digest,
        "entry": release.url(manifest.entry) if manifest.entry else None,
        "styles": [
            {"href": release.url(file.path), "integrity": file.integrity}
            for file in map(release.file, manifest.styles)
            if file is not None
        ],
        "routes": [_route(route) for route in manifest.routes],
        "bff": f"/api/{release.app}" if manifest.bff else None,
    }


def _route(route: AppRoute) -> dict[str, Any]:
    document: dict[str, Any] = {"path": route.path, "slot": route.slot, "access": route.access}
    if route.roles:
        document["roles"] = list(route.roles)
    if route.title is not None:
        document["title"] = route.title
    if route.titles:
        document["titles"] = dict(route.titles)
    return document


def _offer(offer: Offer) -> dict[str, Any]:
    entry = offer.entry
    document: dict[str, Any] = {
        "app": offer.release.app,
        "key": entry.key,
        "order": entry.order,
        "label": entry.label,
        "href": entry.href,
        "signedIn": entry.signed_in,
        "roles": list(entry.roles),
    }
    if entry.icon is not None:
        document["icon"] = offer.release.url(entry.icon)
    if entry.labels:
        document["labels"] = dict(entry.labels)
    return document


def _answer(
    request: Request, content: bytes, media_type: str = "application/json", *, digest: str | None = None
) -> Response:
    etag = f'"{(digest or hashlib.sha256(content).hexdigest())[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)
