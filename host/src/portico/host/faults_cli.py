"""`portico faults`: events that a BFF's rule could not take, seen and dealt with by an operator."""

from __future__ import annotations

import json
from urllib.parse import quote

import click

from portico.host.operator_calls import Bff, asks_a_bff

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(short_help="Events that a rule could not take.")
def faults() -> None:
    """See, resubmit and drop events that a BFF's rule could not take."""


@faults.command("list")
@JSON
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200), help="How many at most.")
@asks_a_bff
def list_faults(bff: Bff, *, as_json: bool, limit: int) -> None:
    """List them, oldest first."""
    items = bff.call("GET", f"_faults?limit={limit}")["items"]
    if as_json:
        click.echo(json.dumps(items))
        return
    for item in items:
        click.echo(f"{item['id']}  {item['rule']}  {item['eventType']}  {item['error']}: {item['message']}")
    if not items:
        click.echo("There are no faults.")


@faults.command()
@click.argument("fault")
@asks_a_bff
def show(bff: Bff, fault: str) -> None:
    """Show one with its event and what the rule would have written, as JSON."""
    click.echo(json.dumps(bff.call("GET", f"_faults/{quote(fault, safe='')}"), indent=2))


@faults.command()
@click.argument("fault")
@asks_a_bff
def resubmit(bff: Bff, fault: str) -> None:
    """Take the event through its rule again; repeating it is harmless."""
    bff.call("POST", f"_faults/{quote(fault, safe='')}/resubmit")
    click.echo(f"{fault} was taken.")


@faults.command()
@click.argument("fault")
@asks_a_bff
def drop(bff: Bff, fault: str) -> None:
    """Forget one: its rule will never take the event."""
    bff.call("DELETE", f"_faults/{quote(fault, safe='')}")
    click.echo(f"{fault} was dropped.")
