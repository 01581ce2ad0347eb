"""Options that several commands share."""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from portico.manifest.cli.place import TOKEN_VARIABLE, URL_VARIABLE
from portico.manifest.cli.plain import plain

Command = TypeVar("Command", bound=Callable[..., Any])


def place_options(command: Command) -> Command:
    """Add ``--url`` and ``--token``."""
    token = click.option("--token", help=f"Deploy token. Default: {TOKEN_VARIABLE}, or this machine's own.")
    url = click.option("--url", help=f"Where Portico is. Default: {URL_VARIABLE}, or the one running here.")
    return url(token(command))


def json_option(command: Command) -> Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, errors too.")(command)


def channel_option(command: Command) -> Command:
    """Add ``--channel``."""
    return click.option("--channel", default="live", show_default=True, help="The channel.")(command)


def why_option(command: Command) -> Command:
    """Add ``--why``."""
    return click.option("--why", default="", help="The reason, kept in the history.")(command)


def weight_option(command: Command) -> Command:
    """Add ``--weight``."""
    percent = click.IntRange(0, 100)
    return click.option(
        "--weight", type=percent, default=100, show_default=True, help="Of a hundred people, how many get the release."
    )(command)


def dry_run_option(command: Command) -> Command:
    """Add ``--dry-run``."""
    return click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")(command)


def limit_option(command: Command) -> Command:
    """Add ``--limit``."""
    wanted = click.IntRange(1, 200)
    return click.option("--limit", type=wanted, default=20, show_default=True, help="How many, the newest.")(command)


def show(document: Any, text: str, *, as_json: bool) -> None:
    """Print a result: the text, or with ``--json`` the document."""
    click.echo(json.dumps(document, indent=2) if as_json else text)


def short(digest: str) -> str:
    """Return the beginning of a digest, enough for people."""
    return digest[:12]


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows in columns as wide as needed."""
    if not rows:
        return "nothing yet"
    shown = [tuple(map(plain, row)) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*shown, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in shown)
