"""A whole host behind a real server, with a BFF mounted in it and one at an address of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2

from host.tests import whoami_bff
from host.tests.identity_world import hidden
from host.tests.provider_worlds import ProviderUnderTest
from host.tests.real_servers import free_ports, serving
from host.tests.session_world import onward
from portico.host.app import create_app
from portico.host.bffs import bff_settings
from portico.host.config import HostConfig, ProviderConfig
from portico.host.config.tokens import BffTokens
from portico.host.prepare import prepare

MOUNTED, REMOTE = "near", "far"
PEOPLE = [
    {"sub": "ada", "name": "Ada Lovelace", "roles": ["editor", "reader"], "tenant": "north"},
    {"sub": "ben", "name": "Ben"},
]


@dataclass
class TokenSite:
    """The host, and one person's browser before it."""

    url: str
    data_dir: Path
    person: httpx2.AsyncClient
    issuer: str
    other: ProviderUnderTest | None = None

    async def sign_in(self, sub: str = "ada") -> None:
        """Sign in at the provider."""
        page = await self._follow(f"{self.url}/auth/sign-in?return_to=/")
        if self.other is not None:
            picked = await self.other.choose(self.person, page, sub)
        else:
            form = {"request": hidden(page.text, "request"), "sub": sub}
            picked = await self.person.post(f"{self.issuer}/pick", data=form)
        done = await self._follow(urljoin(str(picked.url), picked.headers["location"]))
        assert str(done.url).startswith(f"{self.url}/auth/callback"), done.text
        assert done.status_code == 200, done.text

    async def sign_out(self) -> None:
        """Sign out here and at the provider."""
        page = await self.person.post(f"{self.url}/auth/sign-out")
        await self._follow(onward(page))

    async def call(self, app: str) -> httpx2.Response:
        """One call of an app's BFF through the gateway."""
        return await self.person.get(f"{self.url}/api/{app}/whoami", headers={"X-Portico": "1"})

    async def who(self, app: str) -> dict[str, Any]:
        """What that BFF says of the call."""
        answer = await self.call(app)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def _follow(self, url: str) -> httpx2.Response:
        answer = await self.person.get(url)
        while answer.is_redirect:
            answer = await self.person.get(urljoin(str(answer.url), answer.headers["location"]))
        return answer


@asynccontextmanager
async def token_site(
    folder: Path, tokens: BffTokens, other: ProviderUnderTest | None = None, *, scope: str = ""
) -> AsyncIterator[TokenSite]:
    """A host whose BFFs get their tokens in this way, with the development provider or another.

    `folder` must be on the import path: it holds the mounted BFF.
    """
    install_whoami(folder)
    host_port, bff_port = free_ports(2)
    url = f"http://127.0.0.1:{host_port}"
    client = replace(await other.register(url), scope=scope) if other is not None else None
    people = folder / "people.json"
    people.write_text(json.dumps(PEOPLE))
    config = HostConfig(
        base_url=url,
        data_dir=folder / "data",
        development=True,
        people_file=people,
        bff_urls={REMOTE: f"http://127.0.0.1:{bff_port}"},
        bff_tokens=tokens,
        provider=client,
    )
    apps = [_app(folder / name, name) for name in (MOUNTED, REMOTE)]
    await prepare(config, apps)
    provider = client or ProviderConfig(issuer=f"{url}/dev-idp", client_id="portico")
    remote = whoami_bff.create_app(bff_settings(config, provider, REMOTE))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(remote, bff_port))
        await stack.enter_async_context(serving(create_app(config), host_port))
        headers = {"sec-fetch-site": "same-origin"}
        person = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, trust_env=False, timeout=20))
        yield TokenSite(url, config.data_dir, person, provider.issuer, other)


def install_whoami(folder: Path) -> None:
    """Make `folder`, on the import path, one in which the BFF is installed: hosts mount nothing else."""
    about = folder / "whoami_bff-0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: whoami-bff\nVersion: 0\n")
    (about / "entry_points.txt").write_text("[portico.bffs]\nwhoami = host.tests.whoami_bff:create_app\n")


def _app(folder: Path, name: str) -> Path:
    folder.mkdir()
    manifest = {
        "name": f"@team/{name}",
        "version": "1.0.0",
        "entry": "entry.js",
        "routes": [{"path": f"/{name}"}],
        "bff": {"app": "host.tests.whoami_bff:create_app"},
    }
    (folder / "app.json").write_text(json.dumps(manifest))
    (folder / "entry.js").write_text("export const mount = () => () => {};")
    return folder
