"""Bodies as msgspec reads them, and where in one it found a mistake, as a JSON Pointer."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from portico.problem.document import FieldError

T = TypeVar("T")

_PATH = re.compile(r" - at `(key in )?\$(?P<path>.*)`$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def decoded(body: bytes, kind: type[T]) -> T:
    """A body of JSON as `kind`; raises `msgspec.DecodeError` for whatever is wrong with it, and nothing else.

    By itself msgspec raises other errors for what is nested without end, and for strings that are no UTF-8.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except RecursionError as error:
        raise msgspec.DecodeError("JSON is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(f"JSON is not UTF-8: {error}") from error


def field_error(error: msgspec.ValidationError, *, within: str = "") -> FieldError:
    """What msgspec refused and where.

    msgspec writes the place as `$.items[0].qty`; here it is the JSON Pointer `/items/0/qty` (RFC 6901), below
    `within`. `[...]` (somewhere in a mapping or set) has no exact place and becomes `*`.
    """
    message = str(error)
    found = _PATH.search(message)
    if found is None:
        return FieldError(pointer=within, detail=message)
    steps = (name or index for name, index in _STEP.findall(found["path"]))
    pointer = "".join("/" + _escape("*" if step == "..." else step) for step in steps)
    return FieldError(pointer=within + pointer, detail=message[: found.start()])


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
