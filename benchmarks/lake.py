"""The event lake with a million events: keeping, replaying and asking, against bare pyarrow and bare DuckDB."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measure import Scale
from benchmarks.table import Table
from portico.bff.events import PARTITIONS
from portico.bff.ids import derived_id
from portico.lake.config import now
from portico.lake.keys import KeyStore
from portico.lake.lake import Lake
from portico.lake.log import EPOCH
from portico.lake.personal import personal_fields
from portico.lake.query import query
from portico.lake.replay import Selection, replay
from portico.lake.row import HubMessage, read
from portico.lake.schemas import Schemas
from portico.lake.sealing import seal
from portico.lake.storage import FolderStorage
from portico.lake.table import SCHEMA

EVENTS = 1_000_000
_BATCH = 4096  # as the keeper commits
_PERSONS = 10_000
_SCHEMA = "urn:portico:notes:note.changed:1"
_ASKED = "SELECT service, type, count(*) AS n, max(id) FROM {source} GROUP BY service, type"


@dataclass(frozen=True, slots=True)
class Took:
    """What something took for all events, in seconds."""

    elapsed: float
    cpu: float

    def row(self, name: str, floor: Took | None = None) -> list[str]:
        """A row of the table."""
        times = "" if floor is None else f"{self.elapsed / floor.elapsed:.1f}"
        return [name, f"{EVENTS / self.elapsed:,.0f}", f"{self.cpu / EVENTS * 1e6:.1f}", times]


async def run(_scale: Scale, folder: Path) -> Table:
    """Measure once: a million events are their own repetition."""
    keys = await KeyStore.open(f"sqlite:///{folder}/keys.db", now)
    lake = Lake(FolderStorage(folder / "lake"), now)
    fields = {"text": {"type": "string", "x-personal": True}}
    sealing = Schemas({_SCHEMA: personal_fields("note", {"x-person": "/owner", "properties": fields})})
    try:
        kept = await _timed(lambda: _keep(lake, keys, sealing))
        compacted = await _timed(lambda: _compact(lake))
        replayed = await _timed(lambda: _replay(lake, keys))
        closed = await _timed(lambda: _replay(lake, None))
        asked = await _timed(lambda: _ask(lake))
    finally:
        await keys.close()
    wrote = await _timed(lambda: _write_bare(folder / "bare"))
    was_read = await _timed(lambda: _read_bare(lake, folder))
    bare = await _timed(lambda: _ask_bare(lake, folder))
    size = sum(one.bytes for one in lake.snapshot.files.values()) / EVENTS
    return Table(
        f"The event lake, {EVENTS:,} events of {_PERSONS:,} persons",
        ("", "events per second", "CPU µs each", "times floor"),
        [
            wrote.row(f"write: bare pyarrow, a synced file per {_BATCH}"),
            kept.row("write: read, seal, keep", wrote),
            compacted.row("make files few", wrote),
            was_read.row("read: bare pyarrow, to Python"),
            closed.row("replay, personal parts left out", was_read),
            replayed.row("replay, personal parts opened", was_read),
            bare.row("ask: bare DuckDB over the same files"),
            asked.row("ask: portico lake query", bare),
        ],
        [f"{size:.0f} bytes an event on disk, in {len(lake.snapshot.files)} files. Each has two sealed parts."],
    )


async def _timed(work: Callable[[], Awaitable[None]]) -> Took:
    began, cpu = time.perf_counter(), time.process_time()
    await work()
    return Took(time.perf_counter() - began, time.process_time() - cpu)


def _messages() -> Iterator[list[HubMessage]]:
    born = now() // 86_400_000 * 86_400_000
    for start in range(0, EVENTS, _BATCH):
        yield [_message(number, born) for number in range(start, min(start + _BATCH, EVENTS))]


def _message(number: int, born: int) -> HubMessage:
    at, person = born + number, f"p{number % _PERSONS}"
    clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at // 1000))
    body = (
        f'{{"specversion":"1.0","id":"{derived_id(at, "bench", str(number))}","source":"/local/notes",'
        f'"type":"note.changed","time":"{clock}.{at % 1000:03d}Z","subject":"n{number}","partitionkey":"n{number}",'
        f'"dataschema":"{_SCHEMA}","datacontenttype":"application/json","stamp":"{at:015d}-{number}","actor":"{person}",'
        f'"correlationid":"c{number}","data":{{"id":"n{number}","owner":"{person}","text":"{"words " * 20}{number}",'
        f'"colour":"red","amount":{{"minor":{number},"currency":"EUR"}},"tags":["a","b","c"]}}}}'
    )
    return HubMessage(number + 1, f"evt.local.notes.note.changed.{number % PARTITIONS}", body.encode(), at)


async def _keep(lake: Lake, keys: KeyStore, schemas: Schemas) -> None:
    for messages in _messages():
        rows = [read(one, EPOCH + one.sequence) for one in messages]
        lake.append(await seal(rows, schemas, keys), rows[-1].position, "bench")


async def _compact(lake: Lake) -> None:
    lake.compact(wholly=True)


async def _replay(lake: Lake, keys: KeyStore | None) -> None:
    count = 0
    async for _ in replay(lake, keys, Selection()):
        count += 1
    assert count == EVENTS


async def _ask(lake: Lake) -> None:
    assert query(lake, _ASKED.format(source="events")).rows[0][2] == EVENTS


async def _write_bare(folder: Path) -> None:
    storage = FolderStorage(folder)
    for number, messages in enumerate(_messages()):
        table = pa.table({"envelope": [one.body.decode() for one in messages]})
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd", compression_level=3)
        storage.put(f"{number}.parquet", bytes(sink.getvalue()))


async def _read_bare(lake: Lake, folder: Path) -> None:
    for name in lake.snapshot.files:
        for batch in pq.ParquetFile(folder / "lake" / name).iter_batches(batch_size=_BATCH):
            for column in SCHEMA.names:
                batch.column(column).to_pylist()


async def _ask_bare(lake: Lake, folder: Path) -> None:
    files = ", ".join(f"'{folder}/lake/{name}'" for name in lake.snapshot.files)
    with duckdb.connect() as connection:
        source = f"read_parquet([{files}], hive_partitioning = true)"
        assert connection.execute(_ASKED.format(source=source)).fetchall()[0][2] == EVENTS
