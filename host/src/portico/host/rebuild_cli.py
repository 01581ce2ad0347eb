"""`portico rebuild`: a BFF's projections are built anew, as an operator asks."""

from __future__ import annotations

import json
import sys
import time
from typing import Any
from urllib.parse import quote

import click

from portico.host.operator_calls import Bff, asks_a_bff

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_PAUSE = 0.5  # seconds between two looks


@click.group(short_help="Build projections anew.")
def rebuild() -> None:
    """Build a BFF's projections anew, from the event lake or the hub."""


@rebuild.command("list")
@JSON
@asks_a_bff
def list_rebuilds(bff: Bff, *, as_json: bool) -> None:
    """List what can be built anew, and the newest rebuilds."""
    found = bff.call("GET", "_rebuilds")
    if as_json:
        click.echo(json.dumps(found))
        return
    for one in found["projections"]:
        click.echo(f"{one['name']}: {', '.join(one['kinds'])} by {', '.join(one['rules'])}")
    if not found["projections"]:
        click.echo("This service declares no projection.")
    for one in found["items"]:
        click.echo(_line(one))


@rebuild.command()
@click.argument("projection")
@click.option("--from", "source", type=click.Choice(["lake", "hub"]), help="Default: the lake, where there is one.")
@click.option("--wait", is_flag=True, help="Show how far it is until it is over.")
@asks_a_bff
def start(bff: Bff, projection: str, *, source: str | None, wait: bool) -> None:
    """Start one; the live rows stay until the new ones take their place."""
    body = {"projection": projection, **({"source": source} if source else {})}
    one = bff.call("POST", "_rebuilds", body)
    click.echo(one["id"])
    if wait:
        _wait(bff, one["id"])


@rebuild.command()
@click.argument("rebuild_id", metavar="REBUILD")
@JSON
@asks_a_bff
def show(bff: Bff, rebuild_id: str, *, as_json: bool) -> None:
    """Show how far one is."""
    one = _show(bff, rebuild_id)
    click.echo(json.dumps(one) if as_json else _line(one))


@rebuild.command()
@click.argument("rebuild_id", metavar="REBUILD")
@asks_a_bff
def cancel(bff: Bff, rebuild_id: str) -> None:
    """End one; the live rows stay."""
    bff.call("POST", f"_rebuilds/{quote(rebuild_id, safe='')}/cancel")
    click.echo(f"{rebuild_id} was cancelled.")


def _wait(bff: Bff, rebuild_id: str) -> None:
    said = ""
    while True:
        one = _show(bff, rebuild_id)
        if (line := _line(one)) != said:
            click.echo(line, err=True)
            said = line
        if one["endedAt"] is not None:
            sys.exit(0 if one["state"] == "done" else 1)
        time.sleep(_PAUSE)


def _show(bff: Bff, rebuild_id: str) -> dict[str, Any]:
    found: dict[str, Any] = bff.call("GET", f"_rebuilds/{quote(rebuild_id, safe='')}")
    return found


def _line(one: dict[str, Any]) -> str:
    waits = f": {one['error']}" if one["error"] else ""
    return f"{one['id']}  {one['projection']} from the {one['source']}  {one['state']}, {one['events']} events{waits}"
