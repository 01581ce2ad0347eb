from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from starlette.applications import Starlette

from bffs.payments.tests.payments_world import API_KEY, SECRET, Payments, forwarding
from payments_bff import create_app
from payments_bff.sandbox import Ledger, Sandbox, sandbox_server
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer


@pytest.fixture
async def payments(
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    bff_hub: InMemoryHub,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
    tmp_path: Path,
) -> AsyncIterator[Payments]:
    """The service and its provider's double, which call each other over real HTTP."""
    async with forwarding() as door, Ledger.opened(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        sandbox = Sandbox(ledger, api_key=API_KEY, webhook_url=f"{door.url}/webhooks/provider", webhook_secret=SECRET)
        async with sandbox_server(sandbox) as url:
            own = {"PORTICO_APP": "payments", "PAYMENTS_URL": url, "PAYMENTS_API_KEY": API_KEY,
                   "PAYMENTS_WEBHOOK_SECRET": SECRET}  # fmt: skip
            app = create_app(bff_settings | own, keys=token_issuer.keys(), hub=bff_hub)
            async with bff_client(app) as client:
                door.client = client
                yield Payments(client, bff_hub, sandbox)
