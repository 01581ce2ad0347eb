"""A deploy token is not sent on: the commands say where Portico wants to be called, and do not follow."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from portico.manifest.cli.doctor import doctor
from portico.manifest.cli.promote import channels

ELSEWHERE = "https://portico.example"


class _Redirecting(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(307)
        self.send_header("Location", f"{ELSEWHERE}{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Redirecting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_command_says_where_it_is_sent_to(address: str) -> None:
    said = CliRunner().invoke(channels, ["--url", address, "--token", "t"])
    assert said.exit_code == 2
    assert f"sends to {ELSEWHERE}" in said.output
    assert f"next: give --url {ELSEWHERE}\n" in said.output


def test_so_does_doctor(address: str) -> None:
    said = CliRunner().invoke(doctor, ["--url", address, "--token", "t"])
    assert said.exit_code == 5
    assert f"sends to {ELSEWHERE}" in said.output
    assert f"next: give --url {ELSEWHERE}\n" in said.output
