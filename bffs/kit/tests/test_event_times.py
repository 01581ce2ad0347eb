"""Times and ids of events are read quickly where they look as usual, and mean the same however they are read."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.bff import ReceivedEvent
from portico.bff.errors import EnvelopeRefused
from portico.bff.events import rfc3339
from portico.bff.ids import born_at

_BODY = (
    '{{"id":"e","source":"/local/notes","type":"note.made","time":"{}","subject":"s","partitionkey":"s",'
    '"stamp":"1","dataschema":"urn:portico:notes:note.made:1","data":{{}}}}'
)


def _read(time: str) -> int:
    return ReceivedEvent.read(_BODY.format(time)).timestamp


@given(st.integers(-2_000_000_000_000, 4_000_000_000_000))
def test_what_services_write_is_read_to_the_millisecond(milliseconds: int) -> None:
    assert _read(rfc3339(milliseconds)) == milliseconds


@pytest.mark.parametrize(
    ("time", "milliseconds"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01T00:00:01.5Z", 1500),
        ("1970-01-01T00:00:01.500Z", 1500),
        ("1970-01-01T00:00:01.123456Z", 1123),
        ("1970-01-01T01:00:01+01:00", 1000),
        ("1970-01-01T01:00:01.250+01:00", 1250),
    ],
)
def test_other_forms_of_the_same_are_read_as_well(time: str, milliseconds: int) -> None:
    assert _read(time) == milliseconds


@pytest.mark.parametrize(
    "time",
    [
        "", "now", "1970-01-01", "1970-13-01T00:00:00.000Z", "1970-01-01T00:00:00.+12Z", "1970-01-01T00:00:00.1 2Z",
        "1970-01-01T00:00:00.12³Z", "1970-01-01T00:00:00,123Z", "1970-01-01T00:00:00.123", "1970-01-01T00:00:61.123Z",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(time: str) -> None:
    with pytest.raises(EnvelopeRefused):
        _read(time)


@given(st.uuids() | st.integers(0, 2**128 - 1).map(lambda number: uuid.UUID(int=number)), st.sampled_from([4, 7, 8]))
def test_the_time_in_an_id_is_that_of_uuidv7_alone(any_: uuid.UUID, version: int) -> None:
    value = uuid.UUID(int=any_.int & ~(0xF << 76) | version << 76)
    born = value.int >> 80 if value.version == 7 else None
    assert {born_at(form) for form in (str(value), str(value).upper(), value.hex, value.urn)} == {born}
