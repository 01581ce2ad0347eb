"""A logout at the provider reaches one replica; what is open on the others ends with the session, too.

The streams of these hosts look their sessions up once an hour only, so what ends them here is the word over the hub.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from host.tests.identity_world import CLIENT, ISSUER, Network, TestClock
from host.tests.live_world import OURS, PATIENCE_S, Hub, LiveWorld, running_hub, until
from host.tests.live_world import Sessions as StandInSessions
from host.tests.real_servers import free_ports, serving
from host.tests.scripted_provider import ScriptedProvider, signed
from host.tests.session_world import PROVIDER_ORIGIN
from portico.host.config import ProviderConfig
from portico.host.live import PATH, Live, LiveEndpoint, LiveLimits
from portico.host.session import MIGRATIONS, Person, Seal, SessionSettings, SignIn, TokenSet, create_sign_in
from portico.host.session_ends import SessionEnds
from portico.sql import open_database

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIMITS = LiveLimits(heartbeat_s=3600, read_timeout_s=PATIENCE_S)


@dataclass
class Replica(LiveWorld):
    """One host process of two on one database: signing in, live streams, and word of ended sessions."""

    sign_in: SignIn
    ends: SessionEnds

    async def logout(self, token: str) -> int:
        """Post a logout token; the status."""
        async with self.client.post(f"{self.url}/auth/backchannel-logout", data={"logout_token": token}) as answer:
            return answer.status


@asynccontextmanager
async def replica(hub: Hub, database_url: str, provider: ScriptedProvider, seal: Seal) -> AsyncIterator[Replica]:
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    client = ProviderConfig(issuer=ISSUER, client_id=CLIENT.client_id, client_secret=CLIENT.client_secret)
    async with AsyncExitStack() as stack:
        database = await open_database(database_url, migrations=MIGRATIONS)
        stack.push_async_callback(database.close)
        sign_in = create_sign_in(
            SessionSettings(base_url=url, provider=client),
            database=database,
            seal=seal,
            clock=provider.clock,
            transport=Network({PROVIDER_ORIGIN: provider.app()}),
        )
        sessions = sign_in.sessions
        live = Live(hub.url, region="here", alive=sessions.alive, limits=LIMITS)
        ends = SessionEnds(hub.url, alive=sessions.alive)
        sessions.when_ended(ends.tell)
        ends.listen(live.end_session)

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            live.start()
            ends.start()
            yield
            await ends.stop()
            await live.stop()

        endpoint = LiveEndpoint(live, base_url=url, identify=sessions.look_up)
        routes = [*sign_in.routes, Route(PATH, endpoint), WebSocketRoute(PATH, endpoint)]
        await stack.enter_async_context(serving(Starlette(routes=routes, lifespan=lifespan), port))
        stack.callback(live.drain)
        browser = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        await ends.hears.wait()
        yield Replica(url, hub, live, StandInSessions(), browser, sign_in, ends)


def logout_token(provider: ScriptedProvider, sid: str) -> str:
    now = int(provider.clock())
    claims = {"iss": ISSUER, "aud": CLIENT.client_id, "iat": now, "exp": now + 120, "jti": f"logout of {sid}"}
    header = {"alg": "ES256", "kid": provider.key.kid, "typ": "logout+jwt"}
    return signed(header, claims | {"sub": "ada", "sid": sid, "events": {EVENT: {}}}, provider.key)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "PostgreSQL":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/sessions.db"


@pytest.mark.parametrize("database_url", ["SQLite", "PostgreSQL"], indirect=True)
async def test_a_logout_at_the_provider_ends_every_stream_of_that_session_on_both_replicas(
    tmp_path: Path, database_url: str
) -> None:
    provider, seal = ScriptedProvider(TestClock()), Seal.generate()
    async with (
        asyncio.timeout(60),
        running_hub(tmp_path / "hub") as hub,
        replica(hub, database_url, provider, seal) as one,
        replica(hub, database_url, provider, seal) as other,
    ):
        cookie, others_cookie = [await signed_in(one.sign_in, sid) for sid in ("sid-1", "sid-2")]
        async with (
            one.stream(cookie) as here,
            other.stream(cookie) as there,
            other.socket(cookie) as socket,
            other.stream(others_cookie) as not_mine,
        ):
            head = (await other.poll(cookie))["hello"]["head"]
            await other.until_open(3)  # the answer may be here before the server has done with that poll
            polling = asyncio.create_task(other.poll(cookie, head, wait=20))
            for stream in (here, there, not_mine):
                await stream.wanted()
            await socket.receive_json()
            await other.until_open(4)
            assert await one.logout(logout_token(provider, "sid-1")) == 200
            for stream in (here, there):
                assert (await stream.rest())[-1]["reason"] == "session"
            assert await closed(socket) == 1000
            assert (await polling)["frames"] == []
            await until(lambda: len(other.live.registry) == 1)  # the phone's stream goes on
            assert await other.logout(logout_token(provider, "sid-1")) == 400  # used, wherever it was
            assert await status(other, cookie) == 401
            assert await other.logout(logout_token(provider, "sid-2")) == 200
            assert (await not_mine.rest())[-1]["reason"] == "session"


async def signed_in(sign_in: SignIn, sid: str) -> str:
    """A session of Ada's; her cookie."""
    secret, _ = await sign_in.sessions.create(Person("ada", "Ada", sid=sid), TokenSet("access", "id"))
    return f"portico={secret}"


async def status(host: Replica, cookie: str) -> int:
    """How a request for news is answered."""
    async with host.client.get(f"{host.url}{PATH}?wait=0", headers={**OURS, "Cookie": cookie}) as answer:
        return answer.status


async def closed(socket: aiohttp.ClientWebSocketResponse) -> int:
    """How a socket ends, after what it still says."""
    while (message := await socket.receive()).type == aiohttp.WSMsgType.TEXT:
        pass
    assert message.type == aiohttp.WSMsgType.CLOSE
    return int(message.data)
