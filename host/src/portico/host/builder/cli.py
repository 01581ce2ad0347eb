"""`portico build`: from a micro-app's folder to the built folder that `portico deploy` takes."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import click

from portico.host.builder.node import find_node
from portico.manifest.app_manifest import FILE_NAME, AppManifest
from portico.manifest.cli.failure import REFUSED, Failure, reports_failures
from portico.manifest.cli.options import json_option, show
from portico.manifest.errors import InvalidManifest

MAIN = Path(__file__).with_name("js") / "main.mjs"
LIMIT_S = 300


@click.command(short_help="Build the micro-app in DIR.")
@click.argument("folder", metavar="DIR", default=".", type=click.Path(path_type=Path))
@json_option
@reports_failures
def build(*, folder: Path, as_json: bool) -> None:
    """Build the micro-app in DIR (default: here) into DIR/dist, which `portico deploy` takes.

    The bundler and the framework's compiler are those that the app has installed (npm install). What app.json names
    under imports.needs, and the sdk, stay imports that the page answers. Exit codes: 0 built, 1 refused, 2 usage.
    """
    if not (folder / FILE_NAME).is_file():
        raise Failure.usage(f"there is no {FILE_NAME} in {folder}", "give the app's folder, or make one: portico new")
    _readable(folder / FILE_NAME)
    began = time.monotonic()
    said = run_builder(folder)
    built = _deployable(folder / "dist" / FILE_NAME)
    result = {
        "app": built.name,
        "version": built.version,
        "folder": str(folder / "dist"),
        "ms": round((time.monotonic() - began) * 1000),
    }
    show(result, f"{said}\n  folder  {result['folder']}\n  next    portico deploy {result['folder']}", as_json=as_json)


def _readable(file: Path) -> None:
    """Raise Failure with line and column when the file is not JSON: Node names no line."""
    try:
        json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Failure(f"{file} is not JSON: {error}", code=REFUSED, advice="mend it, and build again") from error


def _deployable(file: Path) -> AppManifest:
    """The built manifest; raises Failure with what a deploy would refuse, while the mistake is fresh."""
    try:
        return AppManifest.parse(file.read_bytes())
    except InvalidManifest as error:
        raise Failure.refused(error) from error


def run_builder(folder: Path) -> str:
    """Build the app in `folder` and return the line that says what came out; raises Failure with what is wrong."""
    command = [find_node(), str(MAIN), str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, under a Node that was found
            command, capture_output=True, text=True, timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as late:
        raise Failure(
            f"the build took longer than {LIMIT_S} s", code=REFUSED, advice="look at what it bundles"
        ) from late
    if done.stderr:
        click.echo(done.stderr.rstrip(), err=True)
    if done.returncode:
        raise Failure(f"{folder} was not built", code=REFUSED, advice="mend what is said above, and build again")
    return done.stdout.strip()
