"""What JSON may say and Portico does not take, wherever in the document it stands."""

import re
import sys
from collections.abc import Iterable
from typing import Any

from portico.manifest.errors import Finding

MAX_DEPTH = 16
MAX_BREADTH = 200
"""How many items a list may have, or members an object."""
MAX_VALUES = 1_000
"""How many values there may be in all: objects, lists, and what is in them."""

_LARGEST = sys.float_info.max
"""Of a number beyond it, JavaScript makes infinity, which JSON cannot say."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f]")


def pointer(*steps: str | int) -> str:
    """Return the JSON Pointer (RFC 6901) of a place in the document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def malformations(document: Any) -> Iterable[Finding]:
    """Find text with control characters or half a surrogate pair, numbers without a value, and too much of anything.

    Without this a pattern's ``$`` lets a line feed at the end pass, canonical JSON cannot be written, and the schema's
    check takes seconds. Extension members (``x-*``) may hold control characters: notes of several lines are fine there.
    """
    waiting: list[tuple[tuple[str | int, ...], Any, bool]] = [((), document, False)]
    seen = 0
    while waiting:
        steps, value, extension = waiting.pop()
        seen += 1
        if seen > MAX_VALUES:
            yield Finding("", f"has more than {MAX_VALUES} values in all")
            return
        if isinstance(value, dict | list) and (excess := _excess(steps, value)):
            yield Finding(_printable(pointer(*steps)), excess)
            continue
        match value:
            case str():
                yield from _text(steps, value, extension)
            case float() | int() if not -_LARGEST <= value <= _LARGEST:  # nor is "not a number" within them
                yield Finding(pointer(*steps), "is too large a number")
            case dict():
                for name, member in value.items():
                    yield from _text(steps, name, extension)
                    waiting.append(((*steps, name), member, extension or name.startswith("x-")))
            case list():
                waiting.extend(((*steps, number), item, extension) for number, item in enumerate(value))


def _excess(steps: tuple[str | int, ...], value: dict[str, Any] | list[Any]) -> str | None:
    if len(steps) >= MAX_DEPTH:
        return f"is nested deeper than {MAX_DEPTH} levels"
    if len(value) > MAX_BREADTH:
        what = "items" if isinstance(value, list) else "members"
        return f"has {len(value)} {what}; at most {MAX_BREADTH} are taken"
    return None


def _text(steps: tuple[str | int, ...], text: str, extension: bool) -> Iterable[Finding]:
    if _SURROGATE.search(text):
        yield Finding(_printable(pointer(*steps)), "holds half a surrogate pair")
    elif not extension and _CONTROL.search(text):
        yield Finding(_printable(pointer(*steps)), f"holds a control character: {text[:60]!r}")


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
