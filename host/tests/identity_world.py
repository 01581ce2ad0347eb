"""What the identity tests share: a clock to turn, a browser without a window, and applications reached by origin."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from portico.host.devidp import DevClient, DevPerson, DevProviderConfig, create_dev_provider
from portico.host.tokens import HostKeys

ADA = DevPerson(sub="ada", name="Ada Lovelace", email="ada@people.example", roles=("editor", "reader"), about="Writes.")
BEN = DevPerson(sub="ben", name="Ben", tenant="north")
PEOPLE = (ADA, BEN)

HOST = "http://127.0.0.1:8000"
ISSUER = "http://127.0.0.1:9100/idp"
CLIENT = DevClient(
    client_id="portico",
    client_secret="a secret: with/odd&signs+",
    redirect_uris=(f"{HOST}/auth/callback",),
    post_logout_redirect_uris=(f"{HOST}/",),
    resources=("urn:portico:bff:*", "https://things.example/api"),
    backchannel_logout_uri=f"{HOST}/auth/backchannel-logout",
)
OTHER_CLIENT = DevClient(client_id="other", client_secret="other secret", redirect_uris=("http://127.0.0.1:8111/back",))


@dataclass
class TestClock:
    """Seconds since the epoch, moved by the test alone."""

    __test__ = False
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Network(httpx2.AsyncBaseTransport):
    """Reaches applications by their origin; what is `down` refuses connections."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self.apps = {origin: httpx2.ASGITransport(app) for origin, app in apps.items()}
        self.down: set[str] = set()
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        origin = f"{request.url.scheme}://{request.url.netloc.decode()}"
        if origin in self.down or origin not in self.apps:
            raise httpx2.ConnectError("connection refused", request=request)
        return await self.apps[origin].handle_async_request(request)

    def add(self, origin: str, app: ASGIApp) -> None:
        """Have `app` answer at `origin`."""
        self.apps[origin] = httpx2.ASGITransport(app)

    def count(self, path: str) -> int:
        """How many requests went to this path."""
        return sum(request.url.path == path for request in self.requests)


@asynccontextmanager
async def running(*apps: Starlette) -> AsyncIterator[None]:
    """The applications, with their lifespans under way."""
    async with AsyncExitStack() as stack:
        for app in apps:
            await stack.enter_async_context(app.router.lifespan_context(app))
        yield


def browser(network: httpx2.AsyncBaseTransport, **headers: str) -> httpx2.AsyncClient:
    """A client with a cookie jar that does not follow redirects by itself."""
    return httpx2.AsyncClient(transport=network, headers={"sec-fetch-site": "same-origin"} | headers)


def query(url: str) -> dict[str, str]:
    """The parameters of a URL."""
    return dict(parse_qsl(urlsplit(url).query))


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', page)
    assert found, page
    return html.unescape(found[1])


async def pick(person: httpx2.AsyncClient, authorize_url: str, sub: str) -> httpx2.Response:
    """Open the provider's page and choose someone; the answer is the redirect to the client."""
    page = await person.get(authorize_url)
    assert page.status_code == 200, page.text
    form = {"request": hidden(page.text, "request"), "sub": sub}
    return await person.post(f"{ISSUER}/pick", data=form)


@dataclass
class Attempt:
    """One authorization request as a careful client makes it."""

    verifier: str = field(default_factory=lambda: token_urlsafe(32))
    changes: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, str]:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        wanted = {
            "response_type": "code",
            "client_id": CLIENT.client_id,
            "redirect_uri": CLIENT.redirect_uris[0],
            "scope": "openid profile email",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (wanted | dict(self.changes)).items() if value is not None}

    @property
    def url(self) -> str:
        return f"{ISSUER}/authorize?{urlencode(self.parameters)}"

    def redemption(self, code: str) -> dict[str, Any]:
        """The form for `/token`."""
        return {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CLIENT.redirect_uris[0],
            "code_verifier": self.verifier,
            "client_id": CLIENT.client_id,
            "client_secret": CLIENT.client_secret,
        }


def refreshing(token: str) -> dict[str, str]:
    """The form for `/token` that asks for the next tokens."""
    return {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": CLIENT.client_id,
        "client_secret": CLIENT.client_secret,
    }


@dataclass
class ProviderWorld:
    """The provider alone, mounted under its issuer's path, and a browser before it."""

    clock: TestClock
    keys: HostKeys
    network: Network
    person: httpx2.AsyncClient

    async def code(self, attempt: Attempt, sub: str = "ada") -> str:
        """The code that someone's sign-in gives."""
        return query((await pick(self.person, attempt.url, sub)).headers["location"])["code"]

    async def redeem(self, form: Mapping[str, str], **headers: str) -> httpx2.Response:
        """One call of `/token`."""
        return await self.person.post(f"{ISSUER}/token", data=dict(form), headers=headers)

    async def tokens(self, sub: str = "ada") -> dict[str, Any]:
        """The tokens of a whole sign-in."""
        attempt = Attempt()
        answer = await self.redeem(attempt.redemption(await self.code(attempt, sub)))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def claims(self, token: str) -> dict[str, Any]:
        """A token's claims, once its signature holds."""
        published = KeySet.import_key_set({"keys": self.keys.public_jwks()["keys"]})
        return jwt.decode(token, published, algorithms=["ES256"]).claims


@asynccontextmanager
async def provider_world(data_dir: Path | None = None, keys: HostKeys | None = None) -> AsyncIterator[ProviderWorld]:
    """A provider that knows `PEOPLE` and `CLIENT`."""
    clock, keys = TestClock(), keys or HostKeys.generate()
    config = DevProviderConfig(issuer=ISSUER, people=PEOPLE, clients=(CLIENT, OTHER_CLIENT), data_dir=data_dir)
    network = Network({})
    provider = create_dev_provider(config, keys=keys, clock=clock, transport=network)
    network.add("http://127.0.0.1:9100", Starlette(routes=[Mount("/idp", provider)]))
    async with running(provider), browser(network) as person:
        yield ProviderWorld(clock, keys, network, person)
