"""The JSON Schemas of ``manifest/schema``: read once, found in a wheel and in a checkout alike."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry, Resource

from portico.manifest.canonical import canonical_json

NAMES = ("app-manifest", "flag", "import-map", "release")
"""The schemas there are."""


def schema_folder() -> Traversable:
    """Return the folder of the schemas.

    A wheel carries it inside the package (hatchling's force-include); an editable install, whose package is the
    checkout's own, has it where it is kept: beside ``src``.
    """
    packaged = files("portico.manifest") / "schema"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "schema"


@cache
def load_schema(name: str) -> Mapping[str, Any]:
    """Return the schema called ``name`` (see ``NAMES``); raises ``FileNotFoundError`` for another."""
    loaded: Mapping[str, Any] = json.loads((schema_folder() / f"{name}.schema.json").read_text("utf-8"))
    return loaded


@cache
def validator(name: str) -> Validator:
    """Return a validator for the schema called ``name``; references between our schemas resolve, others do not.

    References within the schema are replaced by what they refer to: following them takes most of a validator's time.
    """
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in map(load_schema, NAMES)
    )
    schema = load_schema(name)
    checker: Validator = _Validator(_inlined(schema, schema), registry=registry)
    return checker


def _inlined(part: Any, schema: Mapping[str, Any]) -> Any:
    """Return a part of the schema without references to the same schema; none of ours leads back to itself."""
    if isinstance(part, list):
        return [_inlined(item, schema) for item in part]
    if not isinstance(part, dict):
        return part
    members = {name: _inlined(member, schema) for name, member in part.items() if name not in {"$ref", "$defs"}}
    if not (reference := str(part.get("$ref", ""))).startswith("#/"):
        return members | ({"$ref": reference} if reference else {})
    target: Any = schema
    for step in reference.removeprefix("#/").split("/"):
        target = target[step]
    return {**_inlined(target, schema), **members}


def _unique_items(_: Validator, unique: bool, items: Any, __: Any) -> Iterator[ValidationError]:
    """Check ``uniqueItems`` in time that grows with the items; jsonschema's own compares each with each."""
    seen: set[bytes] = set()
    for number, item in enumerate(items if unique and isinstance(items, list) else ()):
        text = canonical_json(item)
        if text in seen:
            yield ValidationError(f"{item!r} is there twice", path=[number])
        seen.add(text)


_Validator = extend(Draft202012Validator, {"uniqueItems": _unique_items})  # type: ignore[no-untyped-call]
