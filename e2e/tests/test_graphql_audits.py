"""Every GraphQL endpoint of the reference deployment, asked through the gateway, is what GraphQL over HTTP says."""

from __future__ import annotations

import asyncio
import os
from asyncio import TaskGroup, to_thread
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

from bffs.kit.tests.bff_process import serving
from bffs.kit.tests.graphql_audits import check_audits
from e2e.attacks.person import API, SESSION_COOKIE, Person
from e2e.stack import Stack, free_port

APPS = ("checkout", "kitchen", "courier", "tracking")


def settings(stack: Stack, app: str, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PORTICO_APP": app,
        "PORTICO_ISSUER": stack.url,
        "PORTICO_JWKS_URL": f"{stack.url}/.well-known/jwks.json",
        "DATABASE_URL": f"sqlite:///{folder}/{app}.db",
        "PORTICO_INTROSPECTION": "1",  # some audits send introspection queries
    }


def test_every_endpoint_passes_every_audit_through_the_gateway(tmp_path: Path) -> None:
    """In a thread of its own: where Playwright has run, this one has an event loop already."""
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(asyncio.run, audits_of_all(tmp_path)).result()


async def audits_of_all(tmp_path: Path) -> None:
    ports = {app: free_port() for app in APPS}
    urls = " ".join(f"{app}=http://127.0.0.1:{port}" for app, port in ports.items())
    stack = Stack(tmp_path / "portico", environment={"PORTICO_BFF_URLS": urls})
    async with AsyncExitStack() as running:
        for app, port in ports.items():
            bff = serving(settings(stack, app, tmp_path), f"{app}_bff:create_app", port=port)
            await running.enter_async_context(bff)
        running.callback(stack.stop)
        await to_thread(stack.start)
        person = Person(stack.url).sign_in("ada")
        running.callback(person.close)
        headers = {**API, "Cookie": f"{SESSION_COOKIE}={person.cookie}"}
        async with TaskGroup() as audits:
            for app in APPS:
                answer = person.api(f"/{app}/graphql?query=%7B__typename%7D")
                assert answer.json() == {"data": {"__typename": "Query"}}, f"{app}: {answer.status_code} {answer.text}"
                audits.create_task(check_audits(f"{stack.url}/api/{app}/graphql", headers))
