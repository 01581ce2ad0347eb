"""Where to go after signing in: a path on this origin, or home."""

from __future__ import annotations

import re

HOME = "/"
_LONGEST = 2048
# One slash, then no second one; no backslash (browsers read it as a slash) and no control character (they drop it).
_PATH = re.compile(r"/(?!/)[^\\\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]*")
_OWN = re.compile(r"/auth(?!/sessions$)(?:[/?#]|$)")  # a page of ours needs a way back too
# No link of ours has these: a browser would fold them into another path, which could begin with two slashes.
_DOTS = re.compile(r"[^?#]*/(?:\.|%2e){1,2}(?:[/?#]|$)", re.IGNORECASE)


def safe_return_to(value: str | None) -> str:
    """`value` when it is a path (with query and fragment) on this origin and not part of signing in; else `/`."""
    if value is None or len(value) > _LONGEST or not _PATH.fullmatch(value) or _OWN.match(value) or _DOTS.match(value):
        return HOME
    return value
