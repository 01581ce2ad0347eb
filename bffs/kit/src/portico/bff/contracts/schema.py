"""The JSON Schema of what a type reads: as little as a consumer asks for, in the keywords that can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

_WORDS: Final = frozenset({"title", "description", "default"})
"""Said of data, and asks nothing of it. What a service says of its own types is nobody's contract."""
_NAMED: Final = frozenset({"properties", "$defs"})


def read_schema(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """What an entity must be like for ``struct`` to read it (JSON Schema 2020-12). Other members are passed over."""
    (schema,), parts = msgspec.json.schema_components([struct], ref_template="#/$defs/{name}")
    return {**_bare(schema), "$defs": {name: _bare(part) for name, part in sorted(parts.items())}}


def _bare(part: Any) -> Any:
    if isinstance(part, list):
        return [_bare(one) for one in part]
    if not isinstance(part, Mapping):
        return part
    return {
        keyword: {name: _bare(one) for name, one in value.items()} if keyword in _NAMED else _bare(value)
        for keyword, value in part.items()
        if keyword not in _WORDS
    }
