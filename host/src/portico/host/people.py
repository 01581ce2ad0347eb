"""The people of the development provider, from a file or a small set of our own."""

from __future__ import annotations

from pathlib import Path

import msgspec

from portico.host.devidp import DevPerson
from portico.host.errors import ConfigurationError

DEFAULT_PEOPLE = (
    DevPerson(sub="ada", name="Ada Lovelace", email="ada@example.com", roles=("member",), about="A member"),
    DevPerson(sub="alan", name="Alan Turing", email="alan@example.com", roles=("member",), about="Another member"),
    DevPerson(
        sub="grace",
        name="Grace Hopper",
        email="grace@example.com",
        roles=("member", "operator", "developer"),
        about="Operator and developer",
    ),
)


def read_people(path: Path | None) -> tuple[DevPerson, ...]:
    """The people listed in a JSON file (an array of objects with `sub`, `name`, `roles`, ...), or the default ones.

    Raises:
        ConfigurationError: the file cannot be read or says something else.
    """
    if path is None:
        return DEFAULT_PEOPLE
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[DevPerson, ...])
    except OSError as error:
        raise ConfigurationError(f"The file of people {path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"{path} does not list people: {error}") from error
