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
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.bff import Call, create_bff, require
from portico.bff.rest import get
from portico.bff.testing.tokens import TokenIssuer
from portico.host.config import GatewayLimits
from portico.host.errors import BackendUnavailable
from portico.host.gateway import Backend, Gateway, MountedBackends
from portico.host.gateway.headers import Header
from portico.host.gateway.mounted import MountedBackend
from portico.host.tokens import Identity

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


def mounted(
    settings: Mapping[str, str], issuer: TokenIssuer, *, more: Mapping[str, EntryPoint] | None = None
) -> MountedBackends:
    """The backends of a process in which `thing_bff` is installed."""
    FACTORIES["thing"] = lambda given: create_bff(
        given, routes=[get("/whoami", whoami, access=require())], keys=issuer.keys(), title="Things"
    )
    FACTORIES["broken"] = lambda given: create_bff({}, title="Broken")
    installed = {
        PATH: Loaded("thing", PATH, "portico.bffs"),
        "broken_bff:create_app": Loaded("broken", "broken_bff:create_app", "portico.bffs"),
        **(more or {}),
    }
    return MountedBackends(lambda app: settings, installed=installed)


class Tokens:
    """Stands for a gateway that was taken over: it attaches whatever token it is told."""

    def __init__(self, issuer: TokenIssuer, mint: Mint) -> None:
        self._issuer = issuer
        self._mint = mint

    async def token_for(self, identity: Identity, audience: str) -> str:
        return self._mint(self._issuer)


class Directory:
    def __init__(self, backends: MountedBackends) -> None:
        self._backends = backends

    async def backend(self, app: str, _identity: Identity, _headers: list[Header]) -> Backend | None:
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
        tokens=Tokens(issuer, mint),
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
        await backends.start("thing", "os:system")


async def test_a_bff_that_does_not_start_is_unavailable_and_holds_up_nobody(
    bff_settings: dict[str, str], token_issuer: TokenIssuer
) -> None:
    """The others start and answer."""
    backends = mounted(bff_settings, token_issuer)
    with pytest.raises(BackendUnavailable, match="does not start"):
        await backends.start("broken", "broken_bff:create_app")
    await backends.start("thing", PATH)
    await backends.close()


class Slow:
    """A BFF whose start and calls end when the test says so; counts how many live."""

    def __init__(self) -> None:
        self.may_start = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.called = asyncio.Event()
        self.living = 0

    def __call__(self, _settings: Mapping[str, str]) -> Starlette:
        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            self.living += 1
            await self.may_start.wait()
            yield
            self.living -= 1

        async def answer(_request: Request) -> Response:
            self.called.set()
            await self.may_answer.wait()
            return Response(f"living: {self.living}")

        return Starlette(routes=[Route("/x", answer)], lifespan=lifespan)


@pytest.fixture
def slow() -> tuple[Slow, MountedBackends]:
    bff = FACTORIES["slow"] = Slow()
    paths = ("slow_bff:one", "slow_bff:two")
    return bff, MountedBackends(
        lambda app: {}, installed={path: Loaded("slow", path, "portico.bffs") for path in paths}
    )


def calling(backends: MountedBackends, path: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(MountedBackend(backends, "slow", path)), base_url=BASE_URL)


async def test_callers_who_give_up_leave_one_start_that_the_next_one_finds(slow: tuple[Slow, MountedBackends]) -> None:
    """A start that takes longer than people wait happens once, and is not lost."""
    bff, backends = slow
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await backends.start("slow", "slow_bff:one")
    assert bff.living == 1
    bff.may_start.set()
    await backends.start("slow", "slow_bff:one")
    assert bff.living == 1
    await backends.close()
    assert bff.living == 0


async def test_a_bff_that_is_replaced_ends_its_calls_first(slow: tuple[Slow, MountedBackends]) -> None:
    """The call that was under way gets its answer from the old one, which ends then; the new one runs beside it."""
    bff, backends = slow
    bff.may_start.set()
    async with calling(backends, "slow_bff:one") as old, calling(backends, "slow_bff:two") as new:
        under_way = asyncio.create_task(old.get("/x"))
        await bff.called.wait()
        await backends.start("slow", "slow_bff:two")
        backends.keep({("slow", "slow_bff:two")})
        assert bff.living == 2
        bff.may_answer.set()
        assert (await under_way).text == "living: 2"
        assert (await new.get("/x")).status_code == 200
    await backends.close()
    assert bff.living == 0


async def test_one_slow_start_holds_up_no_other_app(
    slow: tuple[Slow, MountedBackends], bff_settings: dict[str, str], token_issuer: TokenIssuer
) -> None:
    """Each app starts by itself."""
    bff, _ = slow
    backends = mounted(
        bff_settings, token_issuer, more={"slow_bff:one": Loaded("slow", "slow_bff:one", "portico.bffs")}
    )
    starting = asyncio.create_task(backends.start("slow", "slow_bff:one"))
    await backends.start("thing", PATH)
    assert not starting.done()
    bff.may_start.set()
    await starting
    await backends.close()


async def test_two_versions_of_a_bff_run_side_by_side(slow: tuple[Slow, MountedBackends]) -> None:
    """Calls that alternate between them start each of them once, and stop none."""
    bff, backends = slow
    bff.may_start.set()
    bff.may_answer.set()
    async with calling(backends, "slow_bff:one") as stable, calling(backends, "slow_bff:two") as candidate:
        for _ in range(3):
            await stable.get("/x")
            assert (await candidate.get("/x")).text == "living: 2"
    backends.keep({("slow", "slow_bff:one"), ("slow", "slow_bff:two")})
    async with calling(backends, "slow_bff:one") as stable:
        assert (await stable.get("/x")).text == "living: 2"
    await backends.close()
    assert bff.living == 0
