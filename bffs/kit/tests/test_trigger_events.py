"""Events: names, envelope, ids, stamps and subjects."""

import re
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bffs.kit.tests.store_world import ADA, NOTE, Note, TestClock
from portico.bff.errors import DeclarationError
from portico.bff.events import PARTITIONS, Event, Origin, hub_subject, rfc3339
from portico.bff.ids import _Maker, born_at, derived_id, new_id
from portico.bff.store import EntityStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EntityStore]:
    url = f"sqlite:///{tmp_path}/store.db"
    store = await EntityStore.open(url, service="notes", region="north", clock=TestClock(1_800_000_000_123))
    yield store
    await store.close()


async def envelopes(store: EntityStore) -> list[dict[str, Any]]:
    rows = await store.database.read("SELECT envelope FROM outbox ORDER BY seq")
    return [msgspec.json.decode(str(row[0])) for row in rows]


async def test_the_envelope_is_a_cloudevent_with_the_whole_entity(store: EntityStore) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with store.unit_of_work(ADA, command="key-1", traceparent=trace) as uow:
        await uow.put(NOTE, "n1", Note("hello", colour="red"))
        uow.emit(Event("note.written", "n1", Note("hello", colour="red"), schema_version=2, caused_by="earlier"))
        await uow.commit()
    (envelope,) = await envelopes(store)
    ((stamp,),) = await store.database.read("SELECT stamp || '.0000' FROM entities")
    assert envelope == {
        "specversion": "1.0",
        "id": envelope["id"],
        "source": "/north/notes",
        "type": "note.written",
        "time": "2027-01-15T08:00:00.123Z",
        "subject": "n1",
        "partitionkey": "n1",
        "dataschema": "urn:portico:notes:note.written:2",
        "datacontenttype": "application/json",
        "stamp": stamp,
        "actor": "ada",
        "causationid": "earlier",
        "correlationid": "key-1",
        "traceparent": trace,
        "data": {"text": "hello", "colour": "red"},
    }


async def test_events_of_one_commit_have_their_own_ids_and_rising_stamps(store: EntityStore) -> None:
    async with store.unit_of_work(ADA) as uow:
        for _ in range(12):
            uow.emit(Event("note.written", "n1", Note("same"), partition_key="p", correlation_id="c"))
        await uow.commit()
    written = await envelopes(store)
    assert len({envelope["id"] for envelope in written}) == 12
    stamps = [envelope["stamp"] for envelope in written]
    assert stamps == sorted(set(stamps))
    assert {(envelope["partitionkey"], envelope["correlationid"]) for envelope in written} == {("p", "c")}


async def test_stamps_rise_from_commit_to_commit_of_a_row_though_the_clock_stands_still(store: EntityStore) -> None:
    for n in range(5):
        async with store.unit_of_work(ADA) as uow:
            await uow.put(NOTE, "n1", Note(str(n)), version=n)
            uow.emit(Event("note.written", "n1", Note(str(n))))
            await uow.commit()
    stamps = [envelope["stamp"] for envelope in await envelopes(store)]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize("type_", ["submitted", "Note.written", "note.", ".written", "a.b c", "note.*", "a.>", ""])
def test_a_type_that_is_no_dotted_name_is_refused(type_: str) -> None:
    with pytest.raises(DeclarationError):
        Event(type_, "n1", Note(""))


def test_an_event_is_about_something() -> None:
    with pytest.raises(DeclarationError):
        Event("note.written", "", Note(""))


