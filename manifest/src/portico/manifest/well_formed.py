"""What JSON may say and Portico does not take, wherever in the document it stands."""

import math
from collections.abc import Iterable
from typing import Any

from portico.manifest.errors import Finding

MAX_DEPTH = 32


def pointer(*steps: str | int) -> str:
    """Return the JSON Pointer (RFC 6901) of a place in the document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def malformations(document: Any) -> Iterable[Finding]:
    """Find text with control characters or half a surrogate pair, numbers without a value, and nesting too deep.

    Without this a pattern's ``$`` lets a line feed at the end pass, and canonical JSON cannot be written. Extension
    members (``x-*``) may hold control characters, so notes of several lines are fine there.
    """
    waiting: list[tuple[tuple[str | int, ...], Any, bool]] = [((), document, False)]
    while waiting:
        steps, value, extension = waiting.pop()
        if len(steps) > MAX_DEPTH:
            yield Finding(pointer(*steps[:4]), f"is nested deeper than {MAX_DEPTH} levels")
            return
        match value:
            case str():
                yield from _text(steps, value, extension)
            case float() if not math.isfinite(value):
                yield Finding(pointer(*steps), "is too large a number")
            case dict():
                for name, member in value.items():
                    yield from _text(steps, name, extension)
                    waiting.append(((*steps, name), member, extension or name.startswith("x-")))
            case list():
                waiting.extend(((*steps, number), item, extension) for number, item in enumerate(value))


def _text(steps: tuple[str | int, ...], text: str, extension: bool) -> Iterable[Finding]:
    if any("\ud800" <= character <= "\udfff" for character in text):
        yield Finding(_printable(pointer(*steps)), "holds half a surrogate pair")
    elif not extension and any(character < " " or character == "\x7f" for character in text):
        yield Finding(pointer(*steps), f"holds a control character: {text[:60]!r}")


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
