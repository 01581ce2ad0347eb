"""A host with nothing but identity, a provider, and people with browsers."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from host.tests.identity_world import CLIENT, HOST, ISSUER, PEOPLE, Network, TestClock, browser, pick, running
from portico.host.config import ProviderConfig
from portico.host.devidp import DevProviderConfig, create_dev_provider
from portico.host.my_sessions import MySessionsEndpoint
from portico.host.session import MIGRATIONS, Seal, SessionSettings, SignIn, create_sign_in
from portico.host.tokens import HostKeys
from portico.problem import exception_handlers
from portico.sql import Database, SqliteDatabase

PROVIDER_ORIGIN = "http://127.0.0.1:9100"
SETTINGS = SessionSettings(
    base_url=HOST,
    provider=ProviderConfig(issuer=ISSUER, client_id=CLIENT.client_id, client_secret=CLIENT.client_secret),
)


def onward(page: httpx2.Response) -> str:
    """Where a page goes by itself."""
    found = re.search(r'<meta http-equiv="refresh" content="0;url=([^"]*)">', page.text)
    assert found, page.text
    return html.unescape(found[1])


@dataclass
class SessionWorld:
    """The host's identity on one database, with one person before it."""

    clock: TestClock
    network: Network
    database: Database
    sign_in: SignIn
    seal: Seal
    person: httpx2.AsyncClient

    async def authorize_url(self, return_to: str = "/", person: httpx2.AsyncClient | None = None) -> str:
        """Begin signing in; where the host sends the person."""
        answer = await (person or self.person).get(f"{HOST}/auth/sign-in?{urlencode({'return_to': return_to})}")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def callback_url(self, sub: str = "ada", return_to: str = "/") -> str:
        """Sign in at the provider; where it sends the person back to."""
        url = await self.authorize_url(return_to) + "&prompt=login"
        return (await pick(self.person, url, sub)).headers["location"]

    async def signed_in(self, sub: str = "ada", return_to: str = "/") -> httpx2.Response:
        """A whole sign-in; the page it ends on."""
        return await self.person.get(await self.callback_url(sub, return_to))

    async def who(self, cookie: str | None = None) -> Any:
        """Who the host thinks is asking: with the browser's cookies, or with this one alone."""
        if cookie is None:
            return (await self.person.get(f"{HOST}/whoami")).json()
        async with browser(self.network) as stranger:
            return (await stranger.get(f"{HOST}/whoami", headers={"cookie": cookie})).json()

    def cookie(self) -> str:
        """The session cookie that the person's browser holds."""
        return f"portico={self.person.cookies.get('portico', domain='127.0.0.1', path='/')}"


def host_app(sign_in: SignIn) -> Starlette:
    """The sign-in routes and one that tells who asks."""

    async def whoami(request: Request) -> Response:
        session = await sign_in.sessions.identify(request.scope["headers"])
        return JSONResponse(session and {"sub": session.sub, "name": session.name, "roles": session.roles})

    mine = MySessionsEndpoint(
        sign_in.mine, base_url=HOST, is_secure=False, identify=sign_in.identify, audit=sign_in.audit
    )
    return Starlette(
        routes=[*sign_in.routes, *mine.routes, Route("/whoami", whoami)], exception_handlers=exception_handlers
    )


@asynccontextmanager
async def session_world(
    folder: Path,
    *,
    clock: TestClock | None = None,
    seal: Seal | None = None,
    provider: ASGIApp | None = None,
    settings: SessionSettings = SETTINGS,
) -> AsyncIterator[SessionWorld]:
    """A host on the database in `folder`; with `provider`, instead of the development provider."""
    clock, seal = clock or TestClock(), seal or Seal.generate()
    config = DevProviderConfig(issuer=ISSUER, people=PEOPLE, clients=(CLIENT,))
    built_in = create_dev_provider(config, keys=HostKeys.generate(), clock=clock)
    database = await SqliteDatabase.open(folder / "sessions.db", migrations=MIGRATIONS)
    network = Network({PROVIDER_ORIGIN: provider or Starlette(routes=[Mount("/idp", built_in)])})
    sign_in = create_sign_in(settings, database=database, seal=seal, clock=clock, transport=network)
    network.add(HOST, host_app(sign_in))
    try:
        async with running(built_in), browser(network) as person:
            yield SessionWorld(clock, network, database, sign_in, seal, person)
    finally:
        await database.close()
