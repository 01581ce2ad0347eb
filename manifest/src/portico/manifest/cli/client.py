"""The deployer's HTTP API as the command line uses it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

import httpx

from portico.manifest.access.signatures import HEADER, Signature
from portico.manifest.cli.failure import UNAVAILABLE, Failure
from portico.manifest.cli.place import Place

_PAGE = 200
"""The most that a page of a list holds."""
_TIMEOUT = httpx.Timeout(30.0, read=300.0, write=300.0)


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel as the server shows it, with the tag that a change must name."""

    document: dict[str, Any]
    etag: str

    @property
    def revision(self) -> int:
        """The number of the revision."""
        return int(self.document["revision"])

    def releases_of(self, app: str) -> list[dict[str, Any]]:
        """Return what the channel points to for an app, empty when nothing."""
        return list(self.document["apps"].get(app, []))


class Moved(Exception):
    """The channel has moved on since it was read (412)."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class DeployClient:
    """Calls of the deployer's API. Each raises ``Failure`` with the server's own words; changes may raise ``Moved``."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @classmethod
    @contextmanager
    def at(cls, place: Place) -> Iterator[Self]:
        """Open a client for a place."""
        headers = {"Authorization": f"Bearer {place.token}", "Accept": "application/json"}
        with httpx.Client(base_url=place.url, headers=headers, timeout=_TIMEOUT) as http:
            yield cls(http)

    def channel(self, name: str) -> ChannelState:
        """Read a channel."""
        return _state(self._call("GET", f"/deploy/channels/{_segment(name)}"))

    def channels(self, limit: int) -> list[dict[str, Any]]:
        """List the channels with their latest revisions, by name."""
        return list(_object(self._call("GET", "/deploy/channels", params={"limit": str(limit)}))["channels"])

    def publish(
        self,
        app: str,
        archive: Iterable[bytes],
        *,
        size: int,
        channel: str,
        weight: int = 100,
        dry_run: bool = False,
        signature: Signature | None = None,
    ) -> tuple[dict[str, Any], bool]:
        """Send an archive of ``size`` bytes; returns the release (or with ``dry_run`` what would happen) and whether
        it is new. It is checked against the channel as well, for ``weight`` of a hundred people.
        """
        signed = {HEADER: signature.to_header()} if signature else {}
        share = {} if weight == 100 else {"weight": str(weight)}
        response = self._call(
            "POST",
            f"/deploy/apps/{_segment(app)}/releases",
            params={"channel": channel, **share, **_dry(dry_run)},
            content=archive,
            headers={"Content-Type": "application/gzip", "Content-Length": str(size), **signed},
        )
        return _object(response), response.status_code == 201

    def promote(
        self, channel: ChannelState, app: str, digest: str, why: str, *, weight: int = 100, dry_run: bool = False
    ) -> ChannelState:
        """Point the channel at a release, for ``weight`` of a hundred people."""
        path = f"/deploy/channels/{channel.document['channel']}/apps/{_segment(app)}"
        share = {} if weight == 100 else {"weight": weight}
        return self._change("PUT", path, channel, {"release": digest, "why": why, **share}, dry_run=dry_run)

    def retire(self, channel: ChannelState, app: str, why: str, *, dry_run: bool = False) -> ChannelState:
        """Take an app out of the channel."""
        path = f"/deploy/channels/{channel.document['channel']}/apps/{_segment(app)}"
        return self._change("DELETE", path, channel, {"why": why}, dry_run=dry_run)

    def rollback(
        self, channel: ChannelState, to: int, app: str | None, why: str, *, dry_run: bool = False
    ) -> ChannelState:
        """Make a revision equal to an older one."""
        body = {"to": to, "app": app, "why": why}
        path = f"/deploy/channels/{channel.document['channel']}/rollback"
        return self._change("POST", path, channel, body, dry_run=dry_run)

    def releases(self, app: str | None, limit: int) -> list[dict[str, Any]]:
        """List releases, newest first."""
        path = f"/deploy/apps/{_segment(app)}/releases" if app else "/deploy/releases"
        return list(_object(self._call("GET", path, params={"limit": str(limit)}))["releases"])

    def versions(self, channel: ChannelState) -> dict[str, str]:
        """Return the versions of the channel's releases by digest: a page of the newest, then one by one."""
        known = {str(one["digest"]): str(one["version"]) for one in self.releases(None, _PAGE)}
        for app in channel.document["apps"]:
            for one in channel.releases_of(app):
                digest = str(one["release"])
                if digest not in known:
                    path = f"/deploy/apps/{_segment(app)}/releases/{digest}"
                    known[digest] = str(self.ask("GET", path)["version"])
        return known

    def history(self, channel: str, limit: int) -> list[dict[str, Any]]:
        """List revisions with what they changed, newest first."""
        path = f"/deploy/channels/{_segment(channel)}/history"
        return list(_object(self._call("GET", path, params={"limit": str(limit)}))["revisions"])

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
        """Call any of the API; returns the answer's object, empty when there is none."""
        response = self._call(method, path, params=query, **({"json": body} if body is not None else {}))
        return _object(response) if response.content else {}

    def _change(
        self, method: str, path: str, channel: ChannelState, body: dict[str, Any], *, dry_run: bool = False
    ) -> ChannelState:
        headers = {"If-Match": channel.etag}
        return _state(self._call(method, path, json=body, headers=headers, params=_dry(dry_run)))

    def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **request)
        except httpx.HTTPError as error:
            raise Failure(
                f"no answer from {self._http.base_url}: {str(error) or type(error).__name__}",
                code=UNAVAILABLE,
                advice="is Portico running there? Check --url",
            ) from error
        if response.is_success:
            return response
        if address := redirected(response):
            raise Failure.usage(
                f"{self._http.base_url} sends to {address}, and a deploy token is not sent on", f"give --url {address}"
            )
        failure = Failure.from_problem(response.status_code, _problem(response))
        raise Moved(failure) if response.status_code == 412 else failure


def redirected(response: httpx.Response) -> str:
    """Return the origin that an answer sends to, empty when it does not: a token goes where it was meant to, alone."""
    if response.next_request is None:
        return ""
    target = response.next_request.url
    return f"{target.scheme}://{target.netloc.decode()}"


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dry_run": "true"} if dry_run else {}


def _segment(text: str) -> str:
    return quote(text, safe="")


def _state(response: httpx.Response) -> ChannelState:
    return ChannelState(_object(response), response.headers.get("etag", ""))


def _object(response: httpx.Response) -> dict[str, Any]:
    document = _decoded(response)
    if isinstance(document, dict):
        return document
    raise Failure(f"{response.request.url} does not answer as a Portico does", code=UNAVAILABLE, advice="check --url")


def _problem(response: httpx.Response) -> dict[str, Any]:
    document = _decoded(response)
    if isinstance(document, dict):
        return document
    return {"title": f"{response.request.url} answered {response.status_code}"}


def _decoded(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
