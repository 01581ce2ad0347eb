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
        found = url or os.environ.get(URL_VARIABLE) or _running_url()
        if not found:
            raise Failure.usage("where is Portico?", f"start it here (portico up), or give --url or {URL_VARIABLE}")
        parts = urlsplit(found)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Failure.usage(f"{found!r} is not an http or https URL", "give one such as http://127.0.0.1:8000")
        local = _is_loopback(parts.hostname)
        secret = token or _secret(TOKEN_VARIABLE) or (_near("deploy-token") if local else None)
        if not secret:
            raise Failure.unauthorised(
                "no deploy token",
                f"give --token or {TOKEN_VARIABLE}; an operator makes one: portico tokens create --team <team>",
            )
        return cls(found.rstrip("/"), secret.strip())


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


def _running_url() -> str | None:
    text = _near("run.json")
    if text is None:
        return None
    try:
        url = json.loads(text)["url"]
    except (ValueError, KeyError, TypeError):
        return None
    return url if isinstance(url, str) else None


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
