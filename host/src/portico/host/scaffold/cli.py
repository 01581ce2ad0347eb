"""`portico new`: a micro-app, its BFF, tests and a CI file that pass at once."""

from __future__ import annotations

from pathlib import Path

import click

from portico.host.scaffold.plan import APIS, UIS, Plan
from portico.host.scaffold.rendering import render
from portico.host.scaffold.sdk_package import VENDORED, renew, sdk_files
from portico.host.scaffold.writing import write
from portico.manifest.cli.failure import reports_failures
from portico.manifest.cli.options import json_option, show


@click.command(short_help="Make a micro-app with its BFF and tests.")
@click.argument("name")
@click.option("--ui", type=click.Choice(UIS), default="preact", show_default=True, help="What pages are made with.")
@click.option("--api", type=click.Choice(APIS), default="rest", show_default=True, help="The API of its BFF.")
@click.option("--team", default="my-team", show_default=True, help="The team that owns it: @team/name.")
@click.option("--into", type=click.Path(path_type=Path), help="The folder to make. Default: NAME, here.")
@json_option
@reports_failures
def new(*, name: str, ui: str, api: str, team: str, into: Path | None, as_json: bool) -> None:
    """Make the micro-app NAME in a folder of its own, with its BFF, schemas, tests of both, and a CI file.

    Nothing that is there is overwritten. Exit codes: 0 made, 2 the name cannot be one or the folder holds something.
    """
    plan = Plan(name=name, team=team, ui=ui, api=api)
    folder = into or Path(name)
    files = write(folder, _files(plan, folder))
    result = {"app": f"@{team}/{name}", "folder": str(folder), "files": files}
    show(result, _told(plan, folder, len(files)), as_json=as_json)


@click.command(short_help="Renew the sdk that an app is tested with.")
@click.argument("folder", metavar="DIR", default=".", type=click.Path(path_type=Path))
@json_option
@reports_failures
def sdk(*, folder: Path, as_json: bool) -> None:
    """Renew the copy of the sdk in the app's folder DIR (default: here), for its types and tests.

    Pages have the platform's own copy and need nothing. Exit codes: 0 renewed, 2 no app that portico new made.
    """
    version = renew(folder)
    show(
        {"folder": str(folder / VENDORED), "version": version},
        f"{folder / VENDORED} is @portico/sdk {version}",
        as_json=as_json,
    )


def _files(plan: Plan, folder: Path) -> dict[str, str]:
    return dict(sorted({**render(plan, standalone=not _linted_above(folder)), **sdk_files()}.items()))


def _linted_above(folder: Path) -> bool:
    """Whether a folder above has settings for Biome, which takes one file of them as the root."""
    return any((above / "biome.json").is_file() for above in folder.resolve().parents)


def _told(plan: Plan, folder: Path, count: int) -> str:
    steps = [f"cd {folder}", "npm install", "npm test", "portico build && portico deploy dist"]
    if plan.api != "none":
        steps[3:3] = [
            "pip install -e './bff[test]' && python -m pytest bff",
            "(start the platform again: it has a BFF more)",
        ]
    lines = "\n".join(f"    {step}" for step in steps)
    return f"@{plan.team}/{plan.name} is in {folder}: {count} files\n  next\n{lines}"
