"""``portico trust``: whose CI may deploy with its jobs' own tokens. ``portico audit``: who let whom."""

import json
from typing import Any
from urllib.parse import quote

import click

from portico.manifest.cli.client import DeployClient
from portico.manifest.cli.failure import Failure, reports_failures
from portico.manifest.cli.options import json_option, limit_option, place_options, show, table
from portico.manifest.cli.place import Place


@click.group(short_help="Let a team's CI deploy without a secret.")
def trust() -> None:
    """Let a team's CI deploy without a secret: its jobs' OpenID Connect tokens are matched against rules."""


@trust.command()
@click.option("--team", required=True, help="The team whose apps the jobs may change.")
@click.option("--app", help="The one app that they may change. Default: every app of the team.")
@click.option("--issuer", required=True, help="The CI's identity provider: its issuer URL.")
@click.option("--subject", required=True, help="The subject of the jobs; * stands for anything but a colon.")
@click.option("--audience", help="For whom the tokens are made. Default: the platform's own URL.")
@click.option("--claim", "claims", multiple=True, metavar="NAME=VALUE", help="A claim that must be so; many times.")
@click.option("--label", default="", help="What it is for.")
@place_options
@json_option
@reports_failures
def add(
    *,
    team: str,
    app: str | None,
    issuer: str,
    subject: str,
    audience: str | None,
    claims: tuple[str, ...],
    label: str,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Trust the jobs that the issuer calls by a subject (for operators)."""
    place = Place.find(url, token)
    body = {
        "team": team,
        "app": app,
        "issuer": issuer,
        "subject": subject,
        "audience": audience or place.url,
        "claims": dict(_claim(text) for text in claims),
        "label": label,
    }
    with DeployClient.at(place) as client:
        rule = client.ask("POST", "/deploy/trust", body)
    what = f"app {app} of team {team}" if app else f"team {team}"
    text = f"rule {rule['id']}: {subject} may deploy for {what}, with tokens for {rule['audience']}"
    show(rule, text, as_json=as_json)


@trust.command(name="list")
@place_options
@json_option
@reports_failures
def list_(*, url: str | None, token: str | None, as_json: bool) -> None:
    """List the rules, newest first."""
    with DeployClient.at(Place.find(url, token)) as client:
        rules: list[dict[str, Any]] = client.ask("GET", "/deploy/trust")["rules"]
    rows = [
        (one["id"], one["team"], one["app"] or "every app", one["issuer"], one["subject"], one["label"])
        for one in rules
    ]
    show({"rules": rules}, table(rows), as_json=as_json)


@trust.command()
@click.argument("id_", metavar="ID")
@place_options
@json_option
@reports_failures
def remove(*, id_: str, url: str | None, token: str | None, as_json: bool) -> None:
    """Remove the rule ID (see list): the next request of its jobs is refused."""
    with DeployClient.at(Place.find(url, token)) as client:
        client.ask("DELETE", f"/deploy/trust/{quote(id_, safe='')}")
    show({"removed": id_}, f"rule {id_} is removed", as_json=as_json)


@click.command(short_help="List who let whom deploy, newest first.")
@limit_option
@place_options
@json_option
@reports_failures
def audit(*, limit: int, url: str | None, token: str | None, as_json: bool) -> None:
    """List who let whom deploy: tokens, signing keys and trust rules that came or went, newest first."""
    with DeployClient.at(Place.find(url, token)) as client:
        entries: list[dict[str, Any]] = client.ask("GET", "/deploy/audit", limit=str(limit))["entries"]
    rows = [
        (
            one["at"][:19],
            one["who"],
            one["action"],
            one["team"],
            one["subject"],
            json.dumps(one["detail"]) if one["detail"] else "",
        )
        for one in entries
    ]
    show({"entries": entries}, table(rows), as_json=as_json)


def _claim(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise Failure.usage(f"{text!r} is not NAME=VALUE", "such as --claim repository_owner_id=42")
    return name, value
