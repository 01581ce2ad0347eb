"""A provider for demonstrations: the sandbox, over real HTTP on this machine alone."""

import contextlib
import logging
import secrets
from collections.abc import AsyncIterator

from payments_bff.provider import Provider
from payments_bff.sandbox import Ledger, Sandbox, sandbox_server
from portico.bff import BffSettings, Parts
from portico.bff.external import ExternalService
from portico.bff.metrics import Meters
from portico.secrets import Secret

_log = logging.getLogger("payments_bff.demo")


@contextlib.asynccontextmanager
async def demo_provider(parts: Parts) -> AsyncIterator[Provider]:
    """Part of the application: the sandbox with its own ledger beside the service's database, and a way to it."""
    key = Secret(secrets.token_urlsafe())
    async with (
        Ledger.opened(ledger_url(parts.get(BffSettings).database_url)) as ledger,
        sandbox_server(Sandbox(ledger, api_key=key)) as url,
    ):
        _log.info("the payment provider is a sandbox at %s", url)
        service = ExternalService("the payment sandbox", url, secret=key)
        parts.get(Meters).circuit(service.name, lambda: service.breaker.state)
        try:
            yield Provider(service)
        finally:
            await service.close()


def ledger_url(database_url: str) -> str:
    """A file beside the service's; where that is on a server, tables of its own in the same database."""
    if database_url.startswith("sqlite:"):
        return f"{database_url.removesuffix('.db')}-sandbox.db"
    return database_url
