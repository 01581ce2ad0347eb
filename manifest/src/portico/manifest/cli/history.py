"""``portico releases``, ``portico history``, ``portico rollback``."""

from collections.abc import Mapping
from typing import Any

import click

from portico.manifest.cli.client import DeployClient, Moved
from portico.manifest.cli.failure import Failure, reports_failures
from portico.manifest.cli.options import (
    channel_option,
    dry_run_option,
    json_option,
    limit_option,
    place_options,
    short,
    show,
    table,
    why_option,
)
from portico.manifest.cli.place import Place
from portico.manifest.cli.preview import change_text, preview
from portico.manifest.cli.suggest import releases_of


@click.command(short_help="List releases, newest first.")
@click.argument("app", required=False)
@channel_option
@limit_option
@place_options
@json_option
@reports_failures
def releases(*, app: str | None, channel: str, limit: int, url: str | None, token: str | None, as_json: bool) -> None:
    """List releases of APP (default: of every app), newest first; a star marks those that the channel shows."""
    with DeployClient.at(Place.find(url, token)) as client:
        found = releases_of(client, app, limit) if app else client.releases(None, limit)
        state = client.channel(channel)
    shown = {one["release"] for name in state.document["apps"] for one in state.releases_of(name)}
    listed = [one | {"current": one["digest"] in shown} for one in found]
    rows = [
        (
            "*" if one["current"] else " ",
            one["name"],
            one["version"],
            short(one["digest"]),
            one["createdAt"][:19],
            _signers(one),
        )
        for one in listed
    ]
    show({"releases": listed}, table(rows), as_json=as_json)


@click.command(short_help="List what changed on a channel, by whom and why.")
@channel_option
@limit_option
@place_options
@json_option
@reports_failures
def history(*, channel: str, limit: int, url: str | None, token: str | None, as_json: bool) -> None:
    """List what changed on a channel, by whom and why, newest first."""
    with DeployClient.at(Place.find(url, token)) as client:
        revisions = client.history(channel, limit)
    rows = [
        (str(one["revision"]), one["at"][:19], one["who"], "; ".join(map(change_text, one["changes"])), one["why"])
        for one in revisions
    ]
    show({"revisions": revisions}, table(rows), as_json=as_json)


@click.command(short_help="Take a channel, or one app, back to a revision.")
@click.argument("app", required=False)
@click.option("--to", "number", type=click.IntRange(0), help="The revision. Default: the one before.")
@dry_run_option
@channel_option
@why_option
@place_options
@json_option
@reports_failures
def rollback(
    *,
    app: str | None,
    number: int | None,
    dry_run: bool,
    channel: str,
    why: str,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Take the channel back to a revision: APP alone, or without APP everything on it.

    It is a new revision; nothing is lost, and a rollback can be rolled back. Without --to, APP goes back to what it was
    before its latest change.
    """
    with DeployClient.at(Place.find(url, token)) as client:
        before = client.channel(channel)
        target = number if number is not None else _before(client, channel, app)
        try:
            after = client.rollback(before, target, app, why, dry_run=dry_run)
        except Moved as moved:
            raise moved.failure from moved
    if dry_run:
        preview(after.document, as_json=as_json)
        return
    result = {"channel": channel, "app": app, "to": target, "revision": after.revision}
    what = app or "everything"
    moved_on = after.revision > before.revision
    text = (
        f"{what} on {channel} is as it was at revision {target} (now revision {after.revision})"
        if moved_on
        else f"nothing to do: {what} on {channel} is as it was at revision {target}"
    )
    show(result, text, as_json=as_json)


def _signers(release: Mapping[str, Any]) -> str:
    names = [one["label"] or short(one["key"]) for one in release.get("signedBy", ()) if not one["revoked"]]
    return f"signed by {', '.join(names)}" if names else ""


def _before(client: DeployClient, channel: str, app: str | None) -> int:
    """Return the revision before the latest change of the app, or of anything."""
    for revision in client.history(channel, 200):
        if app is None or any(change.get("app") == app for change in revision["changes"]):
            parent = int(revision["parent"])
            if parent == 0 and app is None:
                break  # nobody means to take every app away by leaving out a number
            return parent
    where = (
        f"{app} has no change in the last 200 revisions of {channel}" if app else f"{channel} has no earlier revision"
    )
    raise Failure.usage(f"there is nothing to go back to: {where}", "give --to; portico history lists revisions")
