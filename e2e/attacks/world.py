"""The platform that is attacked: real processes, one BFF mounted and one behind the network, people signed in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx
from joserfc.jwk import ECKey

from bffs.kit.tests.jwks_server import JwksServer, jwks_server
from e2e.attacks import weak_keys
from e2e.attacks.answer import Answer
from e2e.attacks.canary import Canary, canary
from e2e.attacks.person import API, Person
from e2e.attacks.raw import PATIENCE_S, ask, request
from e2e.stack import Stack, free_port, is_up

START_LIMIT_S = 30
REMOTE_APP, MOUNTED_APP = "checkout", "menu"
REMOTE_READ = "/checkout/graphql?query=%7B__typename%7D"
IMD = {"username": "ci", "password": "a-password-of-the-test"}
MOUNTED_READ = "/menu/restaurants?limit=1"


class AttackWorld:
    """A stack with `REMOTE_APP` in a process of its own, and what attacks need of it.

    Attacks share it: one that ends a session or fills a store uses a `stranger()` or a person of its own.
    """

    def __init__(self, stack: Stack, bff_port: int, inside: Canary, keys: JwksServer, closing: ExitStack) -> None:
        self.stack = stack
        self.inside = inside
        self.keys = keys
        self.url = stack.url
        self.port = stack.port
        self.bff_port = bff_port
        self.bff_url = f"http://127.0.0.1:{bff_port}"
        self._closing = closing

    @cached_property
    def ada(self) -> Person:
        """Ada, signed in; do not sign her out."""
        return self.person("ada")

    @cached_property
    def grace(self) -> Person:
        """Grace, who is a developer and an operator; do not sign her out."""
        return self.person("grace")

    def person(self, sub: str) -> Person:
        """Somebody signed in, in a browser profile of their own."""
        return self.stranger().sign_in(sub)

    def stranger(self) -> Person:
        """A browser profile in which nobody is signed in."""
        person = Person(self.url)
        self._closing.callback(person.close)
        return person

    def mounted(self, path: str = MOUNTED_READ, **headers: str) -> httpx.Response:
        """A read of the BFF in the host's process, as Ada."""
        return self.ada.api(path, **headers)

    def remote(self, path: str = REMOTE_READ, **headers: str) -> httpx.Response:
        """A read of the BFF behind the network, through the gateway, as Ada."""
        return self.ada.api(path, **headers)

    def directly(self, query: str, token: str | None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """A query to the remote BFF past the gateway, with a token of the attacker's own."""
        given = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return httpx.post(
            f"{self.bff_url}/graphql", json={"query": query}, headers={**given, **(headers or {})}, timeout=PATIENCE_S
        )

    @cached_property
    def host_key(self) -> tuple[str, ECKey]:
        """The host's signing key and its `kid`, stolen for the test from its data folder."""
        kept = json.loads((self.stack.data_dir / "keys" / "tokens.json").read_text())["keys"][0]
        return str(kept["kid"]), ECKey.import_key(kept)

    @property
    def session_headers(self) -> list[tuple[str, str]]:
        """What Ada's page sends, for requests made by hand."""
        return [*API.items(), ("Cookie", f"portico={self.ada.cookie}")]

    def as_ada(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        """A request of Ada's page, byte by byte: no client puts the target or the headers right."""
        given = [*self.session_headers, *((name.replace("_", "-"), value) for name, value in headers.items())]
        length = [("Content-Length", str(len(body)))] if body else []
        return ask(self.port, request(method, target, [*given, *length], body, port=self.port))

    def as_team(self, method: str, path: str, **options: Any) -> Answer:
        """A call to the deployer with a real deploy token."""
        headers = {"Authorization": f"Bearer {self.stack.deploy_token}", **options.pop("headers", {})}
        return Answer.of(httpx.request(method, f"{self.url}{path}", headers=headers, timeout=30, **options))

    def check_alive(self) -> None:
        """Fail unless the platform answers everybody else as before."""
        assert is_up(f"{self.url}/readyz", within_s=PATIENCE_S), "the host is not ready after the attack"


@contextmanager
def attack_world(folder: Path) -> Iterator[AttackWorld]:
    """A platform to attack, with its processes."""
    port = free_port()
    imd = folder / "imd.json"
    imd.write_text(json.dumps(IMD))
    environment = {
        "PORTICO_BFF_URLS": f"{REMOTE_APP}=http://127.0.0.1:{port}",
        "PORTICO_IMD": str(imd),
        "PORTICO_RELEASE_ORIGINS": "https://cdn.example",
        # All people of the suite come from one address, and at once.
        "PORTICO_RATE_SIGN_IN": "60000",
        "PORTICO_RATE_ADDRESS": "120000",
    }
    stack = Stack(folder / "portico", environment=environment)
    with ExitStack() as closing:
        inside = closing.enter_context(canary())
        closing.callback(stack.stop)
        keys = closing.enter_context(jwks_server(partial(keys_and_weak_ones, stack)))
        closing.enter_context(remote_bff(stack, port, folder, keys.url))
        stack.start()
        yield AttackWorld(stack, port, inside, keys, closing)


def keys_and_weak_ones(stack: Stack) -> bytes:
    """The host's published keys, and beside them some that nobody should take."""
    keys = httpx.get(f"{stack.url}/.well-known/jwks.json", timeout=PATIENCE_S).json()["keys"]
    return json.dumps({"keys": [*keys, *weak_keys.published()]}).encode()


@contextmanager
def remote_bff(stack: Stack, port: int, folder: Path, keys_url: str) -> Iterator[None]:
    """`REMOTE_APP`'s BFF as a process of its own that trusts the stack's tokens."""
    environment = {
        **os.environ,
        "PORTICO_APP": REMOTE_APP,
        "PORTICO_ISSUER": stack.url,
        "PORTICO_JWKS_URL": keys_url,
        "PORTICO_TOKEN_ALGORITHMS": "ES256,RS256",
        "DATABASE_URL": f"sqlite:///{folder}/{REMOTE_APP}.db",
        "PORTICO_DEMO": "1",
    }
    command = [sys.executable, "-m", "portico.bff", "serve", f"{REMOTE_APP}_bff:create_app", "--port", str(port)]
    with (folder / "bff.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_LIMIT_S
        while not is_up(f"http://127.0.0.1:{port}/healthz"):
            assert process.poll() is None, (folder / "bff.log").read_text()
            assert time.monotonic() < deadline, "the BFF did not start"
            time.sleep(0.05)  # polling a health endpoint
        yield
    finally:
        process.terminate()
        process.wait(timeout=15)
