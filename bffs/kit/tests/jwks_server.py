"""An issuer's key set on loopback, over real HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class JwksServer:
    """Serves what `document` returns; `asked_at` has when each request came (monotonic, in seconds)."""

    def __init__(self, document: Callable[[], bytes]) -> None:
        self.document = document
        self.asked_at: list[float] = []
        self.url = ""


@contextmanager
def jwks_server(document: Callable[[], bytes]) -> Iterator[JwksServer]:
    """A server in a thread of its own."""
    served = JwksServer(document)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked_at.append(time.monotonic())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(served.document())

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_port}/.well-known/jwks.json"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
