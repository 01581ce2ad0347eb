"""Two whole hosts on one database and one hub: a person who leaves at the provider is out on both."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import httpx2
import nats
from nats.aio.msg import Msg

from host.tests.live_world import EventStream, running_hub
from host.tests.provider_worlds import IndependentProvider, browsing, follow
from host.tests.real_servers import free_ports, serving
from portico.host.app import create_app
from portico.host.config import HostConfig
from portico.host.session_ends import SUBJECT
from tools.oidc_provider import OidcProvider

OURS = {"X-Portico": "1", "Sec-Fetch-Site": "same-origin"}


async def test_who_leaves_at_the_provider_is_out_on_every_host(
    tmp_path: Path, oidc_provider: OidcProvider, postgres_url: str
) -> None:
    ports = free_ports(2)
    url = f"http://127.0.0.1:{ports[0]}"  # one name for both, as behind a balancer
    client = oidc_provider.register(url)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(90))
        hub = await stack.enter_async_context(running_hub(tmp_path / "hub"))
        for number, port in enumerate(ports):
            data = tmp_path / str(number)
            if number:
                shutil.copytree(tmp_path / "0" / "keys", data / "keys")
            environment = {
                "PORTICO_BASE_URL": url,
                "PORTICO_DATA_DIR": str(data),
                "PORTICO_SESSIONS_DATABASE": postgres_url,
                "NATS_URL": hub.url,
                "OIDC_ISSUER": oidc_provider.issuer,
                "OIDC_CLIENT_ID": client["client_id"],
                "OIDC_CLIENT_SECRET": client["client_secret"],
            }
            await stack.enter_async_context(serving(create_app(HostConfig.from_environment(environment)), port))
        person = await stack.enter_async_context(browsing(OURS))
        cookie = await signed_in(person, url, oidc_provider)
        said = await stack.enter_async_context(ended_sessions(hub.url))
        other = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        headers = {**OURS, "Cookie": cookie, "Host": f"127.0.0.1:{ports[0]}"}
        async with other.get(f"http://127.0.0.1:{ports[1]}/live", headers=headers) as response:
            assert response.status == 200, await response.text()
            stream = EventStream(response)
            assert (await stream.wanted())["type"] == "hello"
            await leave(person, oidc_provider)
            assert (await stream.rest())[-1]["reason"] == "session"
        [session_id] = json.loads((await said.get()).data)["ids"]
        assert len(session_id) == 64
        for port in ports:
            async with other.get(f"http://127.0.0.1:{port}/live?wait=0", headers=headers) as response:
                assert response.status == 401


async def signed_in(person: httpx2.AsyncClient, url: str, provider: OidcProvider) -> str:
    """Sign Ada in at the first host; her cookie."""
    page = await follow(person, f"{url}/auth/sign-in")
    page = await follow(person, await IndependentProvider(provider).choose(person, page, "ada"))
    assert page.status_code == 200, page.text
    return f"portico={person.cookies['portico']}"


async def leave(person: httpx2.AsyncClient, provider: OidcProvider) -> None:
    """Sign out at the provider, which no page of the host has a part in."""
    page = await follow(person, f"{provider.issuer}/session/end")
    assert (await IndependentProvider(provider).confirm(person, page)).status_code in {200, 303}


@asynccontextmanager
async def ended_sessions(hub_url: str) -> AsyncIterator[asyncio.Queue[Msg]]:
    """What hosts say over the hub of sessions that ended."""
    heard: asyncio.Queue[Msg] = asyncio.Queue()
    connection = await nats.connect(hub_url)
    try:
        await connection.subscribe(SUBJECT, cb=heard.put)
        await connection.flush()
        yield heard
    finally:
        await connection.close()
