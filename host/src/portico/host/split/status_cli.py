"""`portico status`: how the processes of a platform on this machine are."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click
import msgspec

from portico.host.lock import RUN_FILE
from portico.host.split.state import ProcessState, RunState, is_alive, read_state

_HEADINGS = ("process", "state", "pid", "restarts", "port", "for")


@click.command(short_help="How the processes of `portico up` are.")
@click.option(
    "--data-dir", envvar="PORTICO_DATA_DIR", type=click.Path(path_type=Path, file_okay=False),
    default=Path(".portico"), show_default=True, help="The platform's data folder.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the state as JSON.")
def status(data_dir: Path, *, as_json: bool) -> None:
    """Tell how every process of the platform in a data folder is; ends with 1 unless all run."""
    state = current(data_dir)
    if state is None:
        message = f"Nothing runs on {data_dir}: start it with `portico up --split`, or name another --data-dir."
        click.echo(json.dumps({"error": {"title": "Not running", "detail": message}}) if as_json else message)
        sys.exit(1)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(state), indent=2).decode())
    else:
        _show(state)
    if any(one.state != "running" for one in state.processes):
        sys.exit(1)


def current(data_dir: Path) -> RunState | None:
    """How the platform that runs on the folder is; None when none does. One process is a platform, too."""
    state = read_state(data_dir)
    if state is not None and state.is_alive and any(one.state != "stopped" for one in state.processes):
        return state
    return _whole(data_dir)


def _whole(data_dir: Path) -> RunState | None:
    """That of a `portico up` in one process."""
    file = data_dir / RUN_FILE
    try:
        found, since = json.loads(file.read_bytes()), file.stat().st_mtime
        pid, url = int(found["pid"]), str(found["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not is_alive(pid):
        return None
    port = int(url.rpartition(":")[2]) if url.rpartition(":")[2].isdigit() else None
    return RunState(pid, url, since, (ProcessState("portico", port, "running", since, pid=pid),))


def _show(state: RunState) -> None:
    now = time.time()
    rows = [
        (one.name, one.state, str(one.pid or ""), str(one.restarts), str(one.port or ""), _duration(now - one.since))
        for one in state.processes
    ]
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    click.echo(f"Portico at {state.url} (process {state.pid})")
    for row, why in [(_HEADINGS, ""), *((row, one.why) for row, one in zip(rows, state.processes, strict=True))]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(f"{line}  {why}".rstrip())


def _duration(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
