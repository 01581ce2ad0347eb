"""What payments need to be told, and what they do where there is only demo data."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from starlette.applications import Starlette

from bffs.payments.tests.payments_world import Payments
from payments_bff import create_app
from payments_bff.sandbox import Ledger, Sandbox
from payments_bff.settings import PaymentsSettings
from portico.bff import SettingsError
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer

WHOLE = {"PAYMENTS_URL": "https://api.example.org", "PAYMENTS_API_KEY": "sk"}


async def test_with_demo_data_the_sandbox_is_the_provider_and_keeps_its_ledger(
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    bff_hub: InMemoryHub,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
    tmp_path: Path,
) -> None:
    settings = bff_settings | {"PORTICO_APP": "payments", "PORTICO_DEMO": "1"}
    async with Ledger.opened(f"sqlite:///{tmp_path}/test-sandbox.db") as ledger:
        for n in (1, 2):  # the second process finds what the first one left
            app = create_app(settings, keys=token_issuer.keys(), hub=bff_hub)
            async with bff_client(app) as client:
                payments = Payments(client, bff_hub, Sandbox(ledger, api_key=""))
                await payments.want("p-1")
                await payments.want(f"p-{n}")
                await payments.told("succeeded", n)
                assert len(await payments.charges()) == n


def test_a_secret_may_be_a_file_and_one_secret_may_take_over_from_another(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("whsec_b2xk whsec_bmV3\n")
    file.chmod(0o600)
    settings = PaymentsSettings.from_mapping(WHOLE | {"PAYMENTS_WEBHOOK_SECRET_FILE": str(file)})
    assert settings.webhook_secrets == ("whsec_b2xk", "whsec_bmV3")
    assert "whsec" not in repr(settings)


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"PAYMENTS_URL": ""}, "PAYMENTS_URL is not set"), ({"PAYMENTS_URL": "ftp://x"}, "must be an http"),
     ({"PAYMENTS_API_KEY": ""}, "PAYMENTS_API_KEY is not set"),
     ({"PAYMENTS_WEBHOOK_SECRET_FILE": "/nowhere"}, "PAYMENTS_WEBHOOK_SECRET_FILE: /nowhere cannot be read")],
)  # fmt: skip
def test_what_is_missing_is_said(changed: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        PaymentsSettings.from_mapping(WHOLE | changed)
