"""``portico tokens``: an operator's commands, on the database itself."""

import asyncio
import getpass
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import click

from portico.manifest.access import AccessStore, issue_token, revoke_token
from portico.manifest.cli.failure import Failure, reports_failures
from portico.manifest.cli.options import json_option, show, table
from portico.manifest.cli.place import DATABASE_VARIABLE, database_url
from portico.manifest.errors import UnknownToken
from portico.manifest.sql_schema import MIGRATIONS
from portico.manifest.sql_store import SqlManifestStore
from portico.manifest.tokens import EVERY_TEAM, DeployToken, Scope
from portico.sql import SqlError, open_database

Result = TypeVar("Result")
_TEAM = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_database_option = click.option(
    "--database",
    help=f"The manifest's database URL. Default: {DATABASE_VARIABLE}, or .portico/manifest.db.",
)


@click.group(short_help="Make, list and revoke deploy tokens (for operators).")
def tokens() -> None:
    """Make, list and revoke deploy tokens (for operators: works on the database itself)."""


@tokens.command()
@click.option("--team", required=True, help=f"The team whose apps the token may change; {EVERY_TEAM} for every team.")
@click.option("--app", help="The one app that it is for. Default: every app of the team.")
@click.option("--label", default="", help="Whose it is, shown in the history. Default: the team.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="How long it works.")
@_database_option
@json_option
@reports_failures
def create(*, team: str, app: str | None, label: str, days: int, database: str | None, as_json: bool) -> None:
    """Make a deploy token and print it, this once."""
    if team != EVERY_TEAM and not _TEAM.fullmatch(team):
        raise Failure.usage(f"{team!r} cannot be a team", "a team is what stands after @ in app.json's name")
    record, secret = _on_store(
        database,
        lambda store: issue_token(
            store, team, label=label or team, lifetime=timedelta(days=days), now=_now(), by=_operator(), app=app
        ),
    )
    until = record.expires_at.isoformat(timespec="seconds")
    text = f"{secret}\n  id {record.id}, for {Scope(team, app)}, until {until}; it is not shown again"
    show(record.to_document(_now()) | {"token": secret}, text, as_json=as_json)


@tokens.command(name="list")
@_database_option
@json_option
@reports_failures
def list_(*, database: str | None, as_json: bool) -> None:
    """List deploy tokens, newest first; never the tokens themselves."""
    found = _on_store(database, lambda store: store.tokens())
    now = _now()
    rows = [
        (one.id, one.team, one.label, one.state(now), one.expires_at.isoformat(timespec="seconds")) for one in found
    ]
    show({"tokens": [one.to_document(now) for one in found]}, table(rows), as_json=as_json)


@tokens.command()
@click.argument("id_", metavar="ID")
@_database_option
@json_option
@reports_failures
def revoke(*, id_: str, database: str | None, as_json: bool) -> None:
    """Revoke the token ID (see list): the next request with it is refused."""
    try:
        _on_store(database, lambda store: revoke_token(store, id_, now=_now(), by=_operator()))
    except UnknownToken as error:
        raise Failure.usage(f"no token {id_} that is not revoked already", "portico tokens list shows them") from error
    show({"revoked": id_}, f"token {id_} is revoked", as_json=as_json)


def _on_store(database: str | None, work: Callable[[AccessStore], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        store = SqlManifestStore(await open_database(database_url(database), migrations=MIGRATIONS))
        try:
            return await work(store.access)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except SqlError as error:
        raise Failure.usage(f"the database cannot be used: {error}", "check --database") from error


def _operator() -> DeployToken:
    return DeployToken.operator(f"{getpass.getuser()}, at the database")


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
