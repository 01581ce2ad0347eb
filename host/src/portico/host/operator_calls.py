"""What the commands for operators have in common: they call a BFF over HTTP, by itself or through the gateway."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

import click
import httpx

from portico.host.errors import OperatorRefused
from portico.manifest.cli.failure import Failure
from portico.manifest.cli.place import find_url

P = ParamSpec("P")
T = TypeVar("T")
_FORM = re.compile(r'name="request" value="([^"]*)"')


class Bff:
    """A BFF as an operator calls it: `where` is its address, `client` says who they are."""

    def __init__(self, where: str, client: httpx.Client) -> None:
        self._where = where.rstrip("/")
        self._client = client

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call it; return its answer. Raises OperatorRefused, in words."""
        return self._answered(method, path, body, lambda response: response.json() if response.content else None)

    def text(self, path: str) -> str:
        """Read what is no JSON. Raises OperatorRefused, in words."""
        return self._answered("GET", path, None, lambda response: response.text)

    def _answered(self, method: str, path: str, body: Any, read: Callable[[httpx.Response], T]) -> T:
        try:
            response = self._client.request(method, f"{self._where}/{path}", json=body)
            if response.is_success:
                return read(response)
            problem = response.json()
            words = problem.get("detail") or problem.get("title") or str(response.status_code)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError) as error:
            raise OperatorRefused(f"{self._where} does not answer as a BFF: {error}") from error
        raise OperatorRefused(f"{self._where} answered {response.status_code}: {words}")


def asks_a_bff(command: Callable[Concatenate[Bff, P], T]) -> Callable[P, T]:
    """Give a command the options that name a BFF, and the BFF as its first argument."""

    @click.option(
        "--app", help="An app or service of the Portico at PORTICO_URL, else of the `portico up` that runs here."
    )
    @click.option("--person", default="grace", show_default=True, help="With --app: as whom (`sub`), an operator.")
    @click.option("--url", help="The BFF's address: of its own process, not of the host.")
    @click.option(
        "--token", envvar="PORTICO_OPERATOR_TOKEN", help="With --url: an operator's access token for this BFF."
    )
    @wraps(command)
    def asking(*args: P.args, **options: P.kwargs) -> T:
        app, person, url, token = (options.pop(name) for name in ("app", "person", "url", "token"))
        if (app is None) == (url is None):
            raise click.UsageError(
                "Give either --app, for a BFF of the `portico up` that runs here, or --url and --token."
            )
        if url is not None and not token:
            raise click.UsageError("With --url, give --token: an access token of an operator, for this BFF.")
        with httpx.Client(timeout=30) as client:
            if app is None:
                client.headers["Authorization"] = f"Bearer {token}"
                return command(Bff(str(url), client), *args, **options)
            host = _signed_in(client, str(person))
            return command(Bff(f"{host}/api/{quote(str(app), safe='')}", client), *args, **options)

    return asking


def _signed_in(client: httpx.Client, person: str) -> str:
    """Sign in as a browser does, where the development provider asks for no password; the platform's URL.

    Raises OperatorRefused.
    """
    try:
        host = find_url(None)
    except Failure as error:
        raise OperatorRefused(str(error)) from error
    client.headers.update({"X-Portico": "1", "Sec-Fetch-Site": "same-origin"})  # as the platform's own pages send
    try:
        page = client.get(f"{host}/auth/sign-in", follow_redirects=True)
        form = _FORM.search(page.text)
        if form is None:
            raise OperatorRefused(f"{host} signs people in by a provider of its own: give --url and --token instead.")
        picked = client.post(page.url.join("pick"), data={"request": html.unescape(form[1]), "sub": person})
        if not picked.is_redirect:
            raise OperatorRefused(f"{host} knows no {person!r}: give --person, somebody with the operators' role.")
        client.get(picked.headers["location"], follow_redirects=True).raise_for_status()
    except httpx.HTTPError as error:
        raise OperatorRefused(f"{host} does not sign anybody in: {error}") from error
    return host
