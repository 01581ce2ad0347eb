"""The commands for teams and for who hands out tokens; the platform's ``portico`` command mounts them."""

from collections.abc import Sequence

import click

from portico.manifest.cli.completion import completion
from portico.manifest.cli.deploy import deploy
from portico.manifest.cli.doctor import doctor
from portico.manifest.cli.flags import flags
from portico.manifest.cli.history import history, releases, rollback
from portico.manifest.cli.keys import keys
from portico.manifest.cli.promote import channels, promote, retire
from portico.manifest.cli.sign import sign_
from portico.manifest.cli.tokens import tokens
from portico.manifest.cli.trust import audit, trust

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
