"""The JSON Schemas of ``manifest/schema``: read once, found in a wheel and in a checkout alike."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource

NAMES = ("app-manifest", "import-map", "release")
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
    """Return a validator for the schema called ``name``; references between our schemas resolve, others do not."""
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in map(load_schema, NAMES)
    )
    return Draft202012Validator(load_schema(name), registry=registry)
