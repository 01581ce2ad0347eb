"""The ledger's world: a fault proxy, the platform behind it, the ledger's BFF in its own process, and the oracle."""

from __future__ import annotations

import html
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import httpx
from playwright.sync_api import APIRequestContext

from e2e.stack import ROOT, START_LIMIT_S, STOP_LIMIT_S, Stack, free_port, is_up
from portico.bff.testing.faults import FaultProxy

APP = Path(__file__).with_name("app")
WORKER = "/_portico/worker.js"
WORKER_HEADERS = {
    "content-type",
    "service-worker-allowed",
    "cache-control",
    "content-security-policy",
    "portico-receipt",
}
SIGNED_IN = "You are signed in"
PICK = "/dev-idp/pick"
HEADERS = {"X-Portico": "1", "Sec-Fetch-Site": "same-origin"}


class LedgerBff:
    """The ledger's BFF in a process that can be killed at any moment; its store stays."""

    def __init__(self, folder: Path, *, issuer: str, jwks_url: str, factory: str = "create_app") -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._factory = factory
        self._log = folder / "ledger.log"
        self._environment = {
            "PORTICO_APP": "ledger",
            "PORTICO_ISSUER": issuer,
            "PORTICO_JWKS_URL": jwks_url,
            "DATABASE_URL": f"sqlite:///{folder / 'ledger.db'}",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> LedgerBff:
        """Start, and return once it says that it is ready."""
        self.begin()
        self.wait_until_ready()
        return self

    def begin(self) -> None:
        """Start, without waiting."""
        target = f"e2e.ledger.bff:{self._factory}"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "portico.bff", "serve", target, "--port", str(self.port)],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env={**os.environ, **self._environment},
            )

    def wait_until_ready(self) -> None:
        """Return once it is ready."""
        deadline = time.monotonic() + START_LIMIT_S
        while not is_up(f"{self.url}/readyz"):
            if time.monotonic() > deadline or (self._process is not None and self._process.poll() is not None):
                raise RuntimeError(f"the ledger's BFF does not start:\n{self._log.read_text()}")
            time.sleep(0.01)  # polling a health endpoint

    def kill(self) -> None:
        """End it at once."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait(STOP_LIMIT_S)


class LedgerWorld:
    """Everything between a person's browser and the ledger, each part of which can be broken."""

    def __init__(self, folder: Path, *, factory: str = "create_app") -> None:
        self._port = free_port()
        self.proxy = FaultProxy(f"http://127.0.0.1:{self._port}")
        jwks_url = f"http://127.0.0.1:{self._port}/.well-known/jwks.json"
        self.bff = LedgerBff(folder, issuer=self.proxy.url, jwks_url=jwks_url, factory=factory)
        environment = {"PORTICO_BASE_URL": self.proxy.url, "PORTICO_BFF_URLS": f"ledger={self.bff.url}"}
        self.stack = Stack(folder / "portico", port=self._port, environment=environment)
        self._running = ExitStack()
        self._worker_releases = 0
        self._oracles: dict[str, httpx.Client] = {}

    @property
    def url(self) -> str:
        """The origin that people see: the proxy's."""
        return self.proxy.url

    def __enter__(self) -> LedgerWorld:
        with ExitStack() as stack:
            stack.enter_context(self.proxy)
            stack.callback(self.stack.stop)
            stack.callback(self.bff.kill)
            self.bff.begin()
            self.stack.start()
            self.bff.wait_until_ready()
            self.stack.portico("deploy", str(APP))
            self._running = stack.pop_all()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        for oracle in self._oracles.values():
            oracle.close()
        self._running.close()

    def heal(self) -> None:
        """End every fault of the network; the worker's script stays the one that was released last."""
        self.proxy.heal()
        self._serve_worker()

    def release_worker(self) -> None:
        """From now on the worker's script is another one, as after an upgrade of the platform."""
        self._worker_releases += 1
        self._serve_worker()

    def _serve_worker(self) -> None:
        if self._worker_releases:
            headers = {"Host": self.url.removeprefix("http://")}
            url = f"{self.stack.address}{WORKER}"
            script = httpx.get(url, headers=headers, trust_env=False, timeout=10).raise_for_status()
            kept = {name: value for name, value in script.headers.items() if name in WORKER_HEADERS}
            body = script.content + f"\n// release {self._worker_releases}\n".encode()
            self.proxy.answer("GET", WORKER, headers=kept, body=body, times=None)

    def lines(self, prefix: str = "", *, sub: str = "ada") -> list[tuple[str, str]]:
        """What took effect, as `(place, mark)` in the order of the commits: the truth, asked past proxy and browser."""
        if sub not in self._oracles:
            self._oracles[sub] = self._signed_in(sub)
        answer = self._oracles[sub].get("/api/ledger/lines", params={"prefix": prefix})
        return [(line["place"], line["mark"]) for line in answer.raise_for_status().json()["lines"]]

    def put_page(self, page: str, text: str, *, sub: str = "ada") -> None:
        """Change a page of the ledger as another device of the person would."""
        self.lines("none", sub=sub)
        self._oracles[sub].put(f"/api/ledger/pages/{page}", json={"text": text}).raise_for_status()

    def page_text(self, page: str, *, sub: str = "ada") -> str:
        """A page's text."""
        self.lines("none", sub=sub)
        return str(self._oracles[sub].get(f"/api/ledger/pages/{page}").raise_for_status().json()["text"])

    def _signed_in(self, sub: str) -> httpx.Client:
        """A client of its own session, that talks to the platform itself under the proxy's name."""
        headers = {**HEADERS, "Host": self.url.removeprefix("http://")}
        client = httpx.Client(base_url=self.stack.address, headers=headers, trust_env=False, timeout=10)
        answer = client.get("/auth/sign-in")
        while answer.status_code in {302, 303}:
            answer = client.get(answer.headers["Location"].removeprefix(self.url))
        answer = client.post(PICK, data={"request": _request_of(answer.text), "sub": sub})
        while answer.status_code in {302, 303}:
            answer = client.get(answer.headers["Location"].removeprefix(self.url))
        assert SIGNED_IN in answer.text, f"{answer.status_code} from {answer.url}: {answer.text[:300]}"
        return client


def sign_in_again(request: APIRequestContext, url: str, sub: str = "ada") -> None:
    """Sign somebody in at the provider, in a browser that shows no page of it: its cookies are those of `request`."""
    page = request.get(f"{url}/auth/sign-in?return_to=/ledger").text()
    if SIGNED_IN not in page:  # the provider knows people again who signed in there before
        page = request.post(f"{url}{PICK}", form={"request": _request_of(page), "sub": sub}, headers=HEADERS).text()
    assert SIGNED_IN in page, page[:300]


def _request_of(page: str) -> str:
    found = re.search(r'name="request" value="([^"]*)"', page)
    assert found is not None, page[:300]
    return html.unescape(found[1])
