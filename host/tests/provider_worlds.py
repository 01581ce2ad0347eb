"""One host and, in turn, each provider that it is tested against, all behind real HTTP on loopback.

The providers are at `localhost` and the host at `127.0.0.1`: for a browser these are two sites.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from host.tests.identity_world import PEOPLE, hidden, running
from host.tests.real_servers import free_ports, serving
from host.tests.session_world import onward
from portico.host.config import ProviderConfig
from portico.host.devidp import DevClient, DevProviderConfig, create_dev_provider
from portico.host.session import MIGRATIONS, Seal, SessionSettings, SignIn, TokenSet, create_sign_in
from portico.host.tokens import HostKeys
from portico.sql import Database, SqliteDatabase
from tools.oidc_provider import OidcProvider

RESOURCE = "urn:portico:bff:notes"
SECRET = "a secret: with/odd&signs+"


class ProviderUnderTest(Protocol):
    """What the scenarios need of a provider besides the protocol: its pages, and its keys."""

    async def register(self, host: str, **wanted: Any) -> ProviderConfig:
        """A client for the host at this origin."""

    async def choose(self, person: httpx2.AsyncClient, page: httpx2.Response, sub: str) -> httpx2.Response:
        """Say on its page who one is; what it answers."""

    async def confirm(self, person: httpx2.AsyncClient, page: httpx2.Response) -> httpx2.Response:
        """Say on its page that one wants to leave; what it answers."""

    async def change_keys(self, *, keep: bool) -> None:
        """Sign with a new key; the old one stays published, or is withdrawn."""


@dataclass
class MovableClock:
    """The real time, and what the test adds to it."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class ProviderWorld:
    """A host that signs in with one provider, and a person before it."""

    url: str
    provider: ProviderUnderTest
    client: ProviderConfig
    sign_in: SignIn
    database: Database
    clock: MovableClock
    person: httpx2.AsyncClient

    async def signed_in(self, sub: str = "ada", return_to: str = "/") -> httpx2.Response:
        """A whole sign-in; the page of the host that it ends on."""
        page = await self.follow(f"{self.url}/auth/sign-in?return_to={return_to}")
        if str(page.url).startswith(f"{self.url}/auth/callback"):
            return page  # the provider knows the browser
        return await self.follow(await self.provider.choose(self.person, page, sub))

    async def signed_out(self) -> str:
        """A whole sign-out; the address that it ends at."""
        page = await self.follow(onward(await self.person.post(f"{self.url}/auth/sign-out")))
        if not str(page.url).startswith(self.url):
            page = await self.follow(await self.provider.confirm(self.person, page))
        return str(page.url)

    async def who(self) -> Any:
        """Who the host thinks is asking."""
        return (await self.person.get(f"{self.url}/whoami")).json()

    async def session_id(self) -> str:
        """The id of the one session there is."""
        [(session_id,)] = await self.database.read("SELECT id FROM session", ())
        return str(session_id)

    async def tokens(self) -> TokenSet:
        """What the host keeps of the provider's tokens for the one session there is."""
        tokens = await self.sign_in.sessions.tokens(await self.session_id())
        assert tokens is not None
        return tokens

    async def follow(self, start: str | httpx2.Response) -> httpx2.Response:
        """Go where redirects lead; the page there."""
        return await follow(self.person, start)


def browsing(headers: Mapping[str, str] | httpx2.Headers) -> httpx2.AsyncClient:
    """A browser; the provider in its own process may take its time on a busy machine."""
    return httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30)


async def follow(person: httpx2.AsyncClient, start: str | httpx2.Response) -> httpx2.Response:
    """Go where redirects lead; the page there."""
    answer = await person.get(start) if isinstance(start, str) else start
    while answer.is_redirect:
        answer = await person.get(urljoin(str(answer.url), answer.headers["location"]))
    return answer


def host_app(sign_in: SignIn) -> Starlette:
    """The routes of signing in, one that tells who asks, and a start page."""

    async def whoami(request: Request) -> Response:
        session = await sign_in.sessions.identify(request.scope["headers"])
        return JSONResponse(
            session and {"sub": session.sub, "name": session.name, "roles": session.roles, "tenant": session.tenant}
        )

    async def page(request: Request) -> Response:
        session = await sign_in.sessions.identify(request.scope["headers"])
        return HTMLResponse(
            f"""<!doctype html><html lang="en"><title>Start</title><h1>{session.name if session else "nobody"}</h1>
            <p>{request.url.path}</p><form method="post" action="/auth/sign-out"><button>Sign out</button></form>"""
        )

    return Starlette(routes=[*sign_in.routes, Route("/whoami", whoami), Route("/{path:path}", page)])


