"""The live stream of a whole host in a process of its own: sign-in, sign-out, two servers, and the end of it."""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from host.tests.live_world import OURS, EventStream, Hub, numbers, running_hub
from host.tests.real_servers import free_ports

SERVERS = {
    "granian": ("-m", "granian", "--interface", "asgi", "--factory", "portico.host.asgi:create", "--port"),
    "uvicorn": ("-m", "uvicorn", "--factory", "portico.host.asgi:create", "--ws", "none", "--port"),
}


@dataclass
class RunningHost:
    url: str
    hub: Hub
    process: asyncio.subprocess.Process
    client: aiohttp.ClientSession

    async def sign_in(self, sub: str) -> str:
        """Sign in at the development provider; the value of a Cookie header."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, headers=headers) as person:
            async with person.get(f"{self.url}/auth/sign-in") as page:
                found = re.search(r'name="request" value="([^"]*)"', await page.text())
            assert found
            form = {"request": html.unescape(found[1]), "sub": sub}
            async with person.post(f"{self.url}/dev-idp/pick", data=form) as done:
                assert done.status == 200
            return f"portico={next(cookie.value for cookie in jar if cookie.key == 'portico')}"

    @asynccontextmanager
    async def stream(self, cookie: str) -> AsyncIterator[EventStream]:
        async with self.client.get(f"{self.url}/live", headers={**OURS, "Cookie": cookie}) as response:
            assert response.status == 200, await response.text()
            yield EventStream(response)


PEOPLE = [{"sub": "ada", "name": "Ada"}, {"sub": "ben", "name": "Ben", "tenant": "north"}]


@asynccontextmanager
async def running(folder: Path, command: Sequence[str]) -> AsyncIterator[RunningHost]:
    """A host in its own process, with a hub, until the block ends."""
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    people = folder / "people.json"
    people.write_text(json.dumps(PEOPLE))
    async with running_hub(folder / "hub") as hub:
        await hub.jetstream()  # with its stream on the disk, so that the first who listens need not wait for that
        environment = {
            **os.environ,
            "PORTICO_BASE_URL": url,
            "PORTICO_DATA_DIR": str(folder / "data"),
            "PORTICO_DEVELOPMENT": "1",
            "NATS_URL": hub.url,
        }
        with (folder / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *command,
                str(port),
                env=environment,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,
            )
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
                await _until_up(client, f"{url}/readyz", process)
                yield RunningHost(url, hub, process, client)
        finally:
            # The whole group: Granian serves from a process of its own, which would outlive it.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _until_up(client: aiohttp.ClientSession, url: str, process: asyncio.subprocess.Process) -> None:
    while True:
        assert process.returncode is None, "the host has ended"
        try:
            async with client.get(url) as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientConnectionError:
            pass
        await asyncio.sleep(0.05)  # polling a health endpoint


@pytest.mark.parametrize("server", sorted(SERVERS))
async def test_any_server_serves_streams_and_signing_out_ends_them(tmp_path: Path, server: str) -> None:
    async with running(tmp_path, SERVERS[server]) as host:
        cookie = await host.sign_in(await _somebody(host))
        async with host.stream(cookie) as stream:
            hello, reset = await stream.take(2)
            assert (hello["type"], reset["type"]) == ("hello", "reset")
            headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
            async with host.client.post(f"{host.url}/auth/sign-out", headers=headers) as signed_out:
                assert signed_out.status == 200
            [bye] = await stream.rest()
            assert (bye["type"], bye["reason"]) == ("bye", "session")
        async with host.client.get(f"{host.url}/live", headers={**OURS, "Cookie": cookie}) as refused:
            assert refused.status == 401
            assert refused.headers["portico-receipt"] == "1"


async def _somebody(host: RunningHost) -> str:
    """A person whom the development provider knows."""
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as person,
        person.get(f"{host.url}/auth/sign-in", headers={"Sec-Fetch-Site": "same-origin"}) as page,
    ):
        found = re.search(r'name="sub" value="([^"]*)"', await page.text())
    assert found
    return html.unescape(found[1])


async def test_a_host_that_is_stopped_says_goodbye_to_its_streams_and_ends_in_time(tmp_path: Path) -> None:
    command = (
        "-c",
        "from portico.host.cli import main; main()",
        "up",
        "--people",
        str(tmp_path / "people.json"),
        "--port",
    )
    async with running(tmp_path, command) as host:
        ada, ben = await host.sign_in("ada"), await host.sign_in("ben")
        async with host.stream(ada) as first, host.stream(ben) as second:
            for stream in (first, second):
                await stream.take(2)
            await host.hub.tell("ada", 1)
            await host.hub.tell_tenant("north", 2)
            assert numbers([await first.wanted()]) == [1]
            assert numbers([await second.wanted()]) == [2]
            host.process.send_signal(signal.SIGTERM)
            for stream in (first, second):
                [bye] = await stream.rest()
                assert bye["reason"] == "drain"
                assert 500 <= bye["retry"] <= 5000
        assert await host.process.wait() == 0


@pytest.mark.parametrize("server", sorted(SERVERS))
async def test_any_server_that_is_stopped_does_not_wait_for_its_streams(tmp_path: Path, server: str) -> None:
    async with running(tmp_path, SERVERS[server]) as host:
        cookie = await host.sign_in(await _somebody(host))
        async with host.stream(cookie) as stream:
            await stream.take(2)
            host.process.send_signal(signal.SIGTERM)
            [bye] = await stream.rest()
            assert bye["reason"] == "drain"
        assert await host.process.wait() in {0, -signal.SIGTERM}


async def test_a_websocket_under_another_name_of_the_host_is_refused(tmp_path: Path) -> None:
    """DNS rebinding: the page's origin and the `Host` agree, and both are somebody else's."""
    async with running(tmp_path, SERVERS["granian"]) as host:
        cookie = await host.sign_in(await _somebody(host))
        headers = {"Cookie": cookie, "Origin": "http://evil.example", "Host": "evil.example"}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await host.client.ws_connect(f"{host.url}/live", headers=headers)
        assert refused.value.status == 403
        async with host.client.ws_connect(f"{host.url}/live", headers={"Cookie": cookie, "Origin": host.url}) as socket:
            assert (await socket.receive_json())["type"] == "hello"
