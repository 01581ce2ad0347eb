"""`portico lake`: keep events for good, ask about them, replay them, and erase persons."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec

import click

from portico.lake.errors import LakeError
from portico.secrets import SecretRefused, with_secrets
from portico.sql import SqlError

P = ParamSpec("P")
_MOST_MEMORY: Final = 3 << 30
"""Bytes that `portico lake query` may take in all: 1 GB that DuckDB counts, and the rest."""
WHERE = click.option(
    "--data-dir", envvar="PORTICO_DATA_DIR", type=click.Path(path_type=Path, file_okay=False),
    default=Path(".portico"), show_default=True, help="The platform's data folder.",
)  # fmt: skip


@click.group(short_help="Ask the event lake, replay it, erase persons.")
def lake() -> None:
    """Every event for good: ask the event lake, replay it, and erase persons."""


def told(command: Callable[P, None]) -> Callable[P, None]:
    """Tell an error of the lake as one sentence, with exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (LakeError, SecretRefused, SqlError) as error:
            click.echo(f"portico: {error}", err=True)
            sys.exit(1)

    return run


@lake.command("run", short_help="Keep the hub's events.")
@WHERE
@told
def run_(data_dir: Path) -> None:
    """Keep every event of the hub (NATS_URL), until SIGINT or SIGTERM. `portico up` does it by itself."""
    from portico.lake.config import LakeConfig  # noqa: PLC0415 (other commands start faster without)
    from portico.lake.keeper import Keeper  # noqa: PLC0415

    config = LakeConfig.from_environment(os.environ, data_dir)
    schemas = config.read_schemas()
    nats_url = _hub(data_dir)
    if not nats_url:
        raise click.UsageError("there is no hub: set NATS_URL, or say with --data-dir where `portico up` runs")

    async def keep() -> None:
        stop = asyncio.Event()
        for one in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
        async with config.opened() as (opened, keys):
            keeper = Keeper(opened, keys, schemas, nats_url)
            keeper.start()
            click.echo(f"Keeping events in {config.place}")
            await stop.wait()
            await keeper.stop()

    asyncio.run(keep())


@lake.command(short_help="Ask with SQL.")
@click.argument("sql")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True,
              help="How to write the answer; json is one object per line.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="Rows at most.")
@click.option("--timeout", type=click.FloatRange(0.001), default=60.0, show_default=True, help="Seconds at most.")
@WHERE
@told
def query(sql: str, *, form: str, limit: int, timeout: float, data_dir: Path) -> None:
    """Answer one SELECT over the view `events`, for example `select type, count(*) from events group by type`.

    What is personal is not in the answer.
    """
    from portico.lake.config import LakeConfig  # noqa: PLC0415 (as above)
    from portico.lake.query import Bounds  # noqa: PLC0415
    from portico.lake.query import query as ask  # noqa: PLC0415

    opened = LakeConfig.from_environment(os.environ, data_dir).lake()
    with _memory_bounded():
        answer = ask(opened, sql, Bounds(seconds=timeout, rows=limit))
    if form == "json":
        for row in answer.rows:
            click.echo(json.dumps(dict(zip(answer.columns, row, strict=True)), default=str))
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(answer.columns)
        writer.writerows(answer.rows)
    else:
        _show(answer.columns, answer.rows)
    if answer.more:
        click.echo(f"Only the first {limit} rows: raise --limit for more.", err=True)


