"""The contracts between the services: what one tells, all who hear it can take, and the lake can hide."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from portico.bff import Listener
from portico.bff.contracts import Reading, read_schema, readings
from portico.bff.testing.examples import examples_of
from portico.lake.personal import ABSENT, PersonalFields, personal_fields, places
from portico.manifest.contracts.containment import unfit
from portico.manifest.contracts.event_schema import read_event_schema
from portico.schemas import SchemaFile, installed

SETTINGS = {
    "PORTICO_ISSUER": "https://issuer.test",
    "PORTICO_JWKS_URL": "https://issuer.test/keys",
    "DATABASE_URL": "sqlite:///never-opened.db",
    "PORTICO_DEMO": "1",
}
SCHEMAS = installed()
BY_URN = {one.urn: one for one in SCHEMAS}
TOLD = {
    "checkout": {"order.submitted"},
    "fulfilment": {"order.confirmed", "order.completed", "order.cancelled", "order.expired", "payment.requested",
                   "payment.refund-requested"},
    "payments": {"payment.succeeded", "payment.failed", "payment.refunded"},
    "kitchen": {"order.accepted", "order.ready", "order.rejected"},
    "courier": {"order.picked-up", "order.delivered"},
    "ratings": {"restaurant.rated"},
}  # fmt: skip

HEARD_ALONE = {("fulfilment", f"order.{step}") for step in ("accepted", "ready", "rejected", "picked-up", "delivered")}
"""Of these, that they happened is all that is asked: the rule looks at nothing but the subject."""


@lru_cache
def listener_of(service: str) -> Listener | None:
    """The rules of an installed service, as its application declares them."""
    points = {point.name: point for point in entry_points(group="portico.bffs")}
    listener = points[service].load()({**SETTINGS, "PORTICO_APP": service}).state.listener
    assert listener is None or isinstance(listener, Listener)
    return listener


def all_readings() -> Iterator[tuple[str, Reading]]:
    for service in sorted({point.name for point in entry_points(group="portico.bffs")}):
        listener = listener_of(service)
        for reading in readings(listener.rules if listener else (), service, SCHEMAS):
            yield service, reading


READINGS = list(all_readings())


def schema_of(reading: Reading) -> SchemaFile:
    return BY_URN[f"urn:portico:{reading.service}:{reading.message.replace('/', ':')}"]


def ids(values: list[Any]) -> list[str]:
    return [f"{name}-{one.rule.id}-{one.service}-{one.message}" for name, one in values]


def test_every_event_of_the_reference_application_has_its_schema() -> None:
    told: dict[str, set[str]] = {}
    for one in SCHEMAS:
        told.setdefault(one.service, set()).add(one.type)
    assert {service: told.get(service) for service in TOLD} == TOLD


@pytest.mark.parametrize("file", SCHEMAS, ids=[one.urn for one in SCHEMAS])
def test_a_schema_is_one_that_can_be_compared_and_closed(file: SchemaFile) -> None:
    Draft202012Validator.check_schema(file.schema)
    read_event_schema(json.dumps(file.schema))
    assert file.schema["additionalProperties"] is False
    assert file.schema["$id"] == file.urn


@pytest.mark.parametrize("file", SCHEMAS, ids=[one.urn for one in SCHEMAS])
def test_what_is_left_of_an_erased_person_is_a_valid_event_that_says_nothing_of_them(file: SchemaFile) -> None:
    personal = personal_fields(file.urn, file.schema)
    assert personal.person == ("customer",)
    validator = Draft202012Validator(file.schema)

    @settings(max_examples=20, deadline=None)
    @given(examples_of(file.schema))
    def erased(data: dict[str, Any]) -> None:
        validator.validate(data)
        assert validator.is_valid(without(data, personal))

    erased()


def without(data: dict[str, Any], personal: PersonalFields) -> dict[str, Any]:
    """The data as the lake gives it back when everybody in it is erased."""
    copy = json.loads(json.dumps(data))
    for field in personal.fields:
        for _, holder, key in list(places(copy, field.path)):
            if field.instead is ABSENT:
                del holder[key]
            else:
                holder[key] = field.instead
    found: dict[str, Any] = copy
    return found


@pytest.mark.parametrize(("service", "reading"), READINGS, ids=ids(READINGS))
def test_what_a_rule_reads_is_what_the_other_service_tells(service: str, reading: Reading) -> None:
    """Examples of the teller's schema, decoded as the rule does, and the two schemas compared."""
    file = schema_of(reading)
    reads = reading.rule.reads
    if reads is None:
        assert (service, reading.type) in HEARD_ALONE, "say what the rule reads: reads=..."
        return

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(examples_of(file.schema))
    def taken(data: dict[str, Any]) -> None:
        msgspec.json.decode(msgspec.json.encode(data), type=reads)

    taken()
    mine = read_event_schema(json.dumps(read_schema(reads)))
    assert unfit(read_event_schema(json.dumps(file.schema)), mine) == []


def test_everybody_is_heard_by_somebody() -> None:
    """Each event has a listener: the matrix of the reference application is not only on paper."""
    heard = {(one.service, one.type) for _, one in READINGS}
    told = {(one.service, one.type) for one in SCHEMAS}
    assert told - heard == set()
