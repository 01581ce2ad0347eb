"""A small site for the runtime's browser tests: the page as the host makes it, fixture apps, a server that misbehaves.

It holds the page to the host's own policies: nonce, `strict-dynamic`, Trusted Types, `Integrity-Policy`, integrity for
every module.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "host/src/portico/host/static"
SHARED = ROOT / "microapps/shared/dist"
APPS = Path(__file__).with_name("runtime_apps")

TYPES = {".js": "text/javascript", ".css": "text/css", ".map": "application/json", ".txt": "text/plain"}


@dataclass(frozen=True)
class FixtureApp:
    """One app of the site: its routes, `(path, title)`, and the files of its release."""

    name: str
    routes: Sequence[tuple[str, str | None]]
    files: dict[str, bytes]
    slots: Sequence[str] = ("main",)
    styles: Sequence[str] = ()
    bff: bool = False

    @property
    def app(self) -> str:
        return self.name.partition("/")[2]

    @property
    def entry(self) -> str:
        return next(iter(self.files))

    def url(self, file: str) -> str:
        return f"/a/{self.app}/0123/{file}"


def integrity(content: bytes) -> str:
    """The Subresource Integrity value that a browser checks."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


@dataclass
class Fault:
    """What the server does with the next requests for a path: `times` of them get `content` or `status`, or wait."""

    times: int = 1
    status: int = 200
    content: bytes | None = None
    hold: bool = False


@dataclass
class Site:
    """Serves the page at every path that is no file; counts what is asked for."""

    apps: Sequence[FixtureApp]
    load_timeout_ms: int = 10_000
    user: dict[str, Any] | None = None
    statuses: dict[str, int] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    preloaded_styles: bool = False
    extra: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the platform's files, and say what to do when they have not been built."""
        if not (STATIC / "runtime.js").exists() or not (SHARED / "app.json").exists():
            message = "the browser code is not built; run `make build`"
            raise FileNotFoundError(message)
        shared = json.loads((SHARED / "app.json").read_text())["imports"]["shares"]
        self.files = {f"/a/_portico/{path.name}": path.read_bytes() for path in STATIC.iterdir()}
        self.files |= {f"/a/shared/0123/{path.name}": path.read_bytes() for path in SHARED.iterdir()}
        self.files |= {app.url(name): content for app in self.apps for name, content in app.files.items()}
        self.files |= {"/file.txt": b"a file", **self.extra}
        self.imports = {"@portico/sdk": "/a/_portico/sdk.js"}
        for share in shared.values():
            self.imports |= {specifier: f"/a/shared/0123/{file}" for specifier, file in share["entries"].items()}
        self.imports |= {app.name: app.url(app.entry) for app in self.apps}
        self.released = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def release(self) -> None:
        """Let every request go that a `hold` has stopped; later ones are not held."""
        self.released.set()

    def pages(self) -> list[str]:
        """The paths of the documents that were asked for."""
        return [path for path in self.asked if path not in self.files and urlsplit(path).path not in self.files]

    def boot(self, path: str) -> dict[str, Any]:
        """The boot document for a path."""
        registrations = [
            {
                "name": app.name,
                "app": app.app,
                "entry": app.url(app.entry),
                "styles": [{"href": app.url(name), "integrity": integrity(app.files[name])} for name in app.styles],
                "routes": [
                    {"path": route, "slot": slot, "access": "public", "title": title}
                    for slot in app.slots
                    for route, title in app.routes
                ],
                "bff": f"/api/{app.app}" if app.bff else None,
            }
            for app in self.apps
        ]
        entry = {"app": "start", "key": "start", "order": 1, "label": "Start", "icon": None, "href": "/"}
        return {
            "revision": 1,
            "loadTimeoutMs": self.load_timeout_ms,
            "heading": "Site",
            "user": self.user,
            "apps": registrations,
            "mountPoints": {"nav": [entry]},
            "page": {"status": self.statuses.get(path, 200), "slot": "main"},
            "urls": {"signIn": "/auth/sign-in", "signOut": "/auth/sign-out"},
        }

    def document(self, path: str, nonce: str) -> bytes:
        """The page for a path."""
        digests = {url: integrity(content) for url, content in self.files.items() if url.endswith(".js")}
        import_map = json.dumps({"imports": self.imports, "integrity": digests})
        boot = json.dumps(self.boot(path)).replace("<", "\\u003c")
        status = self.statuses.get(path, 200)
        message = "" if status == 200 else f"<h1>{status} by the server</h1>"
        links = "".join(
            f'<link rel="stylesheet" href="{app.url(name)}" integrity="{integrity(app.files[name])}">'
            for app in self.apps
            for name in app.styles
            if self.preloaded_styles
        )
        return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Served {path}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/a/_portico/shell.css">{links}
<script type="importmap" nonce="{nonce}">{import_map}</script>
<script type="application/json" id="portico-apps">{boot}</script>
<script type="module" nonce="{nonce}" src="/a/_portico/runtime.js"
  integrity="{digests["/a/_portico/runtime.js"]}"></script></head>
<body><header><portico-slot name="header"></portico-slot><portico-slot name="tools"></portico-slot></header>
<main id="main"><portico-slot name="main">{message}</portico-slot></main></body></html>""".encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, site: Site) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site = site


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        site.asked.append(self.path)
        path = urlsplit(self.path).path
        fault = site.faults.get(path)
        status, content = 200, site.files.get(path)
        if fault and fault.times:
            fault.times -= 1
            status, content = fault.status, fault.content or content
            if fault.hold:
                site.released.wait()
        if content is None:
            self._page(path)
        else:
            cache = IMMUTABLE if status == 200 else "no-store"
            self._answer(status, content, {"Content-Type": TYPES[Path(path).suffix], "Cache-Control": cache})

    def do_POST(self) -> None:
        self.server.site.asked.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/api/"):
            problem = {"type": "https://portico.dev/problems/signed-out", "title": "Signed out", "status": 401}
            self._answer(401, json.dumps(problem).encode(), {"Content-Type": "application/problem+json"})
        else:
            self._page(self.path)

    def _page(self, path: str) -> None:
        site = self.server.site
        nonce = base64.b64encode(str(len(site.asked)).encode()).decode()
        headers = {
            "Content-Type": "text/html",
            "Content-Security-Policy": POLICY.format(nonce=nonce),
            "Integrity-Policy": "blocked-destinations=(script)",
            "Cache-Control": "no-store",
        }
        self._answer(site.statuses.get(path, 200), site.document(path, nonce), headers)

    def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        with suppress(ConnectionError):
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


def held() -> Fault:
    """A request that gets no answer until `Site.release`."""
    return Fault(hold=True)


IMMUTABLE = "public, max-age=31536000, immutable"
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types portico"
)


def sources(*names: str) -> dict[str, bytes]:
    """Files of the fixture apps' folder."""
    return {name: (APPS / name).read_bytes() for name in names}
