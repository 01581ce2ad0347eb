"""What one process of the platform is: a value, so that a plan can be looked at before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A command with its environment, and the loopback address and port it listens on (None: nowhere).

    `last` ones are ended when the others are gone: what they tell at their end still reaches them.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    port: int | None = None
    address: str = LOOPBACK
    last: bool = False
