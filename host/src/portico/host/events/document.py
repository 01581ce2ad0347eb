"""The AsyncAPI document of a service, as it says itself: installed here, or running somewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

import httpx

from portico.host.errors import EventsRefused
from portico.host.gateway.mounted import ENTRY_POINT_GROUP

_SETTINGS = {
    "PORTICO_ISSUER": "https://issuer.invalid",
    "PORTICO_JWKS_URL": "https://issuer.invalid/jwks.json",
    "DATABASE_URL": "sqlite:///nowhere.db",
    "PORTICO_DEMO": "1",
}
"""Enough to make an application. It is never started: nothing of this is opened or asked."""
_PATH = "/asyncapi.json"


def installed_document(service: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Ask the service that is installed under this name. Raises ``EventsRefused``."""
    points = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
    if service not in points:
        known = ", ".join(sorted(points)) or "none"
        raise EventsRefused(f"There is no service {service!r} installed here (installed: {known}).")
    try:
        app = points[service].load()({**environment, **_SETTINGS, "PORTICO_APP": service})
    except Exception as error:
        raise EventsRefused(f"The service {service!r} cannot be made: {error}") from error
    return asyncio.run(_asked(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")))


def running_document(url: str) -> dict[str, Any]:
    """Ask the service that runs at ``url``. Raises ``EventsRefused``."""
    return asyncio.run(_asked(httpx.AsyncClient(base_url=url.rstrip("/"), timeout=30)))


async def _asked(client: httpx.AsyncClient) -> dict[str, Any]:
    async with client:
        try:
            response = await client.get(_PATH)
            document = response.json() if response.is_success else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise EventsRefused(f"{client.base_url} does not answer as a service: {error}") from error
    if not isinstance(document, dict) or "asyncapi" not in document:
        raise EventsRefused(
            f"{client.base_url} has no {_PATH} (status {response.status_code}); has the service a store?"
        )
    return document
