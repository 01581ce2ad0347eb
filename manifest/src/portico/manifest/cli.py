"""The commands for teams and for who hands out tokens; the platform's ``portico`` command mounts them."""

from collections.abc import Sequence

import click

from portico.manifest.cli_completion import completion
from portico.manifest.cli_deploy import deploy
from portico.manifest.cli_doctor import doctor
from portico.manifest.cli_history import history, releases, rollback
from portico.manifest.cli_promote import channels, promote, retire
from portico.manifest.cli_tokens import tokens

commands: Sequence[click.Command] = (
    deploy,
    promote,
    retire,
    rollback,
    channels,
    releases,
    history,
    tokens,
    doctor,
    completion,
)
"""In the order in which help lists them."""
