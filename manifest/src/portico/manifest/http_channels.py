"""Reading and changing channels. Every change says which revision it was decided on."""

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.channel import ChannelRevision
from portico.manifest.channel_entry import change_document
from portico.manifest.errors import RevisionConflict
from portico.manifest.http_auth import authenticate
from portico.manifest.http_parameters import RevisionNumber, bases_of, body_of, channel_name, limit_of, number_of
from portico.manifest.http_problems import with_problems
from portico.manifest.http_signatures import sign_changes
from portico.manifest.manifest import Manifest
from portico.manifest.snapshot import revision_etag


class Promotion(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``PUT``: which release, and why."""

    release: str
    why: str = ""


class Retirement(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``DELETE``: why."""

    why: str = ""


class Rollback(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST .../rollback``: to which revision, the whole channel or one app, and why."""

    to: RevisionNumber
    app: str | None = None
    why: str = ""


def channel_routes(manifest: Manifest) -> list[Route]:
    """Return the routes below ``/deploy/channels``. All of them want a deploy token."""

    async def show(request: Request) -> Response:
        await authenticate(request, manifest)
        revision = await manifest.revision(_channel(request), number_of(request, "revision"))
        return _revision(revision)

    async def promote(request: Request) -> Response:
        by = await authenticate(request, manifest)
        base = await _base(request)
        body = await body_of(request, Promotion)
        app = request.path_params["app"]
        changed = await manifest.promote(
            app, body.release, base=base, by=by, why=_why(body.why), channel=_channel(request)
        )
        return _revision(changed)

    async def retire(request: Request) -> Response:
        by = await authenticate(request, manifest)
        base = await _base(request)
        body = await body_of(request, Retirement)
        app = request.path_params["app"]
        return _revision(await manifest.retire(app, base=base, by=by, why=_why(body.why), channel=_channel(request)))

    async def rollback(request: Request) -> Response:
        by = await authenticate(request, manifest)
        base = await _base(request)
        body = await body_of(request, Rollback)
        changed = await manifest.rollback(
            body.to, base=base, by=by, app=body.app, why=_why(body.why), channel=_channel(request)
        )
        return _revision(changed)

    async def history(request: Request) -> Response:
        await authenticate(request, manifest)
        channel, limit = _channel(request), limit_of(request)
        # One more than asked for: each revision is shown with what it changed.
        found = await manifest.history(channel, before=number_of(request, "cursor"), limit=limit + 1)
        parents = [*found[1:], ChannelRevision.empty(channel)]
        shown = [
            revision.to_document() | {"changes": [change_document(change) for change in revision.diff(parent)]}
            for revision, parent in zip(found[:limit], parents, strict=False)
        ]
        await sign_changes(shown, manifest.store.access)
        return JSONResponse({"revisions": shown, "cursor": found[limit - 1].number if len(found) > limit else None})

    async def _base(request: Request) -> int:
        """Return the current revision when ``If-Match`` names it; raises the 412 or 428 problem."""
        bases = bases_of(request)
        channel = _channel(request)
        head = await manifest.store.head(channel)
        if head not in bases:
            raise RevisionConflict(channel, head)
        return head

    return [
        Route("/deploy/channels/{channel}", with_problems(show), methods=["GET"]),
        Route("/deploy/channels/{channel}/apps/{app}", with_problems(promote), methods=["PUT"]),
        Route("/deploy/channels/{channel}/apps/{app}", with_problems(retire), methods=["DELETE"]),
        Route("/deploy/channels/{channel}/rollback", with_problems(rollback), methods=["POST"]),
        Route("/deploy/channels/{channel}/history", with_problems(history), methods=["GET"]),
    ]


def _channel(request: Request) -> str:
    return channel_name(request.path_params["channel"])


def _why(text: str) -> str:
    return text.strip()[:500]


def _revision(revision: ChannelRevision) -> Response:
    headers = {"ETag": revision_etag(revision.number), "Cache-Control": "no-cache"}
    return JSONResponse(revision.to_document(), headers=headers)
