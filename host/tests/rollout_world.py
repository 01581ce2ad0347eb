"""A real host with a small app in two versions, a BFF for each, and people: what a rollout is seen from."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from host.tests.real_servers import free_ports, serving
from portico.host.app import create_app
from portico.host.config import HostConfig, ProviderConfig
from portico.host.prepare import open_manifest, prepare
from portico.host.provider import DEV_PROVIDER_PATH
from portico.host.session import MIGRATIONS, Person, Seal, Sessions, SessionSettings, TokenSet, create_sign_in
from portico.manifest import LIVE, ChannelRevision, DeployToken, Manifest, Release, UnpackedApp
from portico.sql import open_database

OPERATOR = DeployToken.operator("the test")
OURS = {"X-Portico": "1", "Sec-Fetch-Site": "same-origin"}
SHOP = """import {{ user }} from '@portico/sdk';
export async function mount({{ domElement, portico }}) {{
  const heading = document.createElement('h1');
  heading.textContent = 'Shop {version}';
  domElement.append(heading);
  if (!user()) return;
  const bff = document.createElement('output');
  bff.textContent = `BFF ${{(await portico.api.get('/version')).version}}`;
  domElement.append(bff);
}}
export async function unmount({{ domElement }}) {{ domElement.replaceChildren(); }}
"""


@dataclass
class RolloutWorld:
    """The host at `url`, its manifest, and the sessions of its people."""

    config: HostConfig
    manifest: Manifest
    sessions: Sessions
    folder: Path
    bffs: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.config.base_url

    async def publish(self, files: Mapping[str, object]) -> Release:
        """A release of these files; `app.json` among them may be an object."""
        folder = self.folder / f"release-{time.monotonic_ns()}"
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(_bytes(content))
        release, _ = await self.manifest.publish(UnpackedApp.of_folder(folder), by=OPERATOR)
        return release

    async def promote(self, release: Release, weight: int = 100) -> ChannelRevision:
        base = (await self.manifest.revision(LIVE)).number
        return await self.manifest.promote(release.app, release.digest, base=base, by=OPERATOR, weight=weight)

    async def shop(self, version: str, **members: object) -> Release:
        """The shop in a version: its page says which, and which its BFF is."""
        return await self.publish(
            {
                "app.json": {
                    "name": "@team/shop",
                    "version": f"{version}.0.0",
                    "entry": f"shop-{version}.js",
                    "routes": [{"path": "/", "access": "public", "title": "Shop"}],
                    "offline": {},
                    "bff": {"url": self.bffs["1"]},
                    **members,
                },
                f"shop-{version}.js": SHOP.format(version=version),
            }
        )

    async def cookie(self, sub: str, *roles: str) -> str:
        """The secret of a new session of somebody's."""
        secret, _ = await self.sessions.create(
            Person(sub=sub, name=sub.title(), roles=roles), TokenSet(access_token="a", id_token="i")
        )
        return secret

    @asynccontextmanager
    async def browser(self, secret: str | None = None) -> AsyncIterator[Visitor]:
        cookies = {} if secret is None else {"portico": secret}
        async with httpx.AsyncClient(base_url=self.url, headers=OURS, cookies=cookies, timeout=30) as client:
            yield Visitor(client)


@dataclass
class Visitor:
    """A browser with its cookies, and what it is shown."""

    client: httpx.AsyncClient

    async def page(self, path: str = "/") -> Page:
        return Page(await self.client.get(path))

    async def bff(self, release: str | None = None) -> str:
        """The version of the BFF that answers; `release` is what an open page says that it has."""
        headers = {} if release is None else {"Portico-Release": release}
        answer = await self.client.get("/api/shop/version", headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["version"])

    async def kept(self) -> str:
        """The version of the shop that a device keeps."""
        listing = (await self.client.get("/_portico/offline.json")).json()
        document = await self.client.get("/_portico/document")
        assert document.headers["portico-document"] == listing["tag"]
        [entry] = [match[1] for one in listing["assets"] if (match := re.search(r"/shop-(\d)\.js$", one["url"]))]
        assert Page(document).version == entry
        return str(entry)


@dataclass
class Page:
    """One document."""

    response: httpx.Response

    @property
    def import_map(self) -> dict[str, Any]:
        return self._json(r'<script type="importmap" nonce="[^"]+">(.*?)</script>')

    @property
    def boot(self) -> dict[str, Any]:
        return self._json(r'<script type="application/json" id="portico-apps">(.*?)</script>')

    @property
    def version(self) -> str:
        """The version of the shop: the same in the import map, the boot document and the preloads."""
        entry = self.import_map["imports"]["@team/shop"]
        assert [app["entry"] for app in self.boot["apps"] if app["app"] == "shop"] == [entry]
        others = set(re.findall(r"/a/shop/[0-9a-f]+/shop-\d\.js", self.response.text)) - {entry}
        assert not others
        found = re.search(r"/shop-(\d)\.js$", entry)
        assert found
        return found[1]

    def _json(self, pattern: str) -> dict[str, Any]:
        found = re.search(pattern, self.response.text, re.DOTALL)
        assert found, self.response.text
        document: dict[str, Any] = json.loads(found[1])
        return document


@asynccontextmanager
async def rollout_world(folder: Path, **settings: Any) -> AsyncIterator[RolloutWorld]:
    """A host with two BFFs of the shop; `settings` are more of its configuration.

    Version 1 of the BFF is where the manifests say, version 2 where the operator does.
    """
    port, *ports = free_ports(3)
    bffs = {version: f"http://127.0.0.1:{number}" for version, number in zip("12", ports, strict=True)}
    config = HostConfig(
        base_url=f"http://127.0.0.1:{port}",
        data_dir=folder / "data",
        bff_origins=frozenset(bffs.values()),
        **{"bff_urls": {"shop@2.0.0": bffs["2"]}, **settings},
    )
    async with AsyncExitStack() as stack:
        for version, number in zip(bffs, ports, strict=True):
            await stack.enter_async_context(serving(_bff(version), number))
        await prepare(config, [])
        await stack.enter_async_context(serving(create_app(config), port))
        manifest = await stack.enter_async_context(await open_manifest(config))
        database = await open_database(config.database("sessions"), migrations=MIGRATIONS)
        stack.push_async_callback(database.close)
        provider = ProviderConfig(
            issuer=f"{config.base_url}{DEV_PROVIDER_PATH}", client_id="portico", client_secret="none"
        )
        sign_in = create_sign_in(
            SessionSettings(base_url=config.base_url, provider=provider),
            database=database,
            seal=Seal.open(config.key_file("sessions")),
        )
        yield RolloutWorld(config, manifest, sign_in.sessions, folder / "releases", bffs)


def _bff(version: str) -> Starlette:
    async def answer(request: Request) -> Response:
        assert request.headers["authorization"].startswith("Bearer ")
        return JSONResponse({"version": version})

    return Starlette(routes=[Route("/version", answer)])


def _bytes(content: object) -> bytes:
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()
