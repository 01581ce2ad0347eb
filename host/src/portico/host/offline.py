"""What the service worker needs of the host: its script, the document that it keeps, and the list of what else."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from gzip import compress

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.host.document import Message, PageDocument
from portico.host.language import Language, language_asked
from portico.host.page import Decision, Person, may_open
from portico.host.security import WORKER_POLICY
from portico.host.session import RawHeaders, Session
from portico.host.static import DEV, OVERLAY, WORKER
from portico.host.views import View
from portico.manifest import PlatformAssets, Read, Release, ReleaseFile, Snapshot, reachable

_NOT_KEPT = Message(
    code=None,
    heading="This page is not kept on this device",
    text="It cannot be reached just now. Once there is a connection again, it opens as usual.",
    action="Try again",
    href="",
)
_GZIP_LEVEL = 9
_FILES = "/a/"
"""Below it are the files of all releases and of the platform."""
_NOT_LISTED = frozenset({WORKER, OVERLAY, DEV})
"""The worker keeps itself; what developers alone load is not for everybody's device."""
_HIDDEN = frozenset({"app.json"})
"""Files of a release that are never served."""


class Offline:
    """The addresses below `/_portico/`. Which person asks decides what is kept for them; nobody has a page, too."""

    def __init__(
        self,
        *,
        view: Callable[[RawHeaders, Session | None], Awaitable[View]],
        identify: Callable[[RawHeaders], Awaitable[Session | None]],
        document: PageDocument,
        platform: PlatformAssets,
    ) -> None:
        self._view = view
        self._identify = identify
        self._document = document
        self._platform = platform
        script = platform.content(WORKER)
        self._scripts = {"": script, "gzip": compress(script, _GZIP_LEVEL, mtime=0)}
        self.routes = (
            Route("/_portico/worker.js", self.worker),
            Route("/_portico/document", self.kept_document),
            Route("/_portico/offline.json", self.contents),
        )

    async def worker(self, request: Request) -> Response:
        """The service worker's script: asked for at every check for updates, sent when it has changed."""
        encoding = "gzip" if "gzip" in request.headers.get("accept-encoding", "") else ""
        # A strong tag names one sequence of bytes (RFC 9110, 8.8.3.3).
        tag = self._platform.integrity(WORKER).removeprefix("sha384-")[:32]
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": WORKER_POLICY,
            "ETag": f'"{tag}-{encoding}"' if encoding else f'"{tag}"',
            "Service-Worker-Allowed": "/",
            "Vary": "Accept-Encoding",
        }
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if encoding:
            headers["Content-Encoding"] = encoding
        return Response(self._scripts[encoding], media_type="text/javascript", headers=headers)

    async def kept_document(self, request: Request) -> Response:
        """The page of no path in particular: the runtime shows in it what the address names, if an app claims that."""
        person = await self._identify(request.headers.raw)
        view = await self._view(request.headers.raw, person)
        kept = Decision(200, None)
        response = self._document.response(request, view, person, kept, active=[], message=_NOT_KEPT)
        response.headers["Portico-Document"] = self._tag(view.snapshot, person, language_asked(request))
        return response

    async def contents(self, request: Request) -> Response:
        """What to keep for who is asking; `tag` names the document that belongs to it, by its `Portico-Document`."""
        person = await self._identify(request.headers.raw)
        snapshot = (await self._view(request.headers.raw, person)).snapshot
        releases = [release for release in snapshot.releases if _is_offered(release, person)]
        listing = {
            "revision": snapshot.revision,
            "build": self._platform.digest,
            "person": None if person is None else person.sub,
            "tag": self._tag(snapshot, person, language_asked(request)),
            "document": "/_portico/document",
            "assets": [{"url": url, "integrity": digest} for url, digest in self._assets(snapshot, releases).items()],
            "apps": [_app(release) for release in releases if release.manifest.bff is not None],
        }
        headers = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
        return Response(msgspec.json.encode(listing), media_type="application/json", headers=headers)

    def _tag(self, snapshot: Snapshot, person: Person | None, language: Language) -> str:
        """Changes with all that the document says: their side of the channel, this build, who asks, their language."""
        who = None if person is None else (person.sub, person.name, person.roles)
        said = msgspec.json.encode((snapshot.channel, snapshot.etag, self._platform.digest, who, language.tag))
        return hashlib.sha256(said).hexdigest()[:32]

    def _assets(self, snapshot: Snapshot, releases: Iterable[Release]) -> dict[str, str]:
        """URL to integrity of every file of ours that the document and these releases may load.

        Not of what is hosted elsewhere: the worker fetches from this host alone, and one file that it cannot have
        would keep it from all others.
        """
        platform = self._platform
        assets = {
            platform.url(path): file.integrity
            for path, file in platform.files.items()
            if path not in _NOT_LISTED and not _is_source_map(file)
        }
        for release in releases:
            assets |= {release.url(file.path): file.integrity for file in _kept_files(release)}
        needed = reachable(snapshot, self._document.import_map(snapshot), releases)
        return assets | {module.url: module.integrity for module in needed if module.url.startswith(_FILES)}


def _is_offered(release: Release, person: Person | None) -> bool:
    manifest = release.manifest
    return manifest.offline is not None and any(may_open(route, person) for route in manifest.routes)


def _kept_files(release: Release) -> Iterator[ReleaseFile]:
    return (file for file in release.files if file.path not in _HIDDEN and not _is_source_map(file))


def _is_source_map(file: ReleaseFile) -> bool:
    return file.path.endswith(".map")


def _app(release: Release) -> dict[str, object]:
    offline = release.manifest.offline
    reads = () if offline is None else offline.reads
    return {"app": release.app, "bff": f"/api/{release.app}", "reads": [_read(read) for read in reads]}


def _read(read: Read) -> dict[str, object]:
    what: dict[str, object] = {"graphql": read.graphql} if read.path is None else {"path": read.path}
    if read.ahead is not None:
        what["ahead"] = {"document": read.ahead.document, "variables": read.ahead.variables}
    limits = {"timeoutMs": read.timeout_ms, "maxAgeS": read.max_age_s, "maxEntries": read.max_entries}
    return {**what, "policy": read.policy, **limits}
