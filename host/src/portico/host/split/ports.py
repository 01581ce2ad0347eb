"""Which port each process listens on: the same one for the life of a data folder."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from portico.host.errors import ConfigurationError
from portico.host.split.program import LOOPBACK
from portico.host.split.state import STATE_FILE
from portico.serving import PortUnavailable, check_port

# Below what systems hand out to outgoing connections: one of those could sit on a port while its process is away.
_FROM, _TO = 12_000, 20_000
_TRIES = 1_000


def choose_ports(names: Sequence[str], known: Mapping[str, int]) -> dict[str, int]:
    """A free loopback port for each name, the known one where there is one.

    Raises ConfigurationError when somebody else has a known one: whom it was told to would not find it elsewhere.
    """
    ports = {name: _same(name, known[name]) for name in names if name in known}
    for name in names:
        if name not in ports:
            ports[name] = _free(taken={*ports.values(), *known.values()})
    return ports


def _same(name: str, port: int) -> int:
    try:
        return check_port(LOOPBACK, port)
    except PortUnavailable as error:
        raise ConfigurationError(
            f"{error} It is that of {name!r} here: end the program that has it (`ss -ltnp` shows which), or remove "
            f"{STATE_FILE} from the data folder to have all ports chosen anew."
        ) from error


def _free(taken: set[int]) -> int:
    choice = random.SystemRandom()
    for _ in range(_TRIES):
        port = choice.randrange(_FROM, _TO)
        if port not in taken:
            try:
                return check_port(LOOPBACK, port)
            except PortUnavailable:
                continue
    raise ConfigurationError(f"No port between {_FROM} and {_TO} is free on {LOOPBACK}.")
