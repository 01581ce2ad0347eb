"""Where the command line finds the platform, the deploy token and the database."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from portico.manifest.cli.failure import Failure
from portico.secrets import SecretRefused, with_secrets

FOLDER = ".portico"
URL_VARIABLE = "PORTICO_URL"
TOKEN_VARIABLE = "PORTICO_TOKEN"  # noqa: S105 - a variable's name
DATABASE_VARIABLE = "PORTICO_MANIFEST_DATABASE"


@dataclass(frozen=True, slots=True)
class Place:
    """A platform to deploy to: its base URL (no slash at the end) and the deploy token for it."""

    url: str
    token: str

    @classmethod
    def find(cls, url: str | None, token: str | None) -> "Place":
        """Return the place that options, the environment or the nearest ``.portico`` folder name.

        The token in that folder is only ever sent to this machine. Raises ``Failure`` saying what to set.
        """
        found = find_url(url)
        local = _is_loopback(urlsplit(found).hostname or "")
        secret = token or _secret(TOKEN_VARIABLE) or (_near("deploy-token") if local else None)
        if not secret:
            raise Failure.unauthorised(
                "no deploy token",
                f"give --token or {TOKEN_VARIABLE}; that of a Portico on this machine is in .portico/deploy-token "
                "where it was started; for another an operator makes one: portico tokens create --team <team>",
            )
        return cls(found, secret.strip())


def find_url(url: str | None) -> str:
    """Return the base URL (no slash at the end) that the option, the environment or the nearest ``.portico`` names.

    Raises ``Failure`` saying what to set.
    """
    found = url or os.environ.get(URL_VARIABLE) or running().get("url")
    if not found:
        raise Failure.usage(
            f"no Portico runs from this folder or one above it ({Path.cwd()})",
            f"go to the folder in which it was started; or give its address (--url or {URL_VARIABLE}, such as "
            "http://127.0.0.1:8000) and a deploy token",
        )
    parts = urlsplit(found)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Failure.usage(f"{found!r} is not an http or https URL", "give one such as http://127.0.0.1:8000")
    return found.rstrip("/")


def running() -> dict[str, str]:
    """Return what the platform of the nearest ``.portico`` says of itself: ``url``, ``nats``; and that ``folder``."""
    for folder in _folders():
        try:
            said = json.loads((folder / "run.json").read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except ValueError:
            return {}
        texts = (
            {name: value for name, value in said.items() if isinstance(value, str)} if isinstance(said, dict) else {}
        )
        return {**texts, "folder": str(folder)}
    return {}


def database_url(given: str | None) -> str:
    """Return the manifest's database: the option, the environment, or ``manifest.db`` of the nearest ``.portico``."""
    if url := given or _secret(DATABASE_VARIABLE):
        return url
    for folder in _folders():
        if (folder / "manifest.db").exists():
            return f"sqlite:///{folder / 'manifest.db'}"
    raise Failure.usage(
        "no manifest database here or in a parent folder",
        f"run this where Portico keeps its .portico folder, or give --database or {DATABASE_VARIABLE}",
    )


def _secret(variable: str) -> str | None:
    """Return a secret of the environment, or of the file that it names; raises ``Failure`` for a file that is none."""
    try:
        return with_secrets(os.environ, [variable]).get(variable)
    except SecretRefused as error:
        raise Failure.usage(str(error), "then try again") from error


def _near(name: str) -> str | None:
    for folder in _folders():
        try:
            return (folder / name).read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            continue
    return None


def _folders() -> Iterator[Path]:
    here = Path.cwd()
    yield from (folder / FOLDER for folder in (here, *here.parents))


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
