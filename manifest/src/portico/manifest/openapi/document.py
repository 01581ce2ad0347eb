"""The document, put together from its groups."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from portico.manifest.openapi import access, channels, common, flags, reads, releases, status
from portico.manifest.openapi.building import Node
from portico.manifest.openapi.itself import PATHS as ITSELF
from portico.manifest.schemas import load_schema

_GROUPS = (access, reads, releases, channels, flags, status)
_EMBEDDED = {"app-manifest": "AppManifest", "flag": "Flag", "import-map": "ImportMap", "release": "Release"}
"""Our JSON Schemas, and what they are called in the document."""


Paths = Mapping[str, Mapping[str, Node]]
"""Operations by path, then by method in lower case."""


@cache
def paths() -> Paths:
    """Return every described path, with its operations by method in lower case."""
    return {**{path: operations for group in _GROUPS for path, operations in group.PATHS.items()}, **ITSELF}


def openapi_document(further: Paths | None = None) -> Node:
    """Return the whole document (OpenAPI 3.1); ``further`` are paths of the host that the deployer is mounted in."""
    schemas = dict(common.SCHEMAS)
    for group in _GROUPS:
        schemas |= group.SCHEMAS
    schemas |= {component: _embedded(name) for name, component in _EMBEDDED.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Portico's manifest deployer",
            "version": version("portico"),
            "description": "Releases, channels, history: what teams deploy through, and what pages are made of.",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"deployToken": []}],
        "paths": dict(sorted({**paths(), **(further or {})}.items())),
        "components": {
            "schemas": schemas,
            "headers": common.HEADERS,
            "securitySchemes": {
                "deployToken": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "portico"},
            },
        },
    }


def _embedded(name: str) -> Node:
    """Return one of our schemas as a component: references lead to where they are in the document."""
    schema = {key: part for key, part in load_schema(name).items() if key not in {"$schema", "$id"}}
    found: Node = _moved(schema, _EMBEDDED[name])
    return found


def _moved(part: Any, component: str) -> Any:
    if isinstance(part, list):
        return [_moved(item, component) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _target(value, component) if key == "$ref" and isinstance(value, str) else _moved(value, component)
        for key, value in part.items()
    }


def _target(reference: str, component: str) -> str:
    file, _, pointer = reference.partition("#")
    there = _EMBEDDED[file.removesuffix(".schema.json")] if file else component
    return f"#/components/schemas/{there}{pointer}"
