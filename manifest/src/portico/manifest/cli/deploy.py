"""``portico deploy``: from a built folder to a page that shows it."""

import tempfile
from pathlib import Path
from typing import Any

import click

from portico.manifest.app_manifest import FILE_NAME, AppManifest
from portico.manifest.cli.client import ChannelState, DeployClient, Moved
from portico.manifest.cli.failure import CONFLICT, Failure, reports_failures
from portico.manifest.cli.options import (
    channel_option,
    dry_run_option,
    json_option,
    place_options,
    short,
    show,
    weight_option,
    why_option,
)
from portico.manifest.cli.place import Place
from portico.manifest.cli.preview import preview
from portico.manifest.cli.progress import blocks
from portico.manifest.cli.sign import signature_for
from portico.manifest.errors import Refused
from portico.manifest.packing import pack
from portico.manifest.unpacked import UnpackedApp

_ATTEMPTS = 50
"""How often a promotion is sent again because other apps were deployed meanwhile."""


@click.command(short_help="Publish the built app in DIR, and show it.")
@click.argument("folder", metavar="DIR", default="dist", type=click.Path(path_type=Path))
@weight_option
@dry_run_option
@click.option("--sign", "key", type=click.Path(path_type=Path), help="Sign with the private key in this file.")
@channel_option
@why_option
@place_options
@json_option
@reports_failures
def deploy(
    *,
    folder: Path,
    weight: int,
    dry_run: bool,
    key: Path | None,
    channel: str,
    why: str,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Deploy the built app in DIR (default: dist): publish a release, and point the channel at it.

    Nothing is restarted: the next page view has it. With --weight below 100, so many of a hundred people get it beside
    the release that is there. Exit codes: 0 deployed, 1 refused, 2 usage, 3 no token or not one for this app, 4
    somebody else deployed the same app meanwhile or the version exists, 5 no answer.
    """
    app, manifest = _built(folder)
    place = Place.find(url, token)
    signature = signature_for(folder, app, key)
    with DeployClient.at(place) as client, tempfile.TemporaryFile() as archive:
        pack(app, archive)
        size = archive.tell()
        archive.seek(0)
        before = client.channel(channel)
        content = blocks(archive, size, quiet=as_json)
        release, created = client.publish(
            manifest.app, content, size=size, channel=channel, weight=weight, dry_run=dry_run, signature=signature
        )
        if dry_run:
            preview(release, as_json=as_json)
            return
        after = promote(client, before, manifest.app, release["digest"], why, weight=weight)
    result: dict[str, Any] = {
        "app": manifest.app,
        "version": release["version"],
        "release": release["digest"],
        "published": created,
        "channel": channel,
        "weight": weight,
        "revision": after.revision,
        "url": place.url + _path(manifest),
        "warnings": release.get("warnings", []),
    }
    share = "" if weight == 100 else f", for {weight}% of people"
    moved = "" if after.revision > before.revision else " (it was there already)"
    shown = f"is on {channel}{share}{moved}" if weight else f"is published, and nobody on {channel} gets it"
    text = (
        f"{release['name']} {release['version']} {shown}\n"
        f"  release   {short(release['digest'])}\n"
        f"  revision  {after.revision}\n"
        f"  url       {result['url']}"
    )
    text += "".join(f"\n  warning   {one['pointer']}: {one['detail']}" for one in result["warnings"])
    show(result, text, as_json=as_json)


def promote(
    client: DeployClient, read: ChannelState, app: str, digest: str, why: str, *, weight: int = 100
) -> ChannelState:
    """Point the channel at the release; goes on when others changed other apps, and fails when this app changed."""
    state = read
    for _ in range(_ATTEMPTS):
        try:
            return client.promote(state, app, digest, why, weight=weight)
        except Moved as moved:
            state = client.channel(str(read.document["channel"]))
            if state.releases_of(app) != read.releases_of(app):
                raise Failure(
                    f"somebody else deployed {app} meanwhile (revision {state.revision})",
                    code=CONFLICT,
                    advice="look at it (portico history), then deploy again",
                    problem=moved.failure.problem,
                ) from moved
    raise Failure("the channel kept changing", code=CONFLICT, advice="the release is published; deploy again")


def _built(folder: Path) -> tuple[UnpackedApp, AppManifest]:
    if not (folder / FILE_NAME).is_file():
        nested = folder / "dist"
        built = (nested / FILE_NAME).is_file()
        hint = f"portico deploy {nested}" if built else "build the app first, and give the built folder"
        raise Failure.usage(f"there is no {FILE_NAME} in {folder}", hint)
    app = UnpackedApp.of_folder(folder)
    try:
        return app, app.manifest()
    except Refused as error:
        raise Failure.refused(error) from error


def _path(manifest: AppManifest) -> str:
    """Return the first of the app's own pages that needs no parameter."""
    plain = (route.path for route in manifest.routes if route.slot == "main" and not set(route.path) & set(":*({"))
    return next(plain, "/")
