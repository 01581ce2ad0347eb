"""``portico doctor``: is everything in place, and what to do where it is not."""

from datetime import UTC, datetime

import click
import httpx

from portico.manifest.cli.checks import Check, Visit, examine
from portico.manifest.cli.failure import REFUSED, UNAVAILABLE, reports_failures
from portico.manifest.cli.options import json_option, place_options, show
from portico.manifest.cli.place import Place

_TIMEOUT = httpx.Timeout(10.0)
_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command(short_help="Check a Portico from here.")
@place_options
@json_option
@reports_failures
def doctor(*, url: str | None, token: str | None, as_json: bool) -> None:
    """Check a Portico from here: reachable, versions, clock, name, token, database, hub, BFFs, worker.

    Exit codes: 0 nothing fails, 1 something fails, 5 no answer.
    """
    place = Place.find(url, token)
    with httpx.Client(base_url=place.url, timeout=_TIMEOUT) as http:
        checks = examine(Visit(http, place.token, datetime.now(UTC)))
    failed = [check for check in checks if check.state == "fail"]
    document = {
        "url": place.url,
        "ok": not failed,
        "checks": [
            {"name": one.name, "state": one.state, "detail": one.detail, "next": one.advice or None} for one in checks
        ],
    }
    show(document, "\n".join(map(_line, checks)), as_json=as_json)
    if failed:
        unreachable = failed[0] is checks[0]
        click.get_current_context().exit(UNAVAILABLE if unreachable else REFUSED)


def _line(check: Check) -> str:
    state = click.style(f"{check.state:4}", fg=_COLOURS[check.state])
    advice = f"\n      next: {check.advice}" if check.advice else ""
    return f"{state}  {check.name}: {check.detail}{advice}"
