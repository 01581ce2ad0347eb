"""`portico types`: runs the generator that the app has installed, `@portico/types`, on Node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import click

from portico.host.builder.node import find_node
from portico.manifest.app_manifest import FILE_NAME
from portico.manifest.cli.failure import REFUSED, Failure, reports_failures
from portico.manifest.cli.options import json_option, show

PACKAGE = "@portico/types"
LIMIT_S = 120


@click.command(short_help="Make TypeScript of what app.json names.")
@click.argument("folder", metavar="DIR", default=".", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when something is not as it would be written.")
@json_option
@reports_failures
def types(*, folder: Path, check: bool, as_json: bool) -> None:
    """Make TypeScript of what the app.json in DIR (default: here) names, in DIR/src/portico.

    Messages (publishes, consumes) get the types of their JSON Schemas, the BFF those of its contract: OpenAPI, or
    GraphQL with the operations that the app uses. Exit codes: 0 done, 1 refused, 2 usage.
    """
    if not (folder / FILE_NAME).is_file():
        raise Failure.usage(f"there is no {FILE_NAME} in {folder}", "give the app's folder, or make one: portico new")
    command = [find_node(), str(_generator(folder)), str(folder), *(["--check"] if check else [])]
    try:
        done = subprocess.run(  # noqa: S603 - a package that the app has installed, under a Node that was found
            command, capture_output=True, text=True, timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as late:
        raise Failure(f"it took longer than {LIMIT_S} s", code=REFUSED, advice="look at the schemas' size") from late
    if done.returncode:
        what = (done.stderr.strip().splitlines() or ["the generator ended without a word"])[0]
        raise Failure(what, code=REFUSED, advice="mend app.json or the file that it names")
    result = json.loads(done.stdout)
    changed = ", ".join(result["changed"]) or "nothing changed"
    show(result, f"{len(result['files'])} files\n  folder   {result['folder']}\n  changed  {changed}", as_json=as_json)


def _generator(folder: Path) -> Path:
    """Return the generator's program, from the folder's `node_modules` or one above; raises Failure."""
    for place in (folder.absolute(), *folder.absolute().parents):
        program = place / "node_modules" / PACKAGE / "main.mjs"
        if program.is_file():
            return program
    raise Failure.usage(f"{PACKAGE} is not installed for {folder}", f"npm install --save-dev {PACKAGE}")
