"""`portico metrics`: what a BFF counts, for an operator's eyes."""

from __future__ import annotations

import click

from portico.host.operator_calls import Bff, asks_a_bff


@click.command(short_help="What a BFF counts.")
@asks_a_bff
def metrics(bff: Bff) -> None:
    """Print the metrics of a BFF in the text format of Prometheus."""
    click.echo(bff.text("metrics"), nl=False)
