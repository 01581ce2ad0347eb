"""Finding the schemas of events, in folders and with the services that are installed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec

_GROUP: Final = "portico.bffs"
_NAME: Final = re.compile(r"([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)+)\.([1-9][0-9]{0,3})")


class SchemaRefused(Exception):
    """A file that cannot be used; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """The schema of what ``service`` says in version ``version`` of its events of ``type``."""

    service: str
    type: str
    version: int
    path: Path
    schema: Mapping[str, Any]

    @property
    def urn(self) -> str:
        """What the envelope's ``dataschema`` says: ``urn:portico:<service>:<type>:<version>``."""
        return f"urn:portico:{self.service}:{self.type}:{self.version}"

    @property
    def message(self) -> str:
        """The name of the message: ``thing.changed/1``."""
        return f"{self.type}/{self.version}"


def in_folders(folders: Iterable[Path]) -> tuple[SchemaFile, ...]:
    """Read ``<service>/schemas/<type>.<version>.json`` below folders. Raises ``SchemaRefused``."""
    found: list[SchemaFile] = []
    for folder in folders:
        if not folder.is_dir():
            raise SchemaRefused(f"{folder} is no folder with schemas")
        found += [_read(path.parent.parent.name, path) for path in sorted(folder.glob("*/schemas/*.json"))]
    return tuple(found)


def installed() -> tuple[SchemaFile, ...]:
    """Read the schemas of the services installed here: in ``schemas`` in their package, or beside its sources.

    Raises ``SchemaRefused``.
    """
    found: list[SchemaFile] = []
    for point in sorted(entry_points(group=_GROUP), key=lambda point: point.name):
        spec = find_spec(point.module.partition(".")[0])
        if spec is None or spec.origin is None:
            continue
        package = Path(spec.origin).parent
        for folder in (package / "schemas", package.parent.parent / "schemas"):
            found += [_read(point.name, path) for path in sorted(folder.glob("*.json"))]
    return tuple(found)


def of_service(files: Iterable[SchemaFile], service: str) -> tuple[SchemaFile, ...]:
    """Those of one service, by type, the newest version last."""
    return tuple(sorted((one for one in files if one.service == service), key=lambda one: (one.type, one.version)))


def _read(service: str, path: Path) -> SchemaFile:
    named = _NAME.fullmatch(path.stem)
    if named is None:
        raise SchemaRefused(f"{path}: name it <type>.<version>.json, as thing.changed.1.json")
    try:
        schema = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (msgspec.DecodeError, OSError) as error:
        raise SchemaRefused(f"{path} is no JSON Schema: {error}") from error
    found = SchemaFile(service, named[1], int(named[2]), path, schema)
    id_ = schema.get("$id")
    if isinstance(id_, str) and id_.startswith("urn:portico:") and id_ != found.urn:
        raise SchemaRefused(f"{path}: its $id is {id_!r}; in this place it must be {found.urn!r}")
    return found
