"""The rules of all services take what the others' schemas let through, and read what they say they do."""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib.metadata import entry_points
from typing import Any, TypeVar, cast

import msgspec
import pytest
from hypothesis import Phase, given, settings
from starlette.applications import Starlette

from bffs.tests.test_event_contracts import without
from portico.bff import EntityStore, Event, Listener, ReceivedEvent
from portico.bff.contracts import readings
from portico.bff.taking import take
from portico.bff.testing.client import BffClient
from portico.bff.testing.events import told_by
from portico.bff.testing.examples import examples_of
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer
from portico.lake.personal import personal_fields
from portico.schemas import SchemaFile, installed

T = TypeVar("T", bound=msgspec.Struct)
EXAMPLES = 5
SCHEMAS = installed()
SERVICES = {point.name: point for point in entry_points(group="portico.bffs")}


class Watched(ReceivedEvent, frozen=True):
    """An event that knows as what it was read."""

    read_as: list[builtins.type[msgspec.Struct]] = []  # noqa: RUF012 (msgspec makes one for each)

    def entity(self, struct: builtins.type[T]) -> T:
        self.read_as.append(struct)
        return super().entity(struct)


def examples(file: SchemaFile) -> list[Any]:
    """A few of what a schema lets through, the same in every run, and what the lake gives of them after an erasure."""
    found: list[Any] = []

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(examples_of(file.schema))
    def gather(data: Any) -> None:
        found.append(data)

    gather()
    personal = personal_fields(file.urn, file.schema)
    return found + [without(data, personal) for data in found]


def event(file: SchemaFile, data: dict[str, Any], number: int) -> Watched:
    """As the service tells it. Each example is of a subject of its own, as each order is another's."""
    data = {**data, "id": f"{file.type}-{number}"}
    told = Event(file.type, data["id"], cast("msgspec.Struct", data), schema_version=file.version)
    return Watched.read(told_by(file.service, told).body)


@pytest.mark.parametrize("service", sorted(SERVICES))
async def test_what_others_tell_is_taken_and_read_as_declared(
    service: str,
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
) -> None:
    own = {**bff_settings, "PORTICO_APP": service, "PORTICO_DEMO": "1"}
    app = SERVICES[service].load()(own, keys=token_issuer.keys(), hub=InMemoryHub())
    by_message = {(one.service, one.message): one for one in SCHEMAS}
    async with bff_client(app):
        store: EntityStore = app.state.parts.get(EntityStore)
        listener: Listener = app.state.parts.get(Listener)
        for reading in readings(listener.rules, service, SCHEMAS):
            file = by_message[reading.service, reading.message]
            for number, data in enumerate(examples(file)):
                heard = event(file, data, number)
                with contextlib.suppress(LookupError):  # a payment to be given back that was never taken, and the like
                    await take(reading.rule, store, [heard])
                assert set(heard.read_as) <= {reading.rule.reads}, f"rule {reading.rule.id} reads more than it says"
