"""JSON of strangers, read in one way only: two readers must not see two different documents (RFC 8725, 2.4)."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import msgspec


def strict_json(text: bytes) -> Any:
    """The value; raises ValueError unless it is RFC 8259 JSON in UTF-8 in which no object has a member twice.

    Neither a byte order mark nor NaN, infinite numbers or lone surrogates are taken. Raises RecursionError for
    a document that is nested too deeply.
    """
    msgspec.json.decode(text)  # finds all but the member that is there twice
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member occurs twice")
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
