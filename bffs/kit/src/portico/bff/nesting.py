"""How deeply the JSON of a request may be nested.

What just fits through the decoder may be too deep for whatever handles, keeps or answers it afterwards, with less of
the stack left. So the bound is far below what any of them can do, and the same for all.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final

DEEPEST: Final = 100
"""Levels of objects and lists. Documented."""

# Possessive, and unfinished text is text to the end: so the time is linear whatever somebody sends.
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_STEPS = bytes.maketrans(b"{[}]", b"\x01\x01\xff\xff")  # as signed bytes: a level down, a level up
_OTHERS = bytes(set(range(256)) - set(b"{}[]"))


def is_too_deep(body: bytes) -> bool:
    """Whether JSON is nested deeper than `DEEPEST`. What is no JSON may be called either; the decoder refuses it."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    steps = memoryview(_TEXT.sub(b"", body).translate(_STEPS, _OTHERS)).cast("b")
    return max(accumulate(steps), default=0) > DEEPEST
