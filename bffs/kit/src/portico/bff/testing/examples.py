"""Examples of what a schema lets through, for property-based tests (Hypothesis)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

from hypothesis import strategies as st

from portico.bff.errors import DeclarationError

_TEXT: Final = st.characters(codec="utf-8")
_MOST_ITEMS: Final = 3
_SAID: Final = frozenset(
    {"$comment", "$defs", "$id", "$schema", "additionalProperties", "deprecated", "description", "examples", "title"}
)
_KNOWN: Final = _SAID | {
    "$ref", "anyOf", "const", "enum", "type", "format", "minLength", "maxLength", "minimum", "maximum", "items",
    "minItems", "maxItems", "properties", "required",
}  # fmt: skip


def examples_of(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that are valid against a schema of events, with and without what it does not require.

    Raises ``DeclarationError`` for a keyword that it does not know, so that nothing is tested less than it seems.
    """
    return _examples(schema, schema)


def _examples(part: Any, root: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if unknown := [word for word in part if word not in _KNOWN and not word.startswith("x-")]:
        raise DeclarationError(f"examples of {unknown[0]!r} cannot be made; write the schema without it")
    if "$ref" in part:
        return _examples(root["$defs"][str(part["$ref"]).removeprefix("#/$defs/")], root)
    if "anyOf" in part:
        return st.one_of([_examples(one, root) for one in part["anyOf"]])
    if "const" in part:
        return st.just(part["const"])
    if "enum" in part:
        return st.sampled_from(part["enum"])
    return _of_type(part, root)


def _of_type(part: Mapping[str, Any], root: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    made: st.SearchStrategy[Any]
    match part.get("type"):
        case "string" if part.get("format") == "date-time":
            made = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat().replace("+00:00", "Z"))
        case "string":
            made = st.text(_TEXT, min_size=part.get("minLength", 0), max_size=part.get("maxLength", 60))
        case "integer":
            made = st.integers(part.get("minimum", -(2**53)), part.get("maximum", 2**53))
        case "number":
            made = st.floats(part.get("minimum"), part.get("maximum"), allow_nan=False, allow_infinity=False)
        case "boolean":
            made = st.booleans()
        case "null":
            made = st.none()
        case "array":
            least = part.get("minItems", 0)
            most = min(part.get("maxItems", least + _MOST_ITEMS), least + _MOST_ITEMS)
            made = st.lists(_examples(part.get("items", {}), root), min_size=least, max_size=most)
        case "object":
            members = {name: _examples(one, root) for name, one in part.get("properties", {}).items()}
            required = {name: members.pop(name) for name in part.get("required", ())}
            made = st.fixed_dictionaries(required, optional=members)
        case other:
            raise DeclarationError(f"examples of type {other!r} cannot be made; name one type, or several by anyOf")
    return made
