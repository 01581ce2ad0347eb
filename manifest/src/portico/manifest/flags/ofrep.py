"""OpenFeature's remote evaluation protocol (OFREP 0.1, https://github.com/open-feature/protocol): any client works.

Its errors are its own: ``errorCode`` and ``errorDetails``, not problem documents, except that who may not ask at all is
answered as everywhere here.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.manifest.canonical import canonical_json
from portico.manifest.flags.contexts import Asker, InvalidContext
from portico.manifest.flags.errors import TargetingKeyMissing
from portico.manifest.flags.evaluation import Context, evaluate
from portico.manifest.flags.flag import Flag
from portico.manifest.flags.subject import SubjectOf
from portico.manifest.http.parameters import body_of
from portico.manifest.http.problems import with_problems
from portico.manifest.manifest import Manifest
from portico.problem import Problem

_HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}


class _ParseError(ValueError):
    """The body is not JSON, or no object (PARSE_ERROR)."""


def ofrep_routes(manifest: Manifest, subject: SubjectOf | None = None) -> list[Route]:
    """Return the routes below ``/ofrep/v1``, for servers with a deploy token and, with ``subject``, for browsers."""
    asker = Asker(manifest, subject)

    async def one(request: Request) -> Response:
        key: str = request.path_params["key"]
        who = await asker.who(request)
        try:
            given = await _given(request)
            flag = (await manifest.flags.current()).flags.get(key)
            if flag is None:
                return _failed("FLAG_NOT_FOUND", f"there is no flag {key[:100]!r}", key=key, status=404)
            answer = _answer(flag, await asker.context(who, given, [flag]))
        except _ParseError as error:
            return _failed("PARSE_ERROR", str(error), key=key)
        except InvalidContext as error:
            return _failed("INVALID_CONTEXT", str(error), key=key)
        return JSONResponse(answer, status_code=400 if "errorCode" in answer else 200, headers=_HEADERS)

    async def every(request: Request) -> Response:
        who = await asker.who(request)
        try:
            given = await _given(request)
            flags = list((await manifest.flags.current()).flags.values())
            context = await asker.context(who, given, flags)
        except _ParseError as error:
            return _failed("PARSE_ERROR", str(error))
        except InvalidContext as error:
            return _failed("INVALID_CONTEXT", str(error))
        content = canonical_json({"flags": [_answer(flag, context) for flag in flags]})
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {**_HEADERS, "ETag": etag}
        if etag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type="application/json")

    return [
        Route("/ofrep/v1/evaluate/flags", with_problems(every), methods=["POST"]),
        Route("/ofrep/v1/evaluate/flags/{key}", with_problems(one), methods=["POST"]),
    ]


async def _given(request: Request) -> Mapping[str, Any]:
    """Return the context that a request brings; raises ``_ParseError``, ``InvalidContext``, or a 413 problem."""
    try:
        body = await body_of(request, object)
    except Problem as problem:
        if problem.status != 400:
            raise
        raise _ParseError(problem.detail or problem.title) from problem
    if not isinstance(body, dict):
        raise _ParseError("the body is an object with the member context")
    context = body.get("context", {})
    if not isinstance(context, dict):
        raise InvalidContext("context is an object")
    return context


def _answer(flag: Flag, context: Context) -> dict[str, Any]:
    """Return what a client is told of one flag: the evaluation, or why there is none."""
    try:
        found = evaluate(flag, context)
    except TargetingKeyMissing as error:
        return {"key": flag.key, "errorCode": "TARGETING_KEY_MISSING", "errorDetails": str(error)}
    return {"key": flag.key, "value": found.value, "variant": found.variant, "reason": found.reason}


def _failed(code: str, details: str, *, key: str | None = None, status: int = 400) -> Response:
    named = {} if key is None else {"key": key}
    document = {**named, "errorCode": code, "errorDetails": details}
    return JSONResponse(document, status_code=status, headers=_HEADERS)
