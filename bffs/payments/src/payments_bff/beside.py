"""The sandbox as a process of its own beside the service, for `portico up --split --demo`."""

from collections.abc import Mapping

from payments_bff.demo import ledger_url
from portico.serving import SandboxProcess


def sandbox(settings: Mapping[str, str], port: int, secret: str) -> SandboxProcess | None:
    """How the sandbox is run at a loopback port, and how the service finds it; None where a provider is named."""
    if settings.get("PAYMENTS_URL", "").strip():
        return None
    return SandboxProcess(
        module="payments_bff.sandbox",
        arguments=("--port", str(port), "--database", ledger_url(settings["DATABASE_URL"])),
        environment={"SANDBOX_API_KEY": secret},
        settings={"PAYMENTS_URL": f"http://127.0.0.1:{port}", "PAYMENTS_API_KEY": secret},
    )
