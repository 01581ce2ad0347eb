"""Reading what came from the hub as an event."""

import msgspec
import pytest

from bffs.kit.tests.listener_world import DEEP, Thing, thing
from portico.bff import ReceivedEvent
from portico.bff.errors import EnvelopeRefused
from portico.bff.testing.events import told_by


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        '{"specversion":"2.0"}',
        told_by("x", thing(), timestamp=0).body.replace("1970", "x"),
        told_by("x", thing(), timestamp=0).body.replace(".000Z", ""),
        told_by("x", thing()).body.replace('"t1"', '""'),
        DEEP,
    ],
)
def test_what_is_no_event_is_refused(body: str) -> None:
    with pytest.raises(EnvelopeRefused):
        ReceivedEvent.read(body)


def test_an_event_is_read_with_fields_that_nobody_knows_yet() -> None:
    body = msgspec.json.decode(told_by("elsewhere", thing("x"), timestamp=1234, actor="ada").body)
    event = ReceivedEvent.read(msgspec.json.encode(body | {"tags": [1], "data": body["data"] | {"new": 1}}).decode())
    assert (event.type, event.subject, event.timestamp, event.partition_key) == ("thing.changed", "t1", 1234, "t1")
    assert (event.source, event.service, event.actor) == ("/local/elsewhere", "elsewhere", "ada")
    assert event.entity(Thing) == Thing("t1", "ada", "x")
