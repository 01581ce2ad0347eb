"""`portico secrets`: new keys in place of old ones, while hosts run."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from portico.host.config.reading import with_secret_files
from portico.host.errors import ConfigurationError

SEALING, SIGNING = ("sessions", "overrides"), ("tokens", "dev-idp")
WHERE = click.option(
    "--data-dir", envvar="PORTICO_DATA_DIR", type=click.Path(path_type=Path, file_okay=False),
    default=Path(".portico"), show_default=True, help="The host's data folder.",
)  # fmt: skip
SETTLED_S = 60
"""Seconds after which every running host has taken up a key file that changed."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a host keeps its keys and sessions: its data folder, unless the environment says otherwise."""

    data_dir: Path
    environment: Mapping[str, str]

    @classmethod
    def of(cls, data_dir: Path) -> Places:
        """The places of the host in this data folder; raises ConfigurationError when there is none."""
        if not data_dir.is_dir():
            raise ConfigurationError(f"There is no folder {data_dir}: say where the host's is with --data-dir")
        return cls(data_dir.absolute(), with_secret_files(os.environ))

    @property
    def sessions(self) -> str:
        """The URL of the database of sessions."""
        return self.environment.get("PORTICO_SESSIONS_DATABASE") or f"sqlite:///{self.data_dir / 'sessions'}.db"

    def key_file(self, name: str) -> Path:
        """The file of one part's keys, which must be there; raises ConfigurationError."""
        folder = Path(self.environment.get("PORTICO_KEYS_DIR") or self.data_dir / "keys")
        path = folder / f"{name}.json"
        if not path.exists():
            raise ConfigurationError(
                f"There is no key file {path}: set PORTICO_KEYS_DIR or --data-dir to the host's own"
            )
        return path


@click.group(short_help="Replace keys while hosts run.")
def secrets() -> None:
    """Replace secret keys while hosts run: first rotate, later drop the old keys."""


@secrets.command(short_help="Make a new key and use it.")
@click.argument("part", type=click.Choice([*SEALING, *SIGNING]))
@click.option("--stolen", is_flag=True, help="Of tokens and dev-idp: withdraw the old keys at once.")
@WHERE
def rotate(part: str, *, stolen: bool, data_dir: Path) -> None:
    """Make a new key. Nobody is signed out.

    A key that seals (sessions, overrides) is used from now on, and what was sealed with older keys is sealed anew. A
    key that signs (tokens, dev-idp) is published now and used in twenty minutes, when everybody who verifies has seen
    it; older ones go by themselves.
    """
    places = Places.of(data_dir)
    if part in SIGNING:
        _rotate_signing(places.key_file(part), stolen=stolen)
    elif stolen:
        raise ConfigurationError("--stolen is for keys that sign; after `rotate`, `drop` ends the use of a sealing key")
    else:
        asyncio.run(_rotate(part, places))


@secrets.command(short_help="Drop keys that nothing needs any more.")
@click.argument("part", type=click.Choice(SEALING))
@WHERE
def drop(part: str, data_dir: Path) -> None:
    """Drop all keys but the current one, a minute or more after `rotate`, once nothing is sealed with them."""
    asyncio.run(_drop(part, Places.of(data_dir)))


def _rotate_signing(path: Path, *, stolen: bool) -> None:
    from portico.host.tokens.rotating import LOOK_EVERY_S, KeyFile, replaced, rotated  # noqa: PLC0415 (as below)

    file = KeyFile(path, time.time)
    key = (replaced(file, time.time) if stolen else rotated(file, time.time)).keys[-1]
    click.echo(f"New key {key.key.kid} in {path}.")
    if stolen:
        click.echo(f"Running hosts sign with it within {LOOK_EVERY_S} seconds. Until who verifies has fetched it (30 ")
        click.echo("seconds as a rule), calls are answered 401; what the old keys signed is refused within 10 minutes.")
    else:
        click.echo(f"It is published now, and signs from {time.strftime('%H:%M:%S', time.localtime(key.signs_from))}.")


async def _rotate(part: str, places: Places) -> None:
    from portico.host.session.seal_keys import SealKeyFile  # noqa: PLC0415 (other commands start faster without)

    file = SealKeyFile(places.key_file(part))
    keys = file.read().rotated()
    file.write(keys)
    click.echo(f"New key {keys.current} in {file.path}.")
    await _reseal(part, places)
    click.echo(f"Older keys are kept. In {SETTLED_S} seconds or later run: portico secrets drop {part}")


async def _drop(part: str, places: Places) -> None:
    from portico.host.session.seal_keys import SealKeyFile  # noqa: PLC0415 (as above)

    file = SealKeyFile(places.key_file(part))
    keys = file.read()
    wait = SETTLED_S - (time.time() - file.path.stat().st_mtime)
    if len(keys.keys) == 1:
        click.echo(f"There is only the current key {keys.current}.")
        return
    if wait > 0:
        raise ConfigurationError(
            f"{file.path} changed less than {SETTLED_S} seconds ago, and running hosts may still use an older key. "
            f"Try again in {round(wait) + 1} seconds."
        )
    await _reseal(part, places)
    file.write(keys.without_old())
    click.echo(f"Only the current key {keys.current} is left.")


async def _reseal(part: str, places: Places) -> None:
    """Seal with the current key what the database holds, and say how much that was."""
    if part != "sessions":
        click.echo("Nothing of it is kept here; cookies with an older key end by themselves within 8 hours.")
        return
    from portico.host.push.schema import SEALED as PUSH_SEALED  # noqa: PLC0415 (as above)
    from portico.host.session import Seal  # noqa: PLC0415
    from portico.host.session.reseal import reseal  # noqa: PLC0415
    from portico.host.session.schema import SEALED  # noqa: PLC0415
    from portico.host.sessions_database import open_sessions  # noqa: PLC0415

    database = await open_sessions(places.sessions)
    try:
        seal = Seal.open(places.key_file("sessions"))
        counts = [await reseal(database, seal, column) for column in (*SEALED, *PUSH_SEALED)]
    finally:
        await database.close()
    click.echo(f"{sum(done for done, _ in counts)} sealed values have the current key now.")
    if lost := sum(lost for _, lost in counts):
        click.echo(f"{lost} cannot be opened with any key that is here.", err=True)
