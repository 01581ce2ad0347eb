"""A real server to stand a fault proxy before, and a client that is no browser."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class FaultSite:
    """Counts what it is asked; answers a POST with what it was sent, and streams at `/stream` until told to stop."""

    asked: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    ended: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@contextmanager
def fault_site() -> Iterator[FaultSite]:
    """The server while the block runs."""
    site = FaultSite()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": site}))
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield site
    finally:
        site.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Connections break here; that is what the tests are for."""


class _Handler(BaseHTTPRequestHandler):
    site: FaultSite
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.site.asked.append(f"GET {self.path}")
        self.site.hosts.add(self.headers["Host"])
        if self.path == "/stream":
            self._stream()
        elif self.path == "/socket":
            self._echo()
        elif self.path == "/once":
            self._answer(200, b"once", {})
            self.close_connection = True
        elif self.path == "/away":
            self._answer(303, b"", {"Location": f"{self.site.url}/home"})
        else:
            self._answer(200, b"<!doctype html><title>Site</title><h1>Here</h1>", {"Content-Type": "text/html"})

    def do_POST(self) -> None:
        self.site.asked.append(f"POST {self.path}")
        self._answer(201, self.rfile.read(int(self.headers["Content-Length"])), {"Content-Type": "text/plain"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"d\r\ndata: hello\n\n\r\n")
        self.site.ended.wait()
        self.close_connection = True

    def _echo(self) -> None:
        """A WebSocket's opening handshake (RFC 6455, 4.2.2), and then whatever comes comes back."""
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        with suppress(ConnectionError):
            while data := self.connection.recv(1024):
                self.wfile.write(data)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


class Client:
    """One kept connection through the proxy."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.connection = HTTPConnection(str(parts.hostname), parts.port, timeout=10)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> HTTPResponse:
        """The answer, its body not read yet; ConnectionError and http.client's errors as they come."""
        self.connection.request(method, path, body=body or None, headers=headers)
        return self.connection.getresponse()
