"""``portico sign``, and the signature that ``portico deploy`` sends along."""

import json
from pathlib import Path

import click

from portico.manifest.access.keys import read_private_key
from portico.manifest.access.signatures import Signature, sign
from portico.manifest.cli.failure import Failure, reports_failures
from portico.manifest.cli.options import json_option, show
from portico.manifest.errors import Refused
from portico.manifest.release import content_digest
from portico.manifest.unpacked import UnpackedApp

FILE = ".signature"
"""Where a signature waits in the built folder; hidden files are no part of a release."""


@click.command(name="sign", short_help="Sign the built app in DIR.")
@click.argument("folder", metavar="DIR", default="dist", type=click.Path(path_type=Path))
@click.option(
    "--key", required=True, type=click.Path(path_type=Path), help="The private key's file (portico keys new)."
)
@json_option
@reports_failures
def sign_(*, folder: Path, key: Path, as_json: bool) -> None:
    """Sign the built app in DIR (default: dist); portico deploy finds the signature there and sends it along.

    Sign where the key is, deploy where the token is: neither place needs both.
    """
    digest = digest_of(UnpackedApp.of_folder(folder))
    signature = sign_with(key, digest)
    document = {"release": digest, "signature": signature.to_header()}
    (folder / FILE).write_text(json.dumps(document) + "\n", "utf-8")
    show(document, f"signed release {digest}\n  key  {signature.key_id}\n  in   {folder / FILE}", as_json=as_json)


def signature_for(folder: Path, app: UnpackedApp, key: Path | None) -> Signature | None:
    """Return the signature to send with a built folder: by ``key``, else the one that waits there, else none.

    Raises ``Failure`` when the folder has changed since it was signed.
    """
    if key is not None:
        return sign_with(key, digest_of(app))
    try:
        document = json.loads((folder / FILE).read_text("utf-8"))
        signature = Signature.from_header(document["signature"])
        signed = document["release"]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, Refused) as error:
        raise Failure.usage(f"{folder / FILE} is no signature", "sign again (portico sign), or remove it") from error
    if signed != digest_of(app):
        raise Failure.usage(f"{folder} has changed since it was signed", f"sign again, or remove {folder / FILE}")
    return signature


def digest_of(app: UnpackedApp) -> str:
    """Return the digest of the release that a built app will be; raises ``Failure`` when it is none."""
    try:
        app.manifest()
    except Refused as error:
        raise Failure.refused(error) from error
    return content_digest(app.describe())


def sign_with(key: Path, digest: str) -> Signature:
    """Sign with the key in a file; raises ``Failure`` when there is none in it."""
    try:
        return sign(digest, read_private_key(key.read_bytes()))
    except OSError as error:
        raise Failure.usage(f"{key} cannot be read: {error.strerror}", "portico keys new makes a key") from error
    except ValueError as error:
        raise Failure.usage(f"{key} {error}", "portico keys new makes a key") from error
