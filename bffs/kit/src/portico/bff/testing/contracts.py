"""Whether what services say of themselves is what their schemas promise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from portico.bff.events import Envelope
from portico.schemas import SchemaFile

_envelopes = msgspec.json.Decoder(Envelope)


class EventContracts:
    """Holds each event against the schema beside its service, and keeps what does not fit (``broken``).

    A service without any schema is not asked: it has promised nothing. One that has some must have one for every event.
    """

    def __init__(self, schemas: Iterable[SchemaFile]) -> None:
        files = tuple(schemas)
        self._services = {one.service for one in files}
        self._validators = {one.urn: Draft202012Validator(one.schema) for one in files}
        self.checked: list[str] = []
        self.broken: list[str] = []

    def check(self, envelope: str | bytes) -> None:
        """Look at one event, as it is in its envelope."""
        event = _envelopes.decode(envelope)
        service = event.source.rpartition("/")[2]
        if service not in self._services:
            return
        self.checked.append(event.dataschema)
        validator = self._validators.get(event.dataschema)
        if validator is None:
            self.broken.append(f"{service} tells {event.type} and has no schema {event.dataschema}")
            return
        data: Any = msgspec.json.decode(event.data)
        self.broken += [
            f"{event.dataschema} {error.json_path}: {error.message}" for error in validator.iter_errors(data)
        ]