@lake.command(short_help="Write events again, as they were.")
@click.option("--type", "types", multiple=True, help="Events of this type; `*` is one whole part of the name.")
@click.option("--service", "services", multiple=True, help="Events of this service.")
@click.option("--subject", help="Events of this entity.")
@click.option("--since", type=click.DateTime(), help="From this time on, UTC.")
@click.option("--until", type=click.DateTime(), help="Before this time, UTC.")
@click.option("--after", type=click.IntRange(0), default=0, help="After this position in the lake.")
@WHERE
@told
def replay(
    *, types: tuple[str, ...], services: tuple[str, ...], subject: str | None, since: datetime | None,
    until: datetime | None, after: int, data_dir: Path,
) -> None:  # fmt: skip
    """Write events as they were published, one envelope per line, in the hub's order. Personal parts are in it."""
    from portico.lake.config import LakeConfig  # noqa: PLC0415 (as above)
    from portico.lake.replay import Selection  # noqa: PLC0415
    from portico.lake.replay import replay as again  # noqa: PLC0415

    selection = Selection(
        after=after, since=_milliseconds(since), until=_milliseconds(until), types=types, subject=subject,
        services=frozenset(services) or None,
    )  # fmt: skip

    async def write() -> None:
        async with LakeConfig.from_environment(os.environ, data_dir).opened() as (opened, keys):
            async for row in again(opened, keys, selection):
                click.echo(row.envelope)

    asyncio.run(write())


@lake.command(short_help="Erase a person.")
@click.option("--person", required=True, help="The person's id: the `sub` of their claims.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@WHERE
@told
def erase(*, person: str, yes: bool, data_dir: Path) -> None:
    """Forget a person's key: what is personal in their events can be read by nobody any more."""
    from portico.lake.config import LakeConfig  # noqa: PLC0415 (as above)
    from portico.lake.erasure import erase as forget  # noqa: PLC0415

    async def run() -> int:
        async with LakeConfig.from_environment(os.environ, data_dir).opened() as (opened, keys):
            return await forget(person, opened, keys)

    if not yes:
        click.confirm(f"Nobody can bring back what is erased. Erase {person!r}?", abort=True)
    count = asyncio.run(run())
    if count == 0:
        click.echo(
            f"The lake has nothing personal of {person!r}; look whether that is the person's `sub`, letter by letter."
        )
    click.echo(f"{count} events have lost what was personal of this person.")
    click.echo("The hub forgets them in a week, when every service has read them.")


@lake.command(short_help="How far and how large the lake is.")
@WHERE
@told
def status(data_dir: Path) -> None:
    """Write how far and how large the lake is, as JSON."""
    from portico.lake.config import LakeConfig  # noqa: PLC0415 (as above)

    found = LakeConfig.from_environment(os.environ, data_dir).lake().snapshot
    files = found.files.values()
    click.echo(json.dumps({
        "version": found.version, "stream": found.stream, "position": found.position, "files": len(files),
        "events": sum(one.rows for one in files), "bytes": sum(one.bytes for one in files),
    }))  # fmt: skip


@lake.command(short_help="Make one file of many small ones.")
@WHERE
@told
def compact(data_dir: Path) -> None:
    """Make one file of all small ones of a day and service, and remove files that nobody has read for an hour."""
    from portico.lake.config import LakeConfig  # noqa: PLC0415 (as above)

    opened = LakeConfig.from_environment(os.environ, data_dir).lake()
    click.echo(f"{opened.compact(wholly=True)} files were put together, {opened.vacuum()} removed.")


@contextmanager
def _memory_bounded() -> Iterator[None]:
    """What DuckDB does not count, such as one very long text, the system refuses; not every system can."""
    try:
        import resource  # noqa: PLC0415 (not everywhere)
    except ImportError:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    bounds = [bound for bound in (*before, _MOST_MEMORY) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(bounds), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _show(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    texts = [[_cell(value) for value in row] for row in (columns, *rows)]
    widths = [max(len(row[n]) for row in texts) for n in range(len(columns))]
    for row in texts:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    # What is in events came from anybody: no control characters on a terminal.
    return "".join(one if one.isprintable() else "\ufffd" for one in ("" if value is None else str(value)))


def _milliseconds(time: datetime | None) -> int | None:
    return None if time is None else int(time.replace(tzinfo=UTC).timestamp() * 1000)


def _hub(data_dir: Path, environment: Mapping[str, str] | None = None) -> str | None:
    """The hub's URL: as set, or of the platform that runs in this folder."""
    settings = with_secrets(os.environ if environment is None else environment)
    if url := settings.get("NATS_URL"):
        return url
    try:
        found = json.loads((data_dir / "run.json").read_text()).get("nats")
    except (OSError, ValueError):
        return None
    return found if isinstance(found, str) else None
