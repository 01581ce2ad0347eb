"""The commands for teams and for who hands out tokens; the platform's ``portico`` command mounts them."""

from collections.abc import Sequence

import click

from portico.manifest.cli_completion import completion
from portico.manifest.cli_deploy import deploy
from portico.manifest.cli_doctor import doctor
from portico.manifest.cli_flags import flags
from portico.manifest.cli_history import history, releases, rollback
from portico.manifest.cli_keys import keys
from portico.manifest.cli_promote import channels, promote, retire
from portico.manifest.cli_sign import sign_
from portico.manifest.cli_tokens import tokens
from portico.manifest.cli_trust import audit, trust

commands: Sequence[click.Command] = (
    deploy,
    promote,
    retire,
    rollback,
    channels,
    releases,
    history,
    flags,
    sign_,
    tokens,
    keys,
    trust,
    audit,
    doctor,
    completion,
)
"""In the order in which help lists them."""