@asynccontextmanager
async def provider_world(
    folder: Path, provider: ProviderUnderTest, *, resources: tuple[str, ...] = (), scope: str = "", **wanted: Any
) -> AsyncIterator[ProviderWorld]:
    """A host at an address of its own, registered at the provider; `wanted` is more of the client's metadata."""
    [port] = free_ports(1)
    url, clock = f"http://127.0.0.1:{port}", MovableClock()
    client = await provider.register(url, **wanted)
    client = replace(client, scope=scope) if scope else client
    settings = SessionSettings(base_url=url, provider=client, resources=resources)
    database = await SqliteDatabase.open(folder / "sessions.db", migrations=MIGRATIONS)
    try:
        sign_in = create_sign_in(settings, database=database, seal=Seal.generate(), clock=clock)
        headers = {"sec-fetch-site": "same-origin"}
        async with serving(host_app(sign_in), port), browsing(headers) as person:
            yield ProviderWorld(url, provider, client, sign_in, database, clock, person)
    finally:
        await database.close()


class IndependentProvider:
    """npm `oidc-provider` in its own process."""

    def __init__(self, running: OidcProvider) -> None:
        self.running = running

    async def register(self, host: str, **wanted: Any) -> ProviderConfig:
        key, pushed = wanted.pop("client_key", ""), wanted.pop("pushed_requests", False)
        client = self.running.register(host, **wanted)
        secret = "" if key else client["client_secret"]
        return ProviderConfig(
            issuer=self.running.issuer,
            client_id=client["client_id"],
            client_secret=secret,
            client_key=key,
            pushed_requests=pushed,
        )

    async def choose(self, person: httpx2.AsyncClient, page: httpx2.Response, sub: str) -> httpx2.Response:
        return await person.post(str(page.url), data={"sub": sub})

    async def confirm(self, person: httpx2.AsyncClient, page: httpx2.Response) -> httpx2.Response:
        found = re.search(r'action="([^"]*)".*?name="xsrf" value="([^"]*)"', page.text, re.DOTALL)
        assert found, page.text
        return await person.post(html.unescape(found[1]), data={"xsrf": found[2], "logout": "yes"})

    async def change_keys(self, *, keep: bool) -> None:
        self.running.change_keys(keep=keep)


class ChangingKeys:
    """Keys that a test exchanges while a provider signs with them."""

    def __init__(self) -> None:
        self._now = HostKeys.generate()
        self._old: list[HostKeys] = []

    def change(self, *, keep: bool) -> None:
        """Sign with a new key; publish the old ones, too, or not."""
        self._old = [self._now, *self._old] if keep else []
        self._now = HostKeys.generate()

    @property
    def kid(self) -> str:
        return self._now.kid

    def sign(self, claims: dict[str, Any], *, typ: str) -> str:
        return self._now.sign(claims, typ=typ)

    def public_jwks(self) -> dict[str, Any]:
        return {"keys": [key for keys in (self._now, *self._old) for key in keys.public_jwks()["keys"]]}


class BuiltInProvider:
    """The development provider, serving for one test."""

    def __init__(self, folder: Path) -> None:
        [self._port] = free_ports(1)
        self._folder = folder
        self._keys = ChangingKeys()
        self._serving = AsyncExitStack()

    async def register(self, host: str, **wanted: Any) -> ProviderConfig:
        assert not wanted, "the development provider takes no other clients than this"
        issuer = f"http://localhost:{self._port}/idp"
        client = DevClient(
            client_id="portico",
            client_secret=SECRET,
            redirect_uris=(f"{host}/auth/callback",),
            post_logout_redirect_uris=(f"{host}/",),
            resources=("urn:portico:bff:*",),
            backchannel_logout_uri=f"{host}/auth/backchannel-logout",
        )
        config = DevProviderConfig(issuer=issuer, people=PEOPLE, clients=(client,), data_dir=self._folder)
        provider = create_dev_provider(config, keys=self._keys)
        await self._serving.enter_async_context(running(provider))
        await self._serving.enter_async_context(serving(Starlette(routes=[Mount("/idp", provider)]), self._port))
        return ProviderConfig(issuer=issuer, client_id="portico", client_secret=SECRET)

    async def choose(self, person: httpx2.AsyncClient, page: httpx2.Response, sub: str) -> httpx2.Response:
        issuer = f"http://localhost:{self._port}/idp"
        return await person.post(f"{issuer}/pick", data={"request": hidden(page.text, "request"), "sub": sub})

    async def confirm(self, person: httpx2.AsyncClient, page: httpx2.Response) -> httpx2.Response:
        raise AssertionError(f"the development provider asks nobody who brings an id_token: {page.text}")

    async def change_keys(self, *, keep: bool) -> None:
        self._keys.change(keep=keep)

    async def close(self) -> None:
        await self._serving.aclose()