@pytest.mark.parametrize(("service", "region"), [("a.b", "x"), ("", "x"), ("a", "*"), ("a", "x y"), ("a", "")])
async def test_names_that_would_break_a_subject_open_nothing(tmp_path: Path, service: str, region: str) -> None:
    with pytest.raises(DeclarationError):
        await EntityStore.open(f"sqlite:///{tmp_path}/new.db", service=service, region=region)
    assert names_in(tmp_path) == []


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@given(st.text(min_size=1))
def test_a_partition_key_always_has_the_same_partition(key: str) -> None:
    subject = hub_subject(Origin("notes", "north"), "note.written", key)
    assert subject == hub_subject(Origin("notes", "north"), "note.written", key)
    match = re.fullmatch(r"evt\.north\.notes\.note\.written\.(\d+)", subject)
    assert match is not None
    assert 0 <= int(match[1]) < PARTITIONS


def test_the_partitions_of_known_keys_do_not_change() -> None:
    # Listeners rely on it: another hash, or another number, would take a key's events past each other.
    subjects = [hub_subject(Origin("n", "r"), "a.b", key) for key in ("a", "b", "order-1", "\u00e9")]
    assert subjects == [f"evt.r.n.a.b.{partition}" for partition in (3, 1, 7, 6)]


@given(st.integers(0, 4_000_000_000_000), st.integers(0, 4_000_000_000_000))
def test_times_as_text_sort_as_they_are(a: int, b: int) -> None:
    assert (rfc3339(a) < rfc3339(b)) is (a < b)


def test_new_ids_rise_also_within_a_millisecond_and_across_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda _: [new_id() for _ in range(5000)], range(4)))
    assert all(batch == sorted(batch) for batch in batches)
    assert len({id_ for batch in batches for id_ in batch}) == 20_000


def test_a_forked_process_makes_other_ids() -> None:
    script = """if True:
        import os
        from portico.bff.ids import new_id
        new_id()
        child = os.fork()
        os.write(1, f"{new_id()} ".encode())
        if child:
            os.waitpid(child, 0)
    """
    ids = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert len(ids) == 2
    assert ids[0][-12:] != ids[1][-12:]


def test_new_ids_are_uuids_of_version_7_that_know_when_they_were_made() -> None:
    before = time.time_ns() // 1_000_000
    ids = [uuid.UUID(new_id()) for _ in range(1000)]
    after = time.time_ns() // 1_000_000
    assert {(id_.version, id_.variant) for id_ in ids} == {(7, uuid.RFC_4122)}
    assert all(before <= (born_at(str(id_)) or 0) <= after for id_ in ids)


def test_every_random_bit_of_an_id_is_random() -> None:
    # Each maker draws anew, whereas one counts on within a millisecond. Bit 75 is 0 to leave room for that.
    ids = [uuid.UUID(_Maker().make()).int for _ in range(200)]
    for bit in (*range(62), *range(64, 75)):
        assert {id_ >> bit & 1 for id_ in ids} == {0, 1}


def test_the_time_inside_an_id_is_read_from_version_7_alone() -> None:
    assert born_at("018f0000-0000-4000-8000-000000000000") is None
    assert born_at("no uuid") is None
    assert born_at("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") == 0x017F22E279B0  # RFC 9562, appendix A.6


def test_derived_ids_are_the_same_everywhere_and_ordered_by_time() -> None:
    # The first is fixed for good: another algorithm would publish old events again under new ids.
    assert derived_id(0x017F22E279B0, "notes", "k1") == "017f22e2-79b0-83fb-a26f-a5783c14dbd3"
    later = [derived_id(born, "x") for born in range(1_700_000_000_000, 1_700_000_000_100)]
    assert later == sorted(later)
    parts = [("a", "b"), ("ab", ""), ("", "ab"), ("a", "c")]
    assert len({derived_id(1, *each) for each in parts}) == 4
    assert all(uuid.UUID(id_).version == 8 and uuid.UUID(id_).variant == uuid.RFC_4122 for id_ in later)


async def test_the_events_of_a_command_take_the_time_of_its_key(store: EntityStore) -> None:
    key = new_id()
    async with store.unit_of_work(ADA, command=key) as uow:
        uow.emit(Event("note.written", "n1", Note("")))
        await uow.commit()
    assert (await envelopes(store))[0]["id"][:13] == key[:13]
