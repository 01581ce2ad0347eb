"""A second, independent OpenID provider for tests: npm `oidc-provider` in a process of its own, on loopback.

`from tools.oidc_provider import oidc_provider` in a conftest makes the fixture known there.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from e2e.stack import free_port

_ROOT = Path(__file__).parents[1]
_SCRIPT = _ROOT / "tools" / "oidc_provider.mjs"
_LIMIT_S = 30.0
"""New keys take the provider a while on a busy machine."""


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """A running provider. Its people are `ada` (roles editor, reader) and `ben` (tenant north)."""

    issuer: str

    def register(self, host: str, **wanted: Any) -> Mapping[str, Any]:
        """Register a client for the host at this origin (RFC 7591); `wanted` is more of its metadata.

        Returns what the provider says of it: `client_id`, `client_secret` and the rest.
        """
        metadata = {
            "redirect_uris": [f"{host}/auth/callback"],
            "post_logout_redirect_uris": [f"{host}/"],
            "grant_types": ["authorization_code", "refresh_token"],
            "id_token_signed_response_alg": "ES256",
            "backchannel_logout_uri": f"{host}/auth/backchannel-logout",
            "backchannel_logout_session_required": True,
        }
        answer = httpx2.post(f"{self.issuer}/reg", json=metadata | wanted, trust_env=False, timeout=_LIMIT_S)
        if answer.status_code != 201:
            raise RuntimeError(f"The client cannot be registered: {answer.text}")
        client: Mapping[str, Any] = answer.json()
        return client

    def change_keys(self, *, keep: bool) -> None:
        """Sign with new keys from now on; the old ones stay published, or are withdrawn."""
        answer = httpx2.post(f"{self.issuer}/_test/keys", json={"keep": keep}, trust_env=False, timeout=_LIMIT_S)
        answer.raise_for_status()

    def count(self, path: str) -> int:
        """How often the endpoint at this path was asked."""
        counts = httpx2.get(f"{self.issuer}/_test/counts", trust_env=False, timeout=_LIMIT_S).json()
        return int(counts.get(path, 0))


@contextmanager
def running_oidc_provider(*, resources: str = "urn:") -> Iterator[OidcProvider]:
    """Run a provider until the block ends; it gives tokens for every resource that begins with `resources`."""
    port = free_port()
    command = [str(_ROOT / "tools" / "with-node"), "node", str(_SCRIPT), "--port", str(port), "--resources", resources]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            if not any(line.strip() == "ready" for line in process.stdout):
                raise RuntimeError("The provider does not start")
            yield OidcProvider(f"http://localhost:{port}")
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def oidc_provider() -> Iterator[OidcProvider]:
    """Return the provider that the tests of this process share; each registers clients of its own."""
    with running_oidc_provider() as provider:
        yield provider
