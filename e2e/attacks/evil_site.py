"""Another site's server: pages that attack the platform from a person's browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "localhost"
"""The platform is at 127.0.0.1: for a browser that is another site, whatever the port."""


class EvilSite:
    """Its origin, and its pages by path."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.pages: dict[str, str] = {}

    def page(self, name: str, body: str) -> str:
        """Publish a page; its URL."""
        self.pages[f"/{name}"] = f"<!doctype html><title>{name}</title><body>{body}"
        return f"{self.origin}/{name}"


@contextmanager
def evil_site() -> Iterator[EvilSite]:
    """The server, in threads of this process."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = site.pages.get(self.path)
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", "text/html")
            # So that the browser says no less than it can.
            self.send_header("Referrer-Policy", "unsafe-url")
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site = EvilSite(f"http://{HOST}:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
