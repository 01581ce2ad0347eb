"""Two hosts, each in a process and a folder of its own, share sessions: one PostgreSQL database, one folder of keys."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from host.tests.identity_world import PEOPLE, hidden, running
from host.tests.provider_worlds import browsing
from host.tests.real_servers import free_ports, serving
from host.tests.test_servers import SERVERS, wait_until_up
from portico.host.devidp import DevClient, DevProviderConfig, create_dev_provider
from portico.host.tokens import HostKeys
from portico.sql import Database, Statement, open_database
from tools.postgres import PostgresServer

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRET = "a secret of this test that is long enough"
OURS = {"x-portico": "1", "sec-fetch-site": "same-origin"}
PORTICO = Path(sys.executable).with_name("portico")


@dataclass
class CountedProvider:
    """The development provider at an address of its own: rotates refresh tokens and revokes a grant on reuse."""

    app: Starlette
    redeemed: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path", "").endswith("/token"):
            self.redeemed += 1
        await self.app(scope, receive, send)


@dataclass
class Replicas:
    """The hosts behind one address: `public` is what people see, `at` is where each really listens."""

    public: str
    at: list[str]
    settings: dict[str, str]
    issuer: str
    provider: CountedProvider
    database: Database

    def browser(self) -> httpx2.AsyncClient:
        """A browser before whatever balances between the hosts."""
        host = self.public.removeprefix("http://")
        return httpx2.AsyncClient(headers={"host": host, "sec-fetch-site": "same-origin"}, trust_env=False, timeout=30)

    async def sign_in(self, person: httpx2.AsyncClient) -> str:
        """Sign Ada in, beginning at the first host and ending at the second; her cookie."""
        begun = await person.get(f"{self.at[0]}/auth/sign-in")
        attempt = begun.headers["set-cookie"].partition(";")[0]
        async with browsing({"sec-fetch-site": "same-origin"}) as at_provider:
            page = await at_provider.get(begun.headers["location"])
            form = {"request": hidden(page.text, "request"), "sub": "ada"}
            picked = await at_provider.post(f"{self.issuer}/pick", data=form)
        back = picked.headers["location"].replace(self.public, self.at[1])
        done = await person.get(back, headers={"cookie": attempt})
        assert done.status_code == 200, done.text
        cookies = [value.partition(";")[0] for value in done.headers.get_list("set-cookie")]
        person.cookies.clear()
        return next(cookie for cookie in cookies if cookie.startswith("portico="))

    async def due(self) -> None:
        """Make it time to ask the provider for fresh tokens, for every session."""
        await self.database.write([Statement("UPDATE session SET refresh_at = 0")])

    async def refreshed(self) -> None:
        """Return once a session has fresh tokens: a host answers after two seconds without them, and goes on."""
        async with asyncio.timeout(60):
            while not await self.database.read("SELECT id FROM session WHERE refresh_at > 0"):  # noqa: ASYNC110 (hosts)
                await asyncio.sleep(0.02)

    async def sessions(self, person: httpx2.AsyncClient, host: int, cookie: str) -> httpx2.Response:
        """Ask one of the hosts for the person's sessions."""
        return await person.get(f"{self.at[host]}/auth/sessions", headers=OURS | {"cookie": cookie})


@contextmanager
def host_at(port: int, folder: Path, settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A host in a process of its own, with a data folder of its own, until the block ends."""
    environment = {**os.environ, **settings, "PORTICO_DATA_DIR": str(folder / f"data-{port}")}
    command = [sys.executable, *SERVERS["granian"].format(port=port).split()]
    with (folder / f"log-{port}").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def replicas(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Replicas]:
    folder, url = tmp_path_factory.mktemp("replicas"), postgres_server.create()
    *ports, provider_port = free_ports(3)
    public, issuer = f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{provider_port}/idp"
    client = DevClient(client_id="portico", client_secret=SECRET, redirect_uris=(f"{public}/auth/callback",))
    config = DevProviderConfig(issuer=issuer, people=PEOPLE, clients=(client,), data_dir=folder)
    built_in = create_dev_provider(config, keys=HostKeys.open(folder / "provider.json"))
    provider = CountedProvider(Starlette(routes=[Mount("/idp", built_in)]))
    settings = {
        "PORTICO_BASE_URL": public,
        "PORTICO_DEVELOPMENT": "1",
        "PORTICO_SESSIONS_DATABASE": url,
        "PORTICO_KEYS_DIR": str(folder / "keys"),
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": "portico",
        "OIDC_CLIENT_SECRET": SECRET,
    }
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(built_in))
        await stack.enter_async_context(serving(provider, provider_port))
        processes = [stack.enter_context(host_at(port, folder, settings)) for port in ports]
        for port, process in zip(ports, processes, strict=True):
            await asyncio.to_thread(wait_until_up, f"http://127.0.0.1:{port}/healthz", process)
        database = await open_database(url)
        stack.push_async_callback(database.close)
        at = [f"http://127.0.0.1:{port}" for port in ports]
        settings["PORTICO_DATA_DIR"] = str(folder / f"data-{ports[0]}")
        yield Replicas(public, at, settings, issuer, provider, database)


async def test_a_session_is_known_and_ended_at_every_host(replicas: Replicas) -> None:
    async with replicas.browser() as person:
        cookie = await replicas.sign_in(person)
        answer, other = [await replicas.sessions(person, host, cookie) for host in (0, 1)]
        assert answer.status_code == 200, answer.text
        assert answer.json() == other.json()
        [mine] = [one for one in answer.json()["sessions"] if one["isThisOne"]]
        ended = await person.delete(f"{replicas.at[1]}/auth/sessions/{mine['id']}", headers=OURS | {"cookie": cookie})
        assert ended.status_code == 204
        assert [(await replicas.sessions(person, host, cookie)).status_code for host in (0, 1)] == [401, 401]


async def test_both_hosts_together_refresh_once_per_expiry_and_the_grant_lives_on(replicas: Replicas) -> None:
    async with replicas.browser() as person:
        cookie = await replicas.sign_in(person)
        for _ in range(4):
            before = replicas.provider.redeemed
            await replicas.due()
            calls = [replicas.sessions(person, host, cookie) for host in (0, 1) for _ in range(10)]
            answers = await asyncio.gather(*calls)
            assert [answer.status_code for answer in answers] == [200] * 20
            await replicas.refreshed()
            assert replicas.provider.redeemed == before + 1


async def test_keys_are_replaced_while_both_hosts_run(replicas: Replicas) -> None:
    async with replicas.browser() as person:
        cookie = await replicas.sign_in(person)
        environment = {**os.environ, **replicas.settings}
        command = [str(PORTICO), "secrets", "rotate", "sessions"]
        rotated = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, check=False)
        assert rotated.returncode == 0, rotated.stderr
        file = Path(replicas.settings["PORTICO_KEYS_DIR"]) / "sessions.json"
        current = json.loads(await asyncio.to_thread(file.read_bytes))["current"]
        before = replicas.provider.redeemed
        await replicas.due()
        answers = await asyncio.gather(*(replicas.sessions(person, host, cookie) for host in (0, 1)))
        assert [answer.status_code for answer in answers] == [200, 200]
        await replicas.refreshed()
        assert replicas.provider.redeemed == before + 1  # so the refresh token, sealed with the new key, was read
        assert (await replicas.sign_in(person)) != cookie
        sealed = await replicas.database.read("SELECT tokens FROM session ORDER BY created_at DESC")
        assert {str(row[0]).partition(".")[0] for row in sealed} <= set(json.loads(file.read_bytes())["keys"])
        assert current in {str(row[0]).partition(".")[0] for row in sealed}
