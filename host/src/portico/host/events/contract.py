"""The events of a service as its release says them: schemas as files, and ``bff.events`` in ``app.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portico.host.errors import EventsRefused
from portico.manifest.app_manifest import FILE_NAME

FOLDER = "schemas/events"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Contract:
    """``events`` is what ``app.json`` says, ``files`` the schemas that it names, by their path."""

    events: Mapping[str, Any]
    files: Mapping[str, Any]


def contract_of(document: Mapping[str, Any]) -> Contract:
    """Take a service's contract from its AsyncAPI document."""
    messages: Mapping[str, Any] = document["components"]["messages"]
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    publishes: dict[str, str] = {}
    consumes: list[dict[str, str]] = []
    files: dict[str, Any] = {}
    for name, message in sorted(messages.items()):
        event, rule = message["x-portico-event"], message.get("x-portico-rule")
        schema = _standing_alone(schemas[name], name) if name in schemas else None
        if rule is None:
            publishes[event] = f"{FOLDER}/{event.replace('/', '.')}.json"
            files[publishes[event]] = schema
            continue
        heard = {"from": message["x-portico-service"], "event": event}
        if schema is not None:
            heard["schema"] = f"{FOLDER}/reads/{rule}.json"  # a rule reads all that it hears in one way
            files[heard["schema"]] = schema
        if heard not in consumes:
            consumes.append(heard)
    return Contract({"publishes": publishes, "consumes": consumes}, files)


def write(contract: Contract, folder: Path) -> list[str]:
    """Bring an app's folder to what its service says; return the files that changed. Raises ``EventsRefused``."""
    changes = _changes(contract, folder)
    for path, text in changes.items():
        file = folder / path
        if text is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return list(changes)


def stale(contract: Contract, folder: Path) -> list[str]:
    """Return the files that are not as they would be written. Raises ``EventsRefused``."""
    return list(_changes(contract, folder))


def _changes(contract: Contract, folder: Path) -> dict[str, str | None]:
    """Which files are to be written, and how. Only what they mean counts, not how they are laid out."""
    known = {file.relative_to(folder).as_posix(): _json(file) for file in (folder / FOLDER).rglob("*.json")}
    changes: dict[str, str | None] = dict.fromkeys(sorted(known.keys() - contract.files.keys()))
    changes |= {path: _text(schema) for path, schema in sorted(contract.files.items()) if known.get(path) != schema}
    document = _json(folder / FILE_NAME)
    if not isinstance(document, dict) or not isinstance(document.get("bff"), dict):
        raise EventsRefused(f"{folder / FILE_NAME} names no bff; events are told by a service")
    if document["bff"].get("events") != contract.events:
        document["bff"]["events"] = dict(contract.events)
        changes[FILE_NAME] = _text(document)
    return changes


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise EventsRefused(f"{file} cannot be read: {error}") from error


def _text(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _standing_alone(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    moved: dict[str, Any] = _moved(schema, f"#/components/schemas/{name}")
    return {"$schema": _DIALECT, **moved}


def _moved(part: Any, place: str) -> Any:
    """A schema out of its document: what its references lead to is in itself again."""
    if isinstance(part, list):
        return [_moved(one, place) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: value.replace(place, "#", 1) if name == "$ref" and isinstance(value, str) else _moved(value, place)
        for name, value in part.items()
    }
