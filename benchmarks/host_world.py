"""A whole host in its own process, with apps deployed into it and a person signed in."""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec

from benchmarks.processes import Server, serving
from portico.host.config import HostConfig, ProviderConfig
from portico.host.prepare import prepare
from portico.host.session import Seal, SessionSettings
from portico.host.session.person import Person, TokenSet
from portico.host.session.sessions import Sessions
from portico.host.sessions_database import open_sessions

HEADERS = {"X-Portico": "1", "Sec-Fetch-Site": "same-origin"}
"""What the sdk and a browser add to each call of the API."""


@asynccontextmanager
async def host(
    data_dir: Path,
    port: int,
    apps: Sequence[Path],
    *,
    bff_urls: Mapping[str, str] | None = None,
    path: Sequence[Path] = (),
    nats_url: str = "",
) -> AsyncIterator[Server]:
    """A host with `apps` deployed, at `port`; `bff_urls` are BFFs in processes of their own."""
    config = HostConfig(base_url=f"http://127.0.0.1:{port}", data_dir=data_dir)
    await prepare(config, apps)
    environment = {
        "PORTICO_BASE_URL": config.base_url,
        "PORTICO_DATA_DIR": str(data_dir),
        "PORTICO_BFF_URLS": " ".join(f"{app}={url}" for app, url in (bff_urls or {}).items()),
        "NATS_URL": nats_url,
        "OIDC_ISSUER": "",
        "PORTICO_RATE_PERSON": "0",
        "PORTICO_RATE_ADDRESS": "0",
        "PORTICO_RATE_SIGN_IN": "0",
        "PORTICO_DEVELOPMENT": "1",
    }
    arguments = ("benchmarks.serve", "portico.host.asgi:create", str(port))
    async with serving(*arguments, url=config.base_url, environment=environment, path=path, probe="/readyz") as server:
        yield server


async def sign_in(base_url: str, sub: str) -> str:
    """Sign a person in through the development provider; the value of a Cookie header."""
    async with httpx.AsyncClient(
        base_url=base_url, headers=HEADERS, follow_redirects=True, trust_env=False, timeout=30
    ) as person:
        page = await person.get("/auth/sign-in")
        found = re.search(r'name="request" value="([^"]*)"', page.text)
        if found is None:
            raise RuntimeError(f"the provider did not ask who it is: {page.status_code} {page.text[:300]}")
        await person.post("/dev-idp/pick", data={"request": html.unescape(found[1]), "sub": sub})
        return f"portico={person.cookies['portico']}"


async def fresh_sessions(data_dir: Path, base_url: str, count: int) -> list[str]:
    """As many sessions at a host with its development provider, each another person's; values of a Cookie header."""
    config = HostConfig(base_url=base_url, data_dir=data_dir)
    provider = ProviderConfig(issuer=f"{base_url}/dev-idp", client_id="portico", client_secret="unused")
    database = await open_sessions(config.sessions_database_url)
    sessions = Sessions(
        database,
        settings=SessionSettings(base_url=base_url, provider=provider),
        seal=Seal.open(config.key_file("sessions")),
        clock=time.time,
    )
    tokens = TokenSet(access_token="unused", id_token="unused")
    people = [Person(sub=f"person-{number}", name=f"Person {number}") for number in range(count)]
    created = await asyncio.gather(*(sessions.create(person, tokens) for person in people))
    await database.close()
    return [f"portico={secret}" for secret, _ in created]


def build_app(folder: Path, name: str, **manifest: object) -> Path:
    """A built app in `folder`: a manifest and a small entry module."""
    folder.mkdir(parents=True)
    entry = f"{name.partition('/')[2]}.js"
    document = {"name": name, "version": "1.0.0", "entry": entry, **manifest}
    (folder / "app.json").write_bytes(msgspec.json.encode(document))
    (folder / entry).write_text(
        f"export const bootstrap = async () => {{}};\nexport const mount = async () => {name!r};\n"
        "export const unmount = async () => {};\n"
    )
    return folder


def install_bff(folder: Path, target: str) -> Path:
    """A folder that, on the import path, makes `target` an installed BFF: hosts mount nothing else."""
    about = folder / "portico_benchmarks-0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: portico-benchmarks\nVersion: 0\n")
    (about / "entry_points.txt").write_text(f"[portico.bffs]\nlisting = {target}\n")
    return folder
