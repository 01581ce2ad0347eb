"""A BFF of the kit mounted in the host's process: it is started, trusted with nothing, and stopped again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from portico.bff import Call, create_bff, require
from portico.bff.rest import get
from portico.bff.testing.tokens import TokenIssuer
from portico.host.config import GatewayLimits
from portico.host.errors import BackendUnavailable
from portico.host.gateway import Backend, Gateway, MountedBackends
from portico.host.gateway.headers import Header
from portico.host.gateway.mounted import MountedBackend
from portico.host.signing import Identity

PATH = "thing_bff:create_app"
BASE_URL = "http://127.0.0.1:8000"
Mint = Callable[[TokenIssuer], str]


class Loaded(EntryPoint):
    """An installed entry point whose factory is already at hand."""

    def load(self) -> Any:
        return FACTORIES[self.name]


FACTORIES: dict[str, Callable[[Mapping[str, str]], Starlette]] = {}


async def whoami(call: Call) -> dict[str, str]:
    """Say who is asking."""
    return {"sub": call.claims.sub}


def mounted(settings: Mapping[str, str], issuer: TokenIssuer) -> MountedBackends:
    """The backends of a process in which `thing_bff` is installed."""
    FACTORIES["thing"] = lambda given: create_bff(
        given, routes=[get("/whoami", whoami, access=require())], keys=issuer.keys(), title="Things"
    )
    FACTORIES["broken"] = lambda given: create_bff({}, title="Broken")
    installed = {
        PATH: Loaded("thing", PATH, "portico.bffs"),
        "broken_bff:create_app": Loaded("broken", "broken_bff:create_app", "portico.bffs"),
    }
    return MountedBackends(lambda app: settings, installed=installed)


class Minter:
    """Stands for a gateway that was taken over: it attaches whatever token it is told."""

    def __init__(self, issuer: TokenIssuer, mint: Mint) -> None:
        self._issuer = issuer
        self._mint = mint

    def token_for(self, identity: Identity, audience: str) -> str:
        return self._mint(self._issuer)


class Directory:
    def __init__(self, backends: MountedBackends) -> None:
        self._backends = backends

    async def backend(self, app: str) -> Backend | None:
        return MountedBackend(self._backends, app, PATH)


class Somebody:
    id, sub, name, roles, tenant, version, expires_at = "s", "ada", "Ada", (), None, 1, 9e9


@asynccontextmanager
async def through_the_gateway(
    settings: Mapping[str, str], issuer: TokenIssuer, mint: Mint
) -> AsyncIterator[httpx.AsyncClient]:
    async def identify(headers: list[Header]) -> Identity | None:
        return Somebody()

    backends = mounted(settings, issuer)
    gateway = Gateway(
        base_url=BASE_URL,
        identify=identify,
        minter=Minter(issuer, mint),
        directory=Directory(backends),
        limits=GatewayLimits(),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url=BASE_URL) as client:
        yield client
    await backends.close()


async def test_a_good_token_is_accepted(bff_settings: dict[str, str], token_issuer: TokenIssuer) -> None:
    """The control: without it, the refusals below would show nothing."""
    async with through_the_gateway(bff_settings, token_issuer, TokenIssuer.token) as client:
        answer = await client.get("/api/thing/whoami", headers={"X-Portico": "1"})
    assert answer.json() == {"sub": "ada"}


FORGERIES: dict[str, Mint] = {
    "tampered": lambda issuer: issuer.token()[:-6] + "AAAAAA",
    "expired": lambda issuer: issuer.token(exp=int(issuer.now()) - 60),
    "another BFF's audience": lambda issuer: issuer.token(aud="urn:portico:bff:other"),
    "alg none": lambda issuer: TokenIssuer(kid=issuer.kid).token().rsplit(".", 1)[0] + ".",
    "a stranger's key": lambda issuer: TokenIssuer(kid=issuer.kid).token(),
    "another issuer": lambda issuer: issuer.token(iss="https://evil.example"),
    "an id token": lambda issuer: issuer.sign(issuer.header(typ="JWT"), issuer.claims()),
    "nothing": lambda issuer: "",
}


@pytest.mark.parametrize("forgery", sorted(FORGERIES))
async def test_a_mounted_bff_refuses_a_forged_token_for_itself(
    bff_settings: dict[str, str], token_issuer: TokenIssuer, forgery: str
) -> None:
    """Running in the host's process, behind its gateway, is no reason to trust."""
    async with through_the_gateway(bff_settings, token_issuer, FORGERIES[forgery]) as client:
        answer = await client.get("/api/thing/whoami", headers={"X-Portico": "1"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_only_an_installed_entry_point_is_ever_imported(
    bff_settings: dict[str, str], token_issuer: TokenIssuer
) -> None:
    """A manifest that names any other callable gets a sentence for the operator, and nothing runs."""
    backends = mounted(bff_settings, token_issuer)
    with pytest.raises(BackendUnavailable, match="not installed here"):
        await backends.get("thing", "os:system")


async def test_a_bff_that_does_not_start_is_unavailable_and_holds_up_nobody(
    bff_settings: dict[str, str], token_issuer: TokenIssuer
) -> None:
    """The others start and answer."""
    backends = mounted(bff_settings, token_issuer)
    with pytest.raises(BackendUnavailable, match="does not start"):
        await backends.get("broken", "broken_bff:create_app")
    assert await backends.get("thing", PATH) is not None
    await backends.close()


async def test_a_bff_is_started_once_however_many_ask(bff_settings: dict[str, str], token_issuer: TokenIssuer) -> None:
    """Concurrent first calls wait for one start."""
    backends = mounted(bff_settings, token_issuer)
    found = await asyncio.gather(*(backends.get("thing", PATH) for _ in range(5)))
    assert len({id(app) for app in found}) == 1
    await backends.close()
