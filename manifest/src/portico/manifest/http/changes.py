"""Changing channels over HTTP. Every change says which revision it was decided on, and may be rehearsed."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.answers import Answer, RequestKey
from portico.manifest.changing import ChangeRequest
from portico.manifest.channel_entry import WHOLE
from portico.manifest.errors import RevisionConflict
from portico.manifest.http.auth import authenticate
from portico.manifest.http.channels import channel_in_path, revision_response
from portico.manifest.http.idempotency import key_of, once
from portico.manifest.http.parameters import Body, RevisionNumber, bases_of, body_of, flag_of
from portico.manifest.http.problems import with_problems
from portico.manifest.manifest import Manifest
from portico.manifest.tokens import DeployToken

Wish = Callable[[int | None, Body, DeployToken, RequestKey | None], Awaitable[ChangeRequest]]
"""From the base, body, token and key of a request to the change that it wants."""


class Promotion(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``PUT``: which release, for how many hundredths of the people, and why."""

    release: str
    weight: Annotated[int, msgspec.Meta(ge=0, le=WHOLE)] = WHOLE
    why: str = ""


class Retirement(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``DELETE``: why."""

    why: str = ""


class Rollback(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST .../rollback``: to which revision, the whole channel or one app, and why."""

    to: RevisionNumber
    app: str | None = None
    why: str = ""


def change_routes(manifest: Manifest) -> list[Route]:
    """Return the routes that change channels. All of them want a deploy token."""

    async def promote(request: Request) -> Response:
        async def wish(base: int | None, body: Promotion, by: DeployToken, key: RequestKey | None) -> ChangeRequest:
            app, why = request.path_params["app"], _why(body.why)
            return await manifest.promotion(app, body.release, base=base, by=by, weight=body.weight, why=why, key=key)

        return await _change(request, manifest, Promotion, wish)

    async def retire(request: Request) -> Response:
        async def wish(base: int | None, body: Retirement, by: DeployToken, key: RequestKey | None) -> ChangeRequest:
            return await manifest.retirement(request.path_params["app"], base=base, by=by, why=_why(body.why), key=key)

        return await _change(request, manifest, Retirement, wish)

    async def rollback(request: Request) -> Response:
        async def wish(base: int | None, body: Rollback, by: DeployToken, key: RequestKey | None) -> ChangeRequest:
            channel, why = channel_in_path(request), _why(body.why)
            return await manifest.rolling_back(
                body.to, base=base, by=by, app=body.app, why=why, channel=channel, key=key
            )

        return await _change(request, manifest, Rollback, wish)

    return [
        Route("/deploy/channels/{channel}/apps/{app}", with_problems(promote), methods=["PUT"]),
        Route("/deploy/channels/{channel}/apps/{app}", with_problems(retire), methods=["DELETE"]),
        Route("/deploy/channels/{channel}/rollback", with_problems(rollback), methods=["POST"]),
    ]


async def _change(request: Request, manifest: Manifest, kind: type[Body], wish: Wish[Body]) -> Response:
    """Make a change once, or say what it would do."""
    by = await authenticate(request, manifest)
    channel, dry = channel_in_path(request), flag_of(request, "dry_run")
    if "idempotency-key" not in request.headers:
        await _base(request, manifest, needed=not dry)  # who is late is told so before the body is read
    body = await body_of(request, kind)
    key = key_of(request, by, body)
    if dry:
        preview = await manifest.preview(
            await wish(await _base(request, manifest, needed=False), body, by, None), channel=channel
        )
        return JSONResponse(preview.to_document(manifest.platform), headers={"Cache-Control": "no-store"})

    async def act() -> Response:
        wanted = await wish(await _base(request, manifest, needed=True), body, by, key)
        return revision_response(await manifest.change(wanted, channel=channel))

    async def again(answer: Answer) -> Response:
        return revision_response(await manifest.revision(channel, int(answer.body)))

    return await once(manifest, key, act, again=again)


async def _base(request: Request, manifest: Manifest, *, needed: bool) -> int | None:
    """Return the current revision when ``If-Match`` names it; raises the 412 or 428 problem.

    ``None`` without the header where it is not needed: whatever is current.
    """
    if not needed and "if-match" not in request.headers:
        return None
    bases = bases_of(request)
    channel = channel_in_path(request)
    head = await manifest.store.head(channel)
    if head not in bases:
        raise RevisionConflict(channel, head)
    return head


def _why(text: str) -> str:
    return text.strip()[:500]
