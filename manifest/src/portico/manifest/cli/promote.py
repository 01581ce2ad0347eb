"""``portico promote``, ``portico retire``, ``portico channels``: which release a channel shows, and to how many."""

from collections.abc import Mapping
from typing import Any

import click

from portico.manifest.cli.client import ChannelState, DeployClient, Moved
from portico.manifest.cli.deploy import promote as promote_release
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
    weight_option,
    why_option,
)
from portico.manifest.cli.place import Place
from portico.manifest.cli.preview import preview
from portico.manifest.cli.suggest import did_you_mean, releases_of

_SHORTEST = 6
"""Digits of a digest that are enough to name a release."""


@click.command(short_help="Point the channel at a release, for all or some.")
@click.argument("app")
@click.argument("release")
@weight_option
@dry_run_option
@channel_option
@why_option
@place_options
@json_option
@reports_failures
def promote(
    *,
    app: str,
    release: str,
    weight: int,
    dry_run: bool,
    channel: str,
    why: str,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Point the channel at a published RELEASE of APP: a version, or the beginning of a digest.

    With --weight below 100, so many of a hundred people get it beside the release that is there; the same people, while
    the weight is raised. Weight 0 takes it away from them.
    """
    with DeployClient.at(Place.find(url, token)) as client:
        found = _release(client, app, release)
        before = client.channel(channel)
        if dry_run:
            trial = client.promote(before, app, found["digest"], why, weight=weight, dry_run=True)
            preview(trial.document, as_json=as_json)
            return
        after = promote_release(client, before, app, found["digest"], why, weight=weight)
    _tell(after, before, app, as_json=as_json)


@click.command(short_help="Take an app out of the channel.")
@click.argument("app")
@dry_run_option
@channel_option
@why_option
@place_options
@json_option
@reports_failures
def retire(
    *, app: str, dry_run: bool, channel: str, why: str, url: str | None, token: str | None, as_json: bool
) -> None:
    """Take APP out of the channel. Its releases stay; promote or rollback bring it back."""
    with DeployClient.at(Place.find(url, token)) as client:
        before = client.channel(channel)
        if not before.releases_of(app):
            hint = did_you_mean(app, before.document["apps"])
            raise Failure.usage(f"{app} is not on {channel}{hint}", f"portico channels {channel} lists what is")
        try:
            after = client.retire(before, app, why, dry_run=dry_run)
        except Moved as moved:
            raise moved.failure from moved
    if dry_run:
        preview(after.document, as_json=as_json)
    else:
        _tell(after, before, app, as_json=as_json)


@click.command(short_help="List the channels, or what is on one.")
@click.argument("channel", required=False)
@limit_option
@place_options
@json_option
@reports_failures
def channels(*, channel: str | None, limit: int, url: str | None, token: str | None, as_json: bool) -> None:
    """List the channels; with CHANNEL, its apps with their releases and weights."""
    with DeployClient.at(Place.find(url, token)) as client:
        if channel is None:
            found = client.channels(limit)
            listed = [(one["channel"], str(one["revision"]), one["at"][:19], one["who"], one["why"]) for one in found]
            show({"channels": found}, table(listed), as_json=as_json)
            return
        state = client.channel(channel)
        text = "" if as_json else _listing(state, client.versions(state))
    show(state.document, text, as_json=as_json)


def _listing(state: ChannelState, versions: Mapping[str, str]) -> str:
    """Return what a channel holds, for people: releases with their weights, then modules hosted elsewhere."""
    channel = state.document["channel"]
    if not state.revision:
        return f"{channel} was never changed (portico channels lists the channels that were)"
    rows = [
        (app, versions[one["release"]], short(one["release"]), f"{one['weight']}%")
        for app, releases in state.document["apps"].items()
        for one in releases
    ]
    elsewhere = [(name, one["url"]) for name, one in state.document.get("imports", {}).items()]
    tables = [table(part) for part in (rows, elsewhere) if part]
    return "\n".join([f"{channel} is at revision {state.revision}", *(tables or ["nothing is on it"])])


def _release(client: DeployClient, app: str, wanted: str) -> dict[str, Any]:
    """Return the release that a version or the beginning of a digest names; raises ``Failure``."""
    found = releases_of(client, app, 200)
    exact = [one for one in found if wanted in {one["version"], one["digest"]}]
    near = [one for one in found if len(wanted) >= _SHORTEST and one["digest"].startswith(wanted)]
    matches = exact or near
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise Failure.usage(f"{wanted} is the beginning of {len(matches)} releases of {app}", "give more digits")
    hint = did_you_mean(wanted, [one["version"] for one in found])
    raise Failure.usage(f"{app} has no release {wanted}{hint}", f"portico releases {app} lists them")


def _tell(after: ChannelState, before: ChannelState, app: str, *, as_json: bool) -> None:
    releases = after.releases_of(app)
    result = {
        "channel": after.document["channel"],
        "app": app,
        "releases": releases,
        "revision": after.revision,
        "changed": after.revision > before.revision,
    }
    now = ", ".join(f"{short(one['release'])} ({one['weight']}%)" for one in releases) or "not there"
    same = "" if result["changed"] else " (it was so already)"
    text = f"{app} on {result['channel']}: {now}{same}\n  revision  {after.revision}"
    show(result, text, as_json=as_json)
