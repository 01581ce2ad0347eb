"""Keys follow one another while a BFF at the other end of a network takes calls: it never meets an unknown one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from host.tests.real_servers import free_ports, serving
from host.tests.test_tokens_signed import Person
from host.tests.whoami_bff import whoami
from portico.bff import create_bff, require
from portico.bff.keys import HttpKeys
from portico.bff.rest import get
from portico.host.tokens import KeyFile, RotatingKeys, SignedTokens
from portico.host.tokens.ring import AFTER_S, AHEAD_S
from portico.keys import JwksKeys

AUDIENCE = "urn:portico:bff:far"
FRESH_S = 300
STEP_S = 30


class Site:
    """Two replicas that publish one file's keys in turn, and a BFF that asks them. Only what concerns keys ages."""

    def __init__(self, folder: Path, host: str, bff: str, client: httpx.AsyncClient) -> None:
        self.now = time.time()
        self.fetched_at: list[float] = []
        self.bff = bff
        self._client = client
        self._issuer = host
        path = folder / "tokens.json"
        self.replicas = [RotatingKeys(KeyFile(path, self.clock), self.clock) for _ in range(2)]
        self.publisher = Starlette(routes=[Route("/jwks", self._publish)])
        settings = {
            "PORTICO_APP": "far",
            "PORTICO_ISSUER": host,
            "PORTICO_JWKS_URL": f"{host}/jwks",
            "DATABASE_URL": "sqlite:///unused.db",
        }
        keys = JwksKeys(HttpKeys(f"{host}/jwks"), frozenset({"ES256"}), clock=self.clock)
        self.app = create_bff(settings, routes=[get("/whoami", whoami, access=require())], store=False, keys=keys)

    def clock(self) -> float:
        return self.now

    async def token(self) -> str:
        """A new token, by the replica whose turn it is."""
        signed = SignedTokens(self.replicas[int(self.now / STEP_S) % 2], self._issuer, time.time)
        return (await signed.issue(Person(expires_at=time.time() + 3600), AUDIENCE)).token

    async def call(self, token: str) -> int:
        answer = await self._client.get(f"{self.bff}/whoami", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code

    async def _publish(self, _request: Request) -> Response:
        self.fetched_at.append(self.now)
        return JSONResponse(self.replicas[len(self.fetched_at) % 2].public_jwks())


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    host, bff = free_ports(2)
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        site = Site(tmp_path, f"http://127.0.0.1:{host}", f"http://127.0.0.1:{bff}", client)
        async with serving(site.publisher, host), serving(site.app, bff):
            yield site


async def test_a_bff_takes_every_call_while_keys_follow_one_another(site: Site) -> None:
    """Tokens of every moment, used at once and up to five minutes later; rotated by hand twice, in quick succession."""
    issued: list[str] = []
    signers = set()
    steps = (2 * AHEAD_S + AFTER_S) // STEP_S
    for step in range(steps):
        if step in {10, 14}:
            site.replicas[step % 4 // 2].rotate()
        issued.append(await site.token())
        signers.add(site.replicas[0].kid)
        used = [issued[-1], issued[max(0, step - FRESH_S // STEP_S)]]
        assert await asyncio.gather(*map(site.call, used)) == [200, 200]
        site.now += STEP_S
    assert len(signers) == 3
    # An unknown key would have made the BFF ask between its regular looks.
    pauses = [later - earlier for earlier, later in zip(site.fetched_at, site.fetched_at[1:], strict=False)]
    assert min(pauses) >= FRESH_S


async def test_a_stolen_key_is_dead_within_ten_minutes_and_its_successor_works_in_half_a_minute(site: Site) -> None:
    old = await site.token()
    assert await site.call(old) == 200
    site.replicas[0].replace_all()
    site.now += 60
    assert await site.call(await site.token()) == 200
    assert await site.call(old) == 401
