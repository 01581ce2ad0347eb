"""`portico events`: what services tell and hear, as documents and as part of a release."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from portico.host.errors import EventsRefused
from portico.host.events.contract import contract_of, stale, write
from portico.host.events.document import installed_document, running_document

SERVICE = click.argument("service")
URL = click.option("--url", help="Where the service runs; without, the one installed here under this name is asked.")


@click.group(short_help="What services tell and hear.")
def events() -> None:
    """Describe the events that services tell and hear, and put them into their releases."""


@events.command("asyncapi")
@SERVICE
@URL
def asyncapi(service: str, *, url: str | None) -> None:
    """Print the AsyncAPI 3.0 document of SERVICE."""
    click.echo(json.dumps(_document(service, url), indent=2))


@events.command("contract")
@SERVICE
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@URL
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when something is not as it would be written.")
def contract(service: str, folder: Path, *, url: str | None, check: bool) -> None:
    """Write what SERVICE tells and hears into the app in DIR: `bff.events` of its app.json, and the schemas."""
    found = contract_of(_document(service, url))
    if check:
        if changed := stale(found, folder):
            raise EventsRefused(f"{folder} does not say what {service} tells and hears: {', '.join(changed)}")
        click.echo(f"{folder} says what {service} tells and hears.")
        return
    changed = write(found, folder)
    click.echo("\n".join(changed) or "Nothing changed.")


def _document(service: str, url: str | None) -> dict[str, Any]:
    return running_document(url) if url else installed_document(service, os.environ)
