"""Two servers with one API: ours, and npm's import-map-deployer; and files for both to fetch."""

import json
import os
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from manifest.tests.manifest_world import ManifestWorld
from portico.manifest import Manifest, create_deployer
from portico.manifest.imd import ImdSettings
from tools.peers import ROOT, import_map_deployer

OPEN = ImdSettings(anyone_may_change=True, allow_private_addresses=True)
"""Settings as the original has them without a configuration of its own."""


@contextmanager
def original(folder: Path, settings: Mapping[str, Any]) -> Iterator[str]:
    """npm's import-map-deployer in a process of its own, with these settings; its URL."""
    (folder / "conf.json").write_text(json.dumps({"manifestFormat": "importmap", **settings}))
    process = subprocess.Popen(
        [ROOT / "tools" / "with-node", "node", import_map_deployer() / "bin" / "import-map-deployer", "conf.json"],
        cwd=folder,
        env={**os.environ, "PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process:
        try:
            first = next((line for line in process.stdout if line.startswith("Listening at ")), None)
            assert first, "import-map-deployer did not start"
            # It writes a line for each request; nobody may have to wait for us to read it.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield first.removeprefix("Listening at ").strip().replace("localhost", "127.0.0.1")
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@asynccontextmanager
async def facade(manifest: Manifest, settings: ImdSettings = OPEN) -> AsyncIterator[httpx.AsyncClient]:
    """A client of our façade over a manifest."""
    transport = httpx.ASGITransport(create_deployer(manifest, imd=settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://portico.test/imd") as http:
        yield http


@asynccontextmanager
async def client(world: ManifestWorld, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a façade with settings as its file has them, beside ``anyoneMayChange``."""
    document = {"anyoneMayChange": True, **settings}
    async with facade(world.manifest, ImdSettings.from_document(document)) as http:
        yield http


class Files:
    """A real HTTP server on loopback. ``asked`` are the paths that were asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Mapping[str, str], bytes]] = {}
        self.asked: list[str] = []
        self.held = threading.Event()
        self.url = ""

    def put(self, path: str, content: bytes = b"", *, status: int = 200, **headers: str) -> str:
        """Serve this; its URL."""
        self.answers[path] = (status, headers, content)
        return self.url + path


@contextmanager
def files() -> Iterator[Files]:
    """Serve files while the block runs; ``/held`` answers only when it ends, ``/endless`` never ends by itself."""
    served = Files()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            if self.path == "/held":
                served.held.wait()
            if self.path == "/endless":
                self._endless()
                return
            status, headers, content = served.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self._write(content)

        def _endless(self) -> None:
            self.send_response(200)
            self.end_headers()
            while self._write(b"/" * 65536):
                pass

        def _write(self, content: bytes) -> bool:
            try:
                self.wfile.write(content)
            except OSError:  # who asked has gone away
                return False
            return True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            served.held.set()
            server.shutdown()
            thread.join()
