"""What a request says of itself as a command: its key, its place in a lane, what it replaces, the version it is for."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from starlette.requests import Request

from portico.bff.errors import IdempotencyKeyInvalid, IfMatchInvalid, LaneInvalid
from portico.bff.idempotency import check_key
from portico.bff.lanes import Admission, Turn

_CLIENT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ENCODED = re.compile(r"(?:[A-Za-z0-9_.!~*'()-]|%[0-9A-Fa-f]{2})+")
_SEQ = re.compile(r"[1-9][0-9]{0,15}")
_VERSION = re.compile(r'"(0|[1-9][0-9]{0,17})"')

_LONGEST_LANE: Final = 220
"""Characters: 200 for the name, and room for what a client adds when it counts anew."""

_MOST_REPLACED: Final = 20


def key_of(request: Request) -> str | None:
    """The Idempotency-Key. Raises ``IdempotencyKeyInvalid``."""
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return None
    if len(keys) > 1:
        raise IdempotencyKeyInvalid("there is more than one Idempotency-Key")
    check_key(keys[0])
    return keys[0]


def base_version_of(request: Request) -> int | None:
    """The version that the command is made for, from `If-Match: "3"`. Raises ``IfMatchInvalid``."""
    given = request.headers.getlist("if-match")
    if not given:
        return None
    match = _VERSION.fullmatch(given[0].strip()) if len(given) == 1 else None
    if match is None:
        raise IfMatchInvalid('If-Match names one version, as in "3"; no *, no list, no weak tag')
    return int(match[1])


def command_of(request: Request) -> tuple[str | None, Admission]:
    """A command's key and all that it asks for beside its effect. Raises ``LaneInvalid`` and the key's errors."""
    key, admission = key_of(request), admission_of(request)
    if key is None and admission.turn is not None:
        raise LaneInvalid("a command with a place in a lane has an Idempotency-Key")
    if admission.replaces and (key is None or key in admission.replaces):
        raise IdempotencyKeyInvalid("a command that replaces others has an Idempotency-Key of its own")
    return key, admission


def admission_of(request: Request) -> Admission:
    """A place in a lane and what is replaced, as the headers say. Raises ``LaneInvalid``, ``IdempotencyKeyInvalid``."""
    return Admission(_turn(request), _replaced(request))


def _turn(request: Request) -> Turn | None:
    lane, seq = _one(request, "portico-lane"), _one(request, "portico-lane-seq")
    if lane is None and seq is None:
        return None
    client = _one(request, "portico-client")
    if lane is None or seq is None or client is None:
        raise LaneInvalid("Portico-Lane, Portico-Lane-Seq and Portico-Client come together")
    if not _CLIENT.fullmatch(client):
        raise LaneInvalid("Portico-Client is 1 to 64 letters, digits, - and _")
    if not _SEQ.fullmatch(seq):
        raise LaneInvalid("Portico-Lane-Seq is a whole number from 1")
    return Turn(client, _decoded(lane), int(seq))


def _replaced(request: Request) -> tuple[str, ...]:
    given = [part.strip() for value in request.headers.getlist("portico-replaces") for part in value.split(",")]
    if len(given) > _MOST_REPLACED:
        raise IdempotencyKeyInvalid(f"a command replaces at most {_MOST_REPLACED} others")
    for key in given:
        check_key(key)
    return tuple(dict.fromkeys(given))


def _one(request: Request, name: str) -> str | None:
    values = request.headers.getlist(name)
    if len(values) > 1:
        raise LaneInvalid(f"there is more than one {name.title()}")
    return values[0] if values else None


def _decoded(text: str) -> str:
    try:
        lane = unquote(text, errors="strict") if _ENCODED.fullmatch(text) else ""
    except UnicodeDecodeError:
        lane = ""
    if not 0 < len(lane) <= _LONGEST_LANE or "\x00" in lane:
        raise LaneInvalid(f"Portico-Lane is 1 to {_LONGEST_LANE} characters as encodeURIComponent writes them")
    return lane
