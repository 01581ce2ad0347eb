"""``portico keys``: keys with which teams sign their releases."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portico.manifest.access.keys import key_id, private_pem, public_bytes, public_pem
from portico.manifest.cli.client import DeployClient
from portico.manifest.cli.failure import Failure, reports_failures
from portico.manifest.cli.options import json_option, place_options, show, table
from portico.manifest.cli.place import Place

_team_option = click.option("--team", required=True, help="The team: what stands after @ in its apps' names.")


@click.group(short_help="Keys that sign a team's releases.")
def keys() -> None:
    """Make signing keys, and say which keys may sign a team's releases (the latter is for operators)."""


@keys.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@reports_failures
def new(*, file: Path, as_json: bool) -> None:
    """Make an Ed25519 key: the private one in FILE, for its owner's eyes alone, the public one in FILE.pub."""
    key = Ed25519PrivateKey.generate()
    public = file.with_name(file.name + ".pub")
    try:
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as target:  # noqa: PTH123 - from its descriptor
            target.write(private_pem(key))
        public.write_bytes(public_pem(key.public_key()))
    except FileExistsError as error:
        raise Failure.usage(f"{file} is there already", "name another file; a key is never overwritten") from error
    except OSError as error:
        raise Failure.usage(f"{error.filename} cannot be written: {error.strerror}", "name another file") from error
    id_ = key_id(public_bytes(key.public_key()))
    text = f"key {id_}\n  private  {file} (keep it to yourself)\n  public   {public} (portico keys add)"
    show({"id": id_, "private": str(file), "public": str(public)}, text, as_json=as_json)


@keys.command()
@click.argument("file", metavar="FILE.pub", type=click.Path(path_type=Path))
@_team_option
@click.option("--label", default="", help="Whose or what it is. Default: the file's name.")
@place_options
@json_option
@reports_failures
def add(*, file: Path, team: str, label: str, url: str | None, token: str | None, as_json: bool) -> None:
    """Let the public key in FILE.pub sign the team's releases."""
    try:
        pem = file.read_text("ascii")
    except (OSError, ValueError) as error:
        raise Failure.usage(
            f"{file} cannot be read as a key", "give the public key that portico keys new made"
        ) from error
    if "PRIVATE KEY" in pem:
        raise Failure.usage(f"{file} is a private key", f"give the public one: {file}.pub")
    with DeployClient.at(Place.find(url, token)) as client:
        added = client.ask("POST", _path(team, "keys"), {"publicKey": pem, "label": label or file.stem})
    show(added, f"key {added['id']} may sign releases of team {team}", as_json=as_json)


@keys.command(name="list")
@_team_option
@place_options
@json_option
@reports_failures
def list_(*, team: str, url: str | None, token: str | None, as_json: bool) -> None:
    """List the team's keys, revoked ones too, and whether signatures are required."""
    with DeployClient.at(Place.find(url, token)) as client:
        found: list[dict[str, Any]] = client.ask("GET", _path(team, "keys"))["keys"]
        required = client.ask("GET", _path(team, "signatures"))["required"]
    rows = [(one["id"], one["label"], one["createdAt"][:19], "revoked" if one["revokedAt"] else "") for one in found]
    text = f"{table(rows)}\nsignatures are {'required' if required else 'not required'}"
    show({"keys": found, "required": required}, text, as_json=as_json)


@keys.command()
@click.argument("id_", metavar="ID")
@_team_option
@place_options
@json_option
@reports_failures
def revoke(*, id_: str, team: str, url: str | None, token: str | None, as_json: bool) -> None:
    """Revoke the key ID (see list): what it signed does not count any more."""
    with DeployClient.at(Place.find(url, token)) as client:
        client.ask("DELETE", _path(team, "keys", id_))
    show({"revoked": id_}, f"key {id_} is revoked", as_json=as_json)


@keys.command()
@_team_option
@click.option("--off", is_flag=True, help="Take unsigned releases again.")
@place_options
@json_option
@reports_failures
def require(*, team: str, off: bool, url: str | None, token: str | None, as_json: bool) -> None:
    """Take nothing but signed releases of the team."""
    with DeployClient.at(Place.find(url, token)) as client:
        state = client.ask("PUT", _path(team, "signatures"), {"required": not off})
    text = f"releases of team {team} {'need no signature' if off else 'must be signed'}"
    show(state | {"team": team}, text, as_json=as_json)


def _path(team: str, *parts: str) -> str:
    return "/".join(["/deploy/teams", *(quote(part, safe="") for part in (team, *parts))])
