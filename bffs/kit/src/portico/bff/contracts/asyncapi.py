"""An AsyncAPI 3.0 document of what a service tells and hears (https://www.asyncapi.com/docs/reference/specification/v3.0.0)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from portico.bff.contracts.reading import Reading, readings
from portico.bff.contracts.schema import read_schema
from portico.bff.events import PARTITIONS
from portico.bff.rule import Rule
from portico.schemas import SchemaFile, of_service

_TEXT: Final = {"type": "string"}
_ENVELOPE: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "A CloudEvents 1.0 object, structured JSON.",
    "required": ["id", "source", "type", "time", "subject", "partitionkey", "dataschema", "stamp", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {**_TEXT, "description": "The same at every attempt; also in the header Nats-Msg-Id."},
        "source": {**_TEXT, "description": "/<region>/<service>"},
        "type": _TEXT,
        "time": {**_TEXT, "format": "date-time"},
        "subject": {**_TEXT, "description": "The entity's id."},
        "partitionkey": {**_TEXT, "description": "What keeps the order."},
        "dataschema": {**_TEXT, "description": "urn:portico:<service>:<type>:<version>"},
        "datacontenttype": {"const": "application/json"},
        "stamp": {**_TEXT, "description": "Orders the events of a subject exactly, compared as text."},
        **dict.fromkeys(("actor", "person", "correlationid", "causationid", "traceparent", "triggers"), _TEXT),
        "data": {"description": "The whole entity as it is now."},
    },
}
_HEADERS: Final = {"type": "object", "properties": {"Nats-Msg-Id": {**_TEXT, "description": "The event's id."}}}
_PARAMETERS: Final = {
    "region": {"description": "Where the event was told."},
    "partition": {"enum": [str(one) for one in range(PARTITIONS)], "description": "Of the event's partition key."},
}


class _Document:
    """Gathers channels, operations and messages; each event has one channel, each reading of it its own message."""

    def __init__(self) -> None:
        self.channels: dict[str, Any] = {}
        self.operations: dict[str, Any] = {}
        self.messages: dict[str, Any] = {}
        self.schemas: dict[str, Any] = {"envelope": _ENVELOPE}

    def tell(self, file: SchemaFile) -> None:
        """The service sends events that fit this schema."""
        name = f"{file.service}.{file.type}.{file.version}"
        title = str(file.schema.get("title", file.type))
        self._message(name, (file.service, file.type, file.version), file.schema, title)
        self._operation(f"send.{file.type}", "send", (file.service, file.type), name)

    def hear(self, reading: Reading) -> None:
        """A rule of the service reads these events, if it says what it reads; else nothing is asked of them."""
        rule = reading.rule
        name = f"{rule.id}.{reading.service}.{reading.type}.{reading.version}"
        title = f"{reading.type}, as far as rule {rule.id} reads it"
        schema = read_schema(rule.reads) if rule.reads is not None else None
        self._message(name, (reading.service, reading.type, reading.version), schema, title, rule=rule.id)
        about = f"receive.{rule.id}.{reading.service}.{reading.type}"
        self._operation(about, "receive", (reading.service, reading.type), name)

    def _message(
        self,
        name: str,
        event: tuple[str, str, int],
        schema: Mapping[str, Any] | None,
        title: str,
        rule: str | None = None,
    ) -> None:
        service, type_, version = event
        payload: list[dict[str, Any]] = [{"$ref": "#/components/schemas/envelope"}]
        if schema is not None:
            self.schemas[name] = _embedded(schema, f"#/components/schemas/{name}")
            payload.append({"properties": {"data": {"$ref": f"#/components/schemas/{name}"}}})
        self.messages[name] = {
            "name": f"{type_}/{version}",
            "title": title,
            "contentType": "application/cloudevents+json",
            "headers": _HEADERS,
            "payload": {"allOf": payload},
            "x-portico-service": service,
            "x-portico-event": f"{type_}/{version}",
            **({"x-portico-rule": rule} if rule is not None else {}),
        }
        self._channel(service, type_)["messages"][name] = {"$ref": f"#/components/messages/{name}"}

    def _channel(self, service: str, type_: str) -> dict[str, Any]:
        channel: dict[str, Any] = self.channels.setdefault(
            f"{service}.{type_}",
            {"address": f"evt.{{region}}.{service}.{type_}.{{partition}}", "messages": {}, "parameters": _PARAMETERS},
        )
        return channel

    def _operation(self, name: str, action: str, event: tuple[str, str], message: str) -> None:
        channel = f"#/channels/{event[0]}.{event[1]}"
        operation = self.operations.setdefault(name, {"action": action, "channel": {"$ref": channel}, "messages": []})
        operation["messages"].append({"$ref": f"{channel}/messages/{message}"})


def asyncapi(
    service: str, rules: Iterable[Rule], known: Sequence[SchemaFile], *, title: str, version: str
) -> dict[str, Any]:
    """The document of ``service``: it sends what its schemas among ``known`` say, and receives what its rules hear."""
    document = _Document()
    for file in of_service(known, service):
        document.tell(file)
    for reading in readings(rules, service, known):
        document.hear(reading)
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:portico:{service}",
        "info": {"title": title, "version": version},
        "defaultContentType": "application/cloudevents+json",
        "channels": document.channels,
        "operations": document.operations,
        "components": {"messages": document.messages, "schemas": document.schemas},
    }


def _embedded(schema: Mapping[str, Any], place: str) -> dict[str, Any]:
    """A schema as a part of the document: what its references lead to is at ``place`` now."""
    inner = {keyword: value for keyword, value in schema.items() if keyword not in {"$schema", "$id"}}
    moved: dict[str, Any] = _moved(inner, place)
    return moved


def _moved(part: Any, place: str) -> Any:
    if isinstance(part, list):
        return [_moved(one, place) for one in part]
    if not isinstance(part, Mapping):
        return part
    return {
        name: f"{place}{value[1:]}" if name == "$ref" and isinstance(value, str) else _moved(value, place)
        for name, value in part.items()
    }
