"""Did you mean ...?"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from portico.manifest.cli.client import DeployClient
from portico.manifest.cli.failure import Failure


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return ``; did you mean <the nearest of what is known>?``, or nothing when none is near."""
    near = get_close_matches(given, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def releases_of(client: DeployClient, app: str, limit: int) -> list[dict[str, Any]]:
    """Return an app's releases, newest first; raises ``Failure`` with the name that may have been meant."""
    try:
        return client.releases(app, limit)
    except Failure as failure:
        if not failure.is_problem("unknown-app"):
            raise
        failure.message += did_you_mean(app, {one["app"] for one in client.releases(None, 200)})
        raise
