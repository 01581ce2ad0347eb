"""What a part of the platform says of itself, for ``portico doctor``."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One part and how it is: ``warn`` when people are served all the same, ``fail`` when some are not.

    ``detail`` is a sentence for operators; no addresses or names that a team should not read.
    """

    name: str
    state: State
    detail: str = ""


Diagnose = Callable[[], Awaitable[Sequence[Diagnosis]]]
"""Looks at the parts that the deployer does not know, such as what the host it is mounted in has."""


async def no_diagnoses() -> Sequence[Diagnosis]:
    """Return nothing: the deployer runs alone."""
    return ()
