"""Reading channels: what they hold now, what they held, and what changed."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.channel import ChannelRevision
from portico.manifest.channel_entry import change_document
from portico.manifest.http.auth import authenticate
from portico.manifest.http.parameters import channel_name, limit_of, number_of
from portico.manifest.http.problems import with_problems
from portico.manifest.http.signatures import sign_changes
from portico.manifest.manifest import Manifest
from portico.manifest.snapshot import revision_etag


def channel_routes(manifest: Manifest) -> list[Route]:
    """Return the routes that read a channel. All of them want a deploy token."""

    async def show(request: Request) -> Response:
        await authenticate(request, manifest)
        return revision_response(await manifest.revision(channel_in_path(request), number_of(request, "revision")))

    async def history(request: Request) -> Response:
        await authenticate(request, manifest)
        channel, limit = channel_in_path(request), limit_of(request)
        # One more than asked for: each revision is shown with what it changed.
        found = await manifest.history(channel, before=number_of(request, "cursor"), limit=limit + 1)
        parents = [*found[1:], ChannelRevision.empty(channel)]
        shown = [
            revision.to_document() | {"changes": [change_document(change) for change in revision.diff(parent)]}
            for revision, parent in zip(found[:limit], parents, strict=False)
        ]
        await sign_changes(shown, manifest.store.access)
        return JSONResponse({"revisions": shown, "cursor": found[limit - 1].number if len(found) > limit else None})

    return [
        Route("/deploy/channels/{channel}", with_problems(show), methods=["GET"]),
        Route("/deploy/channels/{channel}/history", with_problems(history), methods=["GET"]),
    ]


def channel_in_path(request: Request) -> str:
    """Return the channel that the path names; raises a 404 problem for what cannot be one."""
    return channel_name(request.path_params["channel"])


def revision_response(revision: ChannelRevision) -> JSONResponse:
    """Return a revision, with its entity tag."""
    headers = {"ETag": revision_etag(revision.number), "Cache-Control": "no-cache"}
    return JSONResponse(revision.to_document(), headers=headers)
