"""What requests say beside their body, read and checked."""

import re
from typing import Annotated, TypeVar

import msgspec
from starlette.requests import Request

from portico.manifest.channel_entry import WHOLE
from portico.manifest.manifest import LIVE
from portico.problem import FieldError, Problem, decoded, field_error, malformed

CHANNEL_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_DIGITS = 15
"""So many digits every database keeps, and JavaScript exactly."""
_TAG = re.compile(rf'"([0-9]{{1,{_DIGITS}}})"')
_MOST = 200
_LARGEST_BODY = 64 << 10

Body = TypeVar("Body")

RevisionNumber = Annotated[int, msgspec.Meta(ge=0, lt=10**_DIGITS)]
"""A revision's number in a body."""


def channel_name(name: str) -> str:
    """Return the channel's name; raises a 404 problem for what cannot be one."""
    if not CHANNEL_NAME.fullmatch(name):
        raise Problem.not_found(f"{name[:80]!r} cannot be a channel's name.")
    return name


def channel_of(request: Request) -> str:
    """Return the channel that the query asks for, ``live`` without."""
    return channel_name(request.query_params.get("channel", LIVE))


def cohort_of(request: Request) -> str | None:
    """Return the visitor's key that the query asks for, ``None`` without; raises a 422 problem for a very long one."""
    visitor = request.query_params.get("cohort")
    if visitor is not None and not 0 < len(visitor) <= _MOST:
        raise Problem.invalid([FieldError("query:cohort", f"a visitor's key of 1 to {_MOST} characters is wanted")])
    return visitor


def limit_of(request: Request, default: int = 50) -> int:
    """Return the size of a page, from ``?limit=``; raises a 422 problem for none or too many."""
    limit = number_of(request, "limit")
    if limit is None:
        return default
    if not 1 <= limit <= _MOST:
        raise Problem.invalid([FieldError("query:limit", f"is from 1 to {_MOST}")])
    return limit


def number_of(request: Request, name: str) -> int | None:
    """Return a whole number from the query, ``None`` without; raises a 422 problem when it is none."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise Problem.invalid([FieldError(f"query:{name}", "a whole number is wanted")])
    return int(text)


def weight_of(request: Request) -> int:
    """Return of how many of a hundred people the query speaks, all without; raises a 422 problem for more."""
    weight = number_of(request, "weight")
    if weight is None:
        return WHOLE
    if weight > WHOLE:
        raise Problem.invalid([FieldError("query:weight", f"is from 0 to {WHOLE}")])
    return weight


def flag_of(request: Request, name: str) -> bool:
    """Return ``true`` or ``false`` from the query, false without; raises a 422 problem for anything else."""
    text = request.query_params.get(name, "false")
    if text not in {"true", "false"}:
        raise Problem.invalid([FieldError(f"query:{name}", "true or false is wanted")])
    return text == "true"


def bases_of(request: Request) -> frozenset[int]:
    """Return the revisions that ``If-Match`` names: what the change was decided on.

    Raises a 428 problem without the header, and a 400 problem for anything but strong tags of revisions: ``*`` would
    undo what somebody else did unseen.
    """
    header = request.headers.get("if-match")
    if header is None:
        raise Problem(
            "precondition-required",
            status=428,
            detail="Send If-Match with the ETag of the channel as you have read it.",
        )
    tags = [_TAG.fullmatch(tag.strip()) for tag in header.split(",")]
    if not all(tags):
        raise Problem("invalid-if-match", status=400, detail='If-Match takes revisions, such as "7".')
    return frozenset(int(tag[1]) for tag in tags if tag)


async def body_of(request: Request, kind: type[Body], *, most: int = _LARGEST_BODY) -> Body:
    """Return the JSON body as ``kind``; an empty body is an empty object. Raises a 400, 413 or 422 problem."""
    content = bytearray()
    async for block in request.stream():
        content += block
        if len(content) > most:
            detail = f"At most {most} bytes are taken here."
            raise Problem("content-too-large", status=413, title="Content Too Large", detail=detail)
    try:
        return decoded(bytes(content) or b"{}", kind)
    except msgspec.ValidationError as error:
        raise Problem.invalid([field_error(error)]) from error
    except msgspec.DecodeError as error:
        raise malformed(str(error)) from error
