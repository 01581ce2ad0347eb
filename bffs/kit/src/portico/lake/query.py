"""Questions to the lake in SQL, by DuckDB: read-only, bounded in time, memory and rows; no other file in reach."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from portico.lake.errors import QueryRefused, QueryTooLong, UnsupportedLake
from portico.lake.lake import Lake
from portico.lake.table import SCHEMA

_SELECT: Final = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
_AGAIN_S: Final = 0.05  # seconds between two interruptions of a query whose time is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a query may take: ``seconds``, ``rows`` of its answer, ``memory`` as DuckDB writes it."""

    seconds: float = 60.0
    rows: int = 1000
    memory: str = "1GB"


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows under their columns' names; ``more`` when the bounds cut rows off."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    more: bool


def query(lake: Lake, sql: str, bounds: Bounds | None = None) -> Answer:
    """Answer one SELECT over the view ``events``: a row per event, with what is personal left out.

    Columns are those of the files, and ``day``, ``service`` and ``data`` (the entity, JSON). Blocks. Raises
    ``QueryRefused``, ``QueryTooLong``, ``LakeUnavailable``.
    """
    bounds = bounds or Bounds()
    with duckdb.connect(":memory:") as connection, _meaning(), _limited(connection, bounds.seconds):
        _open(connection, lake, bounds)
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type not in _SELECT:
            raise QueryRefused("ask with one SELECT; nothing else is done here")
        result = connection.execute(statements[0])
        rows = result.fetchmany(bounds.rows + 1)
        columns = tuple(str(one[0]) for one in result.description or ())
    return Answer(columns, rows[: bounds.rows], len(rows) > bounds.rows)


def _open(connection: duckdb.DuckDBPyConnection, lake: Lake, bounds: Bounds) -> None:
    """Make the view and close everything else."""
    files = [f"{lake.storage.root}/{name}" for name in lake.refresh().files]
    if lake.storage.root.startswith("s3://"):
        _reach_bucket(connection)
    connection.execute("SET memory_limit = $memory", {"memory": bounds.memory})
    connection.execute("SET temp_directory = ''")
    connection.execute("SET TimeZone = 'UTC'")  # times are read in it
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute(f"SET allowed_paths = [{', '.join(map(_quoted, files))}]")
    connection.execute(f"CREATE VIEW events AS {_source(files)}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _source(files: list[str]) -> str:
    if not files:
        columns = ", ".join(f"NULL::{_EMPTY.get(name, 'VARCHAR')} AS {name}" for name in SCHEMA.names)
        return f"SELECT {columns}, NULL::DATE AS day, NULL::VARCHAR AS service, NULL::JSON AS data WHERE false"
    listed = ", ".join(map(_quoted, files))
    return (
        "SELECT * REPLACE (CAST(time AS TIMESTAMP) AS time),"  # noqa: S608 (our names)
        " CASE WHEN fault IS NULL THEN json_extract(envelope, '$.data') END AS data"
        f" FROM read_parquet([{listed}], hive_partitioning = true,"
        " hive_types = {'day': DATE, 'service': VARCHAR})"
    )


_EMPTY: Final = {
    "position": "BIGINT", "partition": "INTEGER", "time": "TIMESTAMP", "keys": "VARCHAR[]", "boxes": "BLOB[]",
}  # fmt: skip


def _reach_bucket(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        from obstore.fsspec import FsspecStore  # noqa: PLC0415 (a folder needs neither)
    except ImportError as error:
        raise UnsupportedLake("queries of a lake in S3 need fsspec: pip install fsspec") from error
    import os  # noqa: PLC0415

    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    connection.register_filesystem(FsspecStore("s3", client_options={"allow_http": endpoint.startswith("http://")}))


@contextmanager
def _limited(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt what runs when its time is over; again and again, for between two statements nobody hears it."""
    done = threading.Event()

    def watch() -> None:
        wait = seconds
        while not done.wait(wait):
            connection.interrupt()
            wait = _AGAIN_S

    watching = threading.Thread(target=watch, name="portico-lake-query", daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


@contextmanager
def _meaning() -> Iterator[None]:
    try:
        yield
    except (duckdb.InterruptException, duckdb.OutOfMemoryException) as error:
        raise QueryTooLong(f"the query took more than it may: {error}") from error
    except duckdb.Error as error:
        raise QueryRefused(str(error)) from error


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
