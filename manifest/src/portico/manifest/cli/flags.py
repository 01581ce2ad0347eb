"""``portico flags``: what flags there are, who is given which variant, and who changed it when."""

import json
from typing import Any, TextIO

import click

from portico.manifest.cli.failure import Failure, reports_failures
from portico.manifest.cli.flag_client import FlagClient
from portico.manifest.cli.options import json_option, limit_option, place_options, show, table, why_option
from portico.manifest.cli.place import Place


@click.group(short_help="List, change, evaluate and delete feature flags.")
def flags() -> None:
    """List, change, evaluate and delete feature flags."""


@flags.command(name="list")
@click.option("--team", help="Only this team's.")
@limit_option
@place_options
@json_option
@reports_failures
def list_(*, team: str | None, limit: int, url: str | None, token: str | None, as_json: bool) -> None:
    """List flags by key."""
    with FlagClient.at(Place.find(url, token)) as client:
        found = client.flags(team, limit)
    rows = [(one["key"], one["team"], _state(one), ", ".join(one["variants"]), one["description"]) for one in found]
    show({"flags": found}, table(rows), as_json=as_json)


@flags.command(name="show")
@click.argument("flag")
@place_options
@json_option
@reports_failures
def show_(*, flag: str, url: str | None, token: str | None, as_json: bool) -> None:
    """Show FLAG: its variants and rules, as JSON that can be changed and given to `portico flags set`."""
    with FlagClient.at(Place.find(url, token)) as client:
        found = client.flag(flag)
    show(found, json.dumps(found, indent=2, ensure_ascii=False), as_json=as_json)


@flags.command(name="set")
@click.argument("flag")
@click.argument("file", required=False, type=click.File(encoding="utf-8"))
@click.option("--enable/--disable", "enabled", default=None, help="Follow the rules; or give everyone the default.")
@click.option("--team", help="Whose flag it is, when an operator's token makes it.")
@why_option
@place_options
@json_option
@reports_failures
def set_(
    *,
    flag: str,
    file: TextIO | None,
    enabled: bool | None,
    team: str | None,
    why: str,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Make FLAG, or change it, as the JSON in FILE says (- for standard input); without FILE as it is now.

    Where FILE holds the revision that it was read at, as `portico flags show` writes it, a change that somebody else
    made meanwhile is not undone: exit code 4.
    """
    if file is None and enabled is None:
        raise Failure.usage("nothing to change", "give a FILE, --enable or --disable")
    with FlagClient.at(Place.find(url, token)) as client:
        current = _current(client, flag)
        if file is None and current is None:
            raise Failure.usage(f"there is no flag {flag!r}", "give a FILE to make it")
        document = dict(current or {}) if file is None else _read(file)
        if enabled is not None:
            document["enabled"] = enabled
        if team is not None:
            document["team"] = team
        base = document.get("revision", current["revision"] if current else None)
        try:
            after = client.put(flag, document, base=base, why=why)
        except Failure as failure:
            if any(finding.pointer == "/team" for finding in failure.findings):
                failure.advice = "say whose flag it is: --team TEAM"
            raise
    same = current is not None and after["revision"] == current["revision"]
    text = f"{flag} is {_state(after)}, revision {after['revision']}" + (" (it was so already)" if same else "")
    show(after, text, as_json=as_json)


@flags.command()
@click.argument("flag")
@why_option
@place_options
@json_option
@reports_failures
def delete(*, flag: str, why: str, url: str | None, token: str | None, as_json: bool) -> None:
    """Delete FLAG: apps that ask for it get the default of their code. Its history stays."""
    with FlagClient.at(Place.find(url, token)) as client:
        gone = client.delete(flag, base=client.flag(flag)["revision"], why=why)
    show(gone, f"{flag} is deleted (revision {gone['revision']})", as_json=as_json)


@flags.command(name="eval")
@click.argument("flag")
@click.option("--user", help="The targeting key, such as a person's sub.")
@click.option("--role", "roles", multiple=True, help="A role of the person; may be given many times.")
@click.option("--channel", default="live", show_default=True, help="The channel that is shown.")
@click.option("--attribute", "attributes", multiple=True, help="NAME=VALUE of the context; VALUE as JSON, or a text.")
@place_options
@json_option
@reports_failures
def eval_(
    *,
    flag: str,
    user: str | None,
    roles: tuple[str, ...],
    channel: str,
    attributes: tuple[str, ...],
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Say which variant of FLAG somebody is given, and why."""
    context = dict(map(_attribute, attributes)) | {"roles": list(roles), "channel": channel}
    if user is not None:
        context["targetingKey"] = user
    with FlagClient.at(Place.find(url, token)) as client:
        found = client.evaluate(flag, context)
    value = json.dumps(found["value"], ensure_ascii=False)
    show(found, f"{value}  (variant {found['variant']}, {found['reason']})", as_json=as_json)


@flags.command()
@click.argument("flag")
@limit_option
@place_options
@json_option
@reports_failures
def history(*, flag: str, limit: int, url: str | None, token: str | None, as_json: bool) -> None:
    """List the changes of FLAG, by whom and why, newest first; of a deleted flag too."""
    with FlagClient.at(Place.find(url, token)) as client:
        found = client.flag_history(flag, limit)
    rows = [(str(one["revision"]), one["at"][:19], one["who"], _state(one), one["why"]) for one in found]
    show({"revisions": found}, table(rows), as_json=as_json)


def _current(client: FlagClient, flag: str) -> dict[str, Any] | None:
    try:
        return client.flag(flag)
    except Failure as failure:
        if failure.problem is not None and str(failure.problem.get("type", "")).endswith("/unknown-flag"):
            return None
        raise


def _read(file: TextIO) -> dict[str, Any]:
    try:
        document = json.load(file)
    except ValueError as error:
        raise Failure.usage(f"{file.name} is not JSON: {error}", "see docs/reference/flags.md") from error
    if not isinstance(document, dict):
        raise Failure.usage(f"{file.name} holds no JSON object", "see docs/reference/flags.md")
    return document


def _attribute(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise Failure.usage(f"{text!r} is not NAME=VALUE", "such as --attribute language=de")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _state(flag: dict[str, Any]) -> str:
    if flag.get("deleted"):
        return "deleted"
    if not flag["enabled"]:
        return f"disabled: {flag['defaultVariant']} for everyone"
    rules = len(flag["rules"])
    return f"enabled, {rules} rule{'' if rules == 1 else 's'}" if rules else f"{flag['defaultVariant']} for everyone"
