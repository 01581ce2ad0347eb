"""A host in small for the service worker's browser tests: real page, gateway, receipts and worker; apps in memory.

A BFF answers as the test says, people are whoever their cookie names, and any path can be made to fail.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from host.tests.real_servers import free_ports, serving
from portico.bff.testing.faults import FaultProxy
from portico.host.config import GatewayLimits
from portico.host.document import PageDocument
from portico.host.gateway import Backend, Gateway
from portico.host.gateway.headers import Header, header
from portico.host.offline import Offline
from portico.host.receipt import ReceiptMiddleware
from portico.host.security import SecurityHeadersMiddleware
from portico.host.session import RawHeaders, Session
from portico.host.shell import Shell
from portico.host.static import FOLDER
from portico.host.tokens import Identity
from portico.host.views import View
from portico.manifest import AppManifest, PlatformAssets, Release, Snapshot
from portico.manifest.content_types import content_type, is_module
from portico.manifest.modules import imports_of
from portico.manifest.release import ReleaseFile, integrity_of, make_release

ROOT = Path(__file__).resolve().parents[2]
SOURCES = Path(__file__).with_name("worker_apps")
PEOPLE = {
    "ada": Session("s1", "idp|ada", "Ada", ("keeper",), None, 9e9, 1),
    "bob": Session("s2", "idp|bob", "Bob", (), None, 9e9, 1),
}
READS = [
    {"path": "/things/*", "timeoutMs": 30000, "maxEntries": 3},
    {"path": "/hasty/*", "timeoutMs": 100},
    {"path": "/swr/*", "policy": "stale-while-revalidate"},
    {"path": "/once/*", "policy": "cache-first"},
    {"graphql": "Things", "timeoutMs": 30000},
]
Answer = Callable[[Request], Awaitable[Response]]


def release(app: str, files: Mapping[str, bytes], **manifest: Any) -> tuple[Release, dict[str, bytes]]:
    """A release with these files, and what is at its addresses."""
    document = {"name": f"@team/{app}", "version": "1.0.0", "entry": next(iter(files)), **manifest}
    contents = {**files, "app.json": json.dumps(document).encode()}
    listed = [
        ReleaseFile(name, len(data), content_type(name), integrity_of(data), _imports(name, data))
        for name, data in contents.items()
    ]
    made = make_release(AppManifest.from_document(document), listed, created_at=datetime.now(UTC), creator="test")
    return made, {made.url(name): data for name, data in contents.items()}


def _imports(name: str, data: bytes) -> Any:
    return imports_of(data) if is_module(name) else ()


def notes(
    edition: str = "first", *, late: bytes = b"export const late = 'late';", reads: Sequence[object] = READS
) -> tuple[Release, dict[str, bytes]]:
    """The app that is offered offline: two routes, a style sheet, a module that is loaded late, a BFF."""
    source = (SOURCES / "notes.js").read_text().replace("EDITION", edition)
    return release(
        "notes",
        {"notes.js": source.encode(), "late.js": late, "notes.css": b"h1 { color: green }", "local.js": local_module()},
        styles=["notes.css"],
        routes=[
            {"path": "/", "access": "public", "title": "Notes"},
            {"path": "/notes/:id", "title": "Note"},
        ],
        offline={"reads": list(reads)},
        bff={"app": "notes_bff:create_app", "api": "graphql"},
    )


@cache
def local_module() -> bytes:
    """What is kept on the device (`@portico/local`), as a module by itself."""
    esbuild = [str(ROOT / "tools/with-node"), str(ROOT / "node_modules/.bin/esbuild"), "host/client/local/public.ts"]
    command = [*esbuild, "--bundle", "--format=esm", "--log-level=error"]
    return subprocess.run(command, check=True, cwd=ROOT, capture_output=True, timeout=60).stdout


def online() -> tuple[Release, dict[str, bytes]]:
    """An app that is not offered offline."""
    source = b"export const mount = async () => {}; export const unmount = async () => {};"
    return release("online", {"online.js": source}, routes=[{"path": "/online", "access": "public", "title": "Online"}])


@dataclass
class Fault:
    """What happens to requests below a path: `status` with a receipt, a `portal`'s page without one, or no answer."""

    status: int = 0
    portal: bool = False
    hang: bool = False


