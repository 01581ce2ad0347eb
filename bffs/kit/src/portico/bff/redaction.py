"""Values without what their types say is secret."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

HIDDEN: Final = "[redacted]"


def redacted(entity: msgspec.Struct) -> Any:
    """An entity as JSON's values, without the fields whose type says ``x-redact``::

    secret: Annotated[str, msgspec.Meta(extra_json_schema={"x-redact": True})]
    """
    schema, parts = _schema_of(type(entity))
    return redact(msgspec.to_builtins(entity), schema, parts)


def redact(value: Any, schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Any:
    """A value without what its JSON Schema marks with ``x-redact``; ``parts`` are the schema's ``$defs``."""
    if "$ref" in schema:
        return redact(value, {**parts.get(str(schema["$ref"]).rpartition("/")[2], {}), **_rest(schema)}, parts)
    if schema.get("x-redact"):
        return None if value is None else HIDDEN
    for choice in (*schema.get("anyOf", ()), *schema.get("allOf", ()), *schema.get("oneOf", ())):
        value = redact(value, choice, parts)
    if isinstance(value, dict):
        fields, others = schema.get("properties", {}), schema.get("additionalProperties")
        rest = others if isinstance(others, dict) else {}
        return {name: redact(one, fields.get(name, rest), parts) for name, one in value.items()}
    if isinstance(value, list):
        first, items = schema.get("prefixItems", []), schema.get("items")
        rest = items if isinstance(items, dict) else {}
        return [redact(one, first[at] if at < len(first) else rest, parts) for at, one in enumerate(value)]
    return value


def _rest(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "$ref"}


@lru_cache(maxsize=512)
def _schema_of(type_: type) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    (schema,), parts = msgspec.json.schema_components([type_])
    return schema, parts
