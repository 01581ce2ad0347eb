"""A double of what a service calls, as a process beside it: where everything runs on one machine to be tried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SANDBOXES = "portico.sandboxes"
"""The group of entry points that make them; an entry has the name of the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxProcess:
    """`python -m <module> <arguments>` with an environment, and the settings by which its service finds it."""

    module: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)


MakeSandbox = Callable[[Mapping[str, str], int, str], SandboxProcess | None]
"""From the service's settings, a loopback port and a secret of its own; None where the settings name the real thing."""
