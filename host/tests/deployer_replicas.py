"""Deployers that run alone, as an operator starts them: the `portico` command in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PORTICO = Path(sys.executable).with_name("portico")


@dataclass(frozen=True, slots=True)
class Replica:
    """One running deployer."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def replica(settings: Mapping[str, str]) -> Iterator[Replica]:
    """A deployer with these settings and nothing else of Portico's, until the block ends."""
    with started(settings) as process:
        yield Replica(url_of(process), process)


@contextmanager
def started(settings: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The process, which may not answer yet."""
    process = subprocess.Popen(
        [PORTICO, "deployer", "--port", "0"],
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def url_of(process: subprocess.Popen[str]) -> str:
    """Where the process answers, once it does."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        assert process.stderr is not None
        raise AssertionError(f"the deployer did not start: {process.stderr.read()}")
    return line.strip().rpartition(" ")[2]


def new_token(settings: Mapping[str, str]) -> str:
    """A deploy token for every team, made by the operator's command."""
    done = subprocess.run(
        [PORTICO, "tokens", "create", "--team", "*", "--json"],
        env=environment(settings), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return str(json.loads(done.stdout)["token"])


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without its own settings of Portico, and with these."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PORTICO_", "AWS_", "IMD_"))}
    return own | dict(settings)
