"""Rows as Parquet. One file holds the rows of one day and service, sorted by position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from portico.lake.errors import LakeDamaged
from portico.lake.row import Row

SCHEMA: Final = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),
        pa.field("partition", pa.int32(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("time", pa.timestamp("ms", tz="UTC"), nullable=False),
        pa.field("region", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("partition_key", pa.string(), nullable=False),
        pa.field("stamp", pa.string(), nullable=False),
        pa.field("schema", pa.string(), nullable=False),
        pa.field("envelope", pa.string(), nullable=False),
        pa.field("correlation_id", pa.string()),
        pa.field("causation_id", pa.string()),
        pa.field("keys", pa.list_(pa.string())),
        pa.field("boxes", pa.list_(pa.binary())),
        pa.field("fault", pa.string()),
    ]
)
"""The columns of a file; ``day`` and ``service`` are in its folder's name (``day=2026-01-31/service=name``)."""

_PLACE: Final = [Row.__struct_fields__.index(name) for name in SCHEMA.names]
_GROUP: Final = 16_384  # rows that are read at once
_DISTINCT: Final = ["type", "region", "schema", "partition"]  # few values, many times


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Put rows of one day and service into columns."""
    values = [msgspec.structs.astuple(row) for row in rows]
    return pa.table(
        [pa.array([one[place] for one in values], field.type) for place, field in zip(_PLACE, SCHEMA, strict=True)],
        schema=SCHEMA,
    )


def parquet_of(table: pa.Table) -> bytes:
    """Return the file."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table, sink, compression="zstd", compression_level=3, row_group_size=_GROUP, use_dictionary=_DISTINCT
    )
    return bytes(sink.getvalue())


def open_parquet(name: str, data: bytes) -> pq.ParquetFile:
    """Open a file's content; raises ``LakeDamaged`` for what is no Parquet file of the lake."""
    try:
        return pq.ParquetFile(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        raise LakeDamaged(f"{name} is no Parquet file: {error}") from error


def merged(tables: Sequence[pa.Table]) -> pa.Table:
    """Put the rows of several files into one, in order."""
    return pa.concat_tables(tables).sort_by("position")


def ids_between(file: pq.ParquetFile, low: str, high: str) -> Iterator[str]:
    """Yield a file's ids between these two, inclusive, and perhaps others; reads no group of rows without any."""
    column = file.schema_arrow.get_field_index("id")
    for number in range(file.num_row_groups):
        statistics = file.metadata.row_group(number).column(column).statistics
        # Of very long ids a file has no extremes.
        unknown = statistics is None or not statistics.has_min_max
        if unknown or (statistics.min <= high and statistics.max >= low):
            yield from file.read_row_group(number, columns=["id"]).column("id").to_pylist()


def extremes(table: pa.Table) -> tuple[int, int, str, str]:
    """First and last position, lowest and highest id of a table that has rows."""
    import pyarrow.compute as pc  # noqa: PLC0415 (a tenth of a second)

    places: dict[str, Any] = pc.min_max(table["position"]).as_py()
    ids: dict[str, Any] = pc.min_max(table["id"]).as_py()
    return places["min"], places["max"], ids["min"], ids["max"]
