"""``Idempotency-Key``: a request that its client has named is done once, however often it is sent."""

import re
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from portico.manifest.answers import Answer, AnsweredBefore, KeptAnswer, RequestKey, request_digest
from portico.manifest.errors import RevisionConflict
from portico.manifest.manifest import Manifest
from portico.manifest.tokens import DeployToken
from portico.problem import Problem

REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[!-~]{1,200}")
_KEPT_HEADERS = ("content-type", "etag", "location", "cache-control")


def key_of(request: Request, by: DeployToken, content: object) -> RequestKey | None:
    """Return what the request is called by its client, ``None`` without a name; raises a 400 problem for a wrong one.

    ``content`` is what was sent, decoded: a request with other spaces in its body is the same request.
    """
    header = request.headers.get("idempotency-key")
    if header is None:
        return None
    if not _KEY.fullmatch(header):
        detail = "A key is 1 to 200 printable ASCII characters without spaces."
        raise Problem("idempotency-key-invalid", status=400, detail=detail)
    target = f"{request.url.path}?{request.url.query}"
    digest = request_digest(request.method, target, msgspec.json.encode(content, order="deterministic"))
    return RequestKey(by.id or f"{by.team} {by.label}", header, digest)


async def once(
    manifest: Manifest,
    key: RequestKey | None,
    act: Callable[[], Awaitable[Response]],
    *,
    again: Callable[[Answer], Awaitable[Response]],
) -> Response:
    """Return what ``act`` answers, or ``again`` what was answered before, marked ``Idempotency-Replayed: true``.

    For acts that keep their answer with their change. Raises ``IdempotencyKeyReused``.
    """
    try:
        kept = None if key is None else await manifest.store.answer(key)
        if kept is None or key is None:
            return await act()
        answer = kept.to(key)
    except AnsweredBefore as said:  # by another process, between the look and the act
        answer = said.answer
    except RevisionConflict:
        # Perhaps it was this very request, sent before and done a moment ago, that moved the channel on.
        if key is None or (kept := await manifest.store.answer(key)) is None:
            raise
        answer = kept.to(key)
    response = await again(answer)
    response.headers[REPLAYED] = "true"
    return response


async def once_kept(manifest: Manifest, key: RequestKey | None, act: Callable[[], Awaitable[Response]]) -> Response:
    """Do as ``once``, for acts that may be done twice without harm: their answer is kept whole, after them.

    An answer that refuses is not kept: nothing was done.
    """

    async def acting() -> Response:
        response = await act()
        if key is not None and response.status_code < 300:
            headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
            answer = Answer(response.status_code, headers, bytes(response.body))
            await manifest.store.keep_answer(KeptAnswer(key, answer, manifest.now()))
        return response

    async def again(answer: Answer) -> Response:
        return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))

    return await once(manifest, key, acting, again=again)
