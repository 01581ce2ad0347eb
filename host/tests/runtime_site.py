"""A small site for the runtime's browser tests: the page as the host makes it, fixture apps, a server that misbehaves.

It holds the page to the host's own policies: nonce, `strict-dynamic`, Trusted Types, `Integrity-Policy`, integrity for
every module.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "host/src/portico/host/static"
SHARED = ROOT / "microapps/shared/dist"
WORKER = "/_portico/worker.js"
QUIET = "/a/_portico/quiet.js"
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
    release: str = "0123"
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the registration."""

    @property
    def app(self) -> str:
        return self.name.partition("/")[2]

    @property
    def entry(self) -> str:
        return next(iter(self.files))

    def url(self, file: str) -> str:
        return f"/a/{self.app}/{self.release}/{file}"


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
    slot_attributes: str = ""

    def __post_init__(self) -> None:
        """Read the platform's files, and say what to do when they have not been built."""
        if not (STATIC / "runtime.js").exists() or not (SHARED / "app.json").exists():
            message = "the browser code is not built; run `make build`"
            raise FileNotFoundError(message)
        shared = json.loads((SHARED / "app.json").read_text())["imports"]["shares"]
        self.files = {f"/a/_portico/{path.name}": path.read_bytes() for path in STATIC.iterdir()}
        # The runtime alone: a worker that does nothing, and nothing that is kept.
        self.files |= {WORKER: b"", QUIET: b"export const start = () => () => {};"}
        self.files |= {f"/a/shared/0123/{path.name}": path.read_bytes() for path in SHARED.iterdir()}
        self.files |= {"/file.txt": b"a file"}
        self.revision = 0
        self.imports = {
            "@portico/sdk": "/a/_portico/runtime.js",
            "@portico/sdk/log": "/a/_portico/log.js",
            "@portico/sdk/offline": QUIET,
            "@portico/runtime/later": "/a/_portico/later.js",
        }
        for share in shared.values():
            self.imports |= {specifier: f"/a/shared/0123/{file}" for specifier, file in share["entries"].items()}
        self.publish(self.apps)
        self.files |= self.extra
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

    def publish(self, apps: Sequence[FixtureApp]) -> None:
        """Make these apps what is live; the files of releases that were live before stay."""
        self.apps, self.revision = apps, self.revision + 1
        self.files |= {app.url(name): content for app in apps for name, content in app.files.items()}
        self.imports |= {app.name: app.url(app.entry) for app in apps}

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
                **app.more,
            }
            for app in self.apps
        ]
        entry = {"app": "start", "key": "start", "order": 1, "label": "Start", "icon": None, "href": "/"}
        return {
            "revision": self.revision,
            "loadTimeoutMs": self.load_timeout_ms,
            "heading": "Site",
            "user": self.user,
            "apps": registrations,
            "mountPoints": {"nav": [entry]},
            "page": {"status": self.statuses.get(path, 200), "slot": "main"},
            "urls": {"signIn": "/auth/sign-in", "signOut": "/auth/sign-out"},
        }

    def digests(self) -> dict[str, str]:
        """The integrity of every module of the platform and of what is live."""
        live = {app.url(name) for app in self.apps for name in app.files}
        ours = {url for url in self.files if url.startswith(("/a/_portico/", "/a/shared/")) or url in self.extra}
        return {url: integrity(self.files[url]) for url in sorted(live | ours) if url.endswith(".js")}

    def channel(self) -> bytes:
        """What `/_portico/channel.json` of a host says."""
        boot = self.boot("/")
        said = {name: boot[name] for name in ("revision", "user", "apps")}
        return json.dumps({"boot": said, "importMap": {"imports": self.imports, "integrity": self.digests()}}).encode()

    def document(self, path: str, nonce: str) -> bytes:
        """The page for a path."""
        digests = self.digests()
        import_map = json.dumps({"imports": self.imports, "integrity": digests})
        boot = json.dumps(self.boot(path)).replace("<", "\\u003c")
        status = self.statuses.get(path, 200)
        message = "" if status == 200 else f"<h1>{status} by the server</h1>"
        links = "".join(
            f'<link rel="preload" as="fetch" crossorigin href="{app.url(name)}">'
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
<main id="main"><portico-slot name="main"{self.slot_attributes}>{message}</portico-slot></main>
</body></html>""".encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # of the usual five the next is dropped, and comes again after a second

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
        if path == "/_portico/channel.json":
            self._answer(200, site.channel(), {"Content-Type": "application/json", "Cache-Control": "no-store"})
        elif content is None:
            self._page(path)
        else:
            cache = IMMUTABLE if status == 200 else "no-store"
            headers = {"Content-Type": TYPES[Path(path).suffix], "Cache-Control": cache, "Service-Worker-Allowed": "/"}
            self._answer(status, content, headers)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/_portico/rum":  # a beacon, which no test here asks about
            self._answer(204, b"", {})
            return
        self.server.site.asked.append(self.path)
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
    "img-src 'self' data:; connect-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; "
    "trusted-types default portico portico-worker svelte-trusted-html vue 'allow-duplicates'"
)


def sources(*names: str) -> dict[str, bytes]:
    """Files of the fixture apps' folder."""
    return {name: (APPS / name).read_bytes() for name in names}