@dataclass
class WorkerSite:
    """One site; `build` makes another build of the platform out of the same files."""

    folder: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    faults: dict[str, Fault] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    things: list[str] = field(default_factory=lambda: ["one"])
    files: dict[str, bytes] = field(default_factory=dict)
    revision: int = 0
    refusal: int | None = None
    changes: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._asked = asyncio.Event()
        self.network = FaultProxy(f"http://127.0.0.1:{self.port}")
        self.deploy(notes(), online())
        self.build("1")

    @property
    def url(self) -> str:
        return self.network.url

    def cut(self) -> None:
        """Take the network away for real: what a browser is told to pretend may reach its worker late."""
        self.network.refuse()

    def heal(self) -> None:
        """Give the network back."""
        self.network.heal()

    def deploy(self, *releases: tuple[Release, dict[str, bytes]]) -> None:
        """Make these releases live, and nothing else; the files of those before stay."""
        self.revision += 1
        for _, files in releases:
            self.files |= files
        self.snapshot = Snapshot.of("live", self.revision, [made for made, _ in releases])

    def build(self, number: str) -> None:
        """Serve another build of the platform: its worker differs in a comment, all else is the same.

        What pages load later is the tests' own: it hears the worker and starts nothing else.
        """
        target = self.folder / f"build-{number}"
        target.mkdir()
        for built in FOLDER.iterdir():
            if built.suffix != ".map":
                (target / built.name).write_bytes(built.read_bytes())
        with (target / "worker.js").open("a") as worker:
            worker.write(f"\n// build {number}\n")
        (target / "later.js").write_bytes((SOURCES / "later.js").read_bytes())
        platform = PlatformAssets.load(target)
        self.files |= {platform.url(name): platform.content(name) for name in platform.files}
        self._app = self._host(platform)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The site as an ASGI application; what a test makes fail does so before anything else."""
        if scope["type"] == "http":
            self.asked.append((scope["method"], scope["path"]))
            self._asked.set()
            fault = next((fault for path, fault in self.faults.items() if scope["path"].startswith(path)), None)
            if fault is not None:
                await self._fail(fault)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def reached(self, path: str) -> None:
        """Wait until somebody has asked for a path."""
        while not self.count(path):
            self._asked.clear()
            await self._asked.wait()

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked == path for _, asked in self.asked)

    def _fail(self, fault: Fault) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if fault.hang:
                await self.released.wait()
            if fault.portal:
                await Response("<h1>Log in to the Wi-Fi</h1>", media_type="text/html")(scope, receive, send)
            elif fault.status:
                await ReceiptMiddleware(JSONResponse({"title": "broken"}, fault.status))(scope, receive, send)
            else:
                await self._app(scope, receive, send)

        return answer

    def _host(self, platform: PlatformAssets) -> ASGIApp:
        document = PageDocument(platform, form_targets=frozenset(), load_timeout_ms=5000)
        shell = Shell(view=self._view, identify=_identify, document=document)
        offline = Offline(view=self._view, identify=_identify, document=document, platform=platform)
        gateway = Gateway(
            base_url=self.url,
            identify=_identify,
            tokens=_Tokens(),
            directory=_OneBff(self._bff()),
            limits=GatewayLimits(),
        )
        routes = [
            Mount("/api", app=gateway),
            Route("/auth/be/{who}", _be),
            Route("/favicon.svg", lambda _: Response(b"", media_type="image/svg+xml")),
            *offline.routes,
            Route("/a/{path:path}", self._file),
            Route("/{path:path}", shell.page, methods=["GET"]),
        ]
        return ReceiptMiddleware(SecurityHeadersMiddleware(Starlette(routes=routes), hsts=False))

    async def _view(self, _headers: RawHeaders, _person: Session | None) -> View:
        return View(self.snapshot)

    async def _file(self, request: Request) -> Response:
        content = self.files.get(request.url.path)
        if content is None:
            return Response(status_code=404)
        kind = content_type(request.url.path)
        return Response(content, headers={"Content-Type": kind, "Cache-Control": "public, max-age=31536000, immutable"})

    def _bff(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/notes/graphql", self._graphql, methods=["POST"]),
                Route("/api/notes/{path:path}", self._things, methods=["GET"]),
                Route("/api/notes/{path:path}", self._change, methods=["PUT"]),
            ]
        )

    async def _things(self, request: Request) -> Response:
        path = request.url.path.removeprefix("/api/notes")
        if path in self.answers:
            answer: Response = self.answers[path]
            return answer
        who = (request.headers["authorization"]).removeprefix("Bearer ")
        return JSONResponse({"path": path, "of": who, "things": self.things})

    async def _change(self, request: Request) -> Response:
        if self.refusal is not None:
            return JSONResponse({"title": "no"}, self.refusal)
        self.things = (await request.json())["things"]
        self.changes += 1
        return JSONResponse({}, 200)

    async def _graphql(self, request: Request) -> Response:
        asked = await request.json()
        things = [f"{name} {asked.get('variables')}" for name in self.things]
        body = self.answers.get("graphql", {"data": {"things": things}})
        return JSONResponse(body, media_type="application/graphql-response+json")


class _Tokens:
    async def token_for(self, identity: Identity, _audience: str) -> str:
        return identity.sub


@dataclass
class _OneBff:
    app: ASGIApp

    name = "notes"

    async def backend(self, app: str, _identity: Identity, _headers: list[Header]) -> Backend | None:
        return self if app == self.name else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "root_path": ""}, receive, send)


async def _identify(headers: RawHeaders) -> Session | None:
    cookie = SimpleCookie(header(headers, b"cookie") or "")
    return PEOPLE.get(cookie["who"].value) if "who" in cookie else None


async def _be(request: Request) -> Response:
    """Signs in as the person of this name, or out."""
    response = Response(f"You are {request.path_params['who']}", media_type="text/plain")
    response.set_cookie("who", request.path_params["who"], samesite="strict", httponly=True)
    return response


@asynccontextmanager
async def worker_site(folder: Path) -> AsyncIterator[WorkerSite]:
    """A site that is being served."""
    site = WorkerSite(folder)
    async with serving(_with_lifespan(site), site.port):
        with site.network:
            yield site
        site.released.set()


def _with_lifespan(site: WorkerSite) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await site(scope, receive, send)
            return
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})

    return app


async def visit(page: Page, site: WorkerSite, path: str = "/", *, who: str | None = None) -> None:
    """Open a page, as somebody if need be, and wait until the worker has kept what it is to keep."""
    if who is not None:
        await page.goto(f"{site.url}/auth/be/{who}")
    await page.goto(f"{site.url}{path}")
    await expect(page.locator("html")).to_have_attribute("data-heard", re.compile("ready"))


async def until(page: Page, script: str, arg: object = None) -> None:
    """Wait until an asynchronous function in the page says yes; `wait_for_function` does not wait for promises."""
    poll = f"async (arg) => {{ while (!(await ({script})(arg))) await new Promise((next) => setTimeout(next)); }}"
    await page.evaluate(poll, arg)
