"""Runs the sandbox, within a process or as one."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import click
from aiohttp import web

from payments_bff.sandbox.ledger import Ledger
from payments_bff.sandbox.sandbox import Sandbox


@contextlib.asynccontextmanager
async def sandbox_server(sandbox: Sandbox, *, port: int = 0) -> AsyncIterator[str]:
    """Serve a sandbox on the loopback address for as long as the block runs; gives its URL."""
    runner = web.AppRunner(sandbox.application(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@click.command()
@click.option("--port", default=0, help="Loopback port; 0: a free one.")
@click.option("--database", required=True, help="Where the ledger is, as a database URL.")
@click.option("--api-key", envvar="SANDBOX_API_KEY", required=True, help="What callers say who they are with.")
@click.option("--webhook-url", default="", help="Whom to tell what became of charges.")
@click.option("--webhook-secret", envvar="SANDBOX_WEBHOOK_SECRET", default="", help="What webhooks are signed with.")
def main(port: int, database: str, api_key: str, webhook_url: str, webhook_secret: str) -> None:
    """Run the payment sandbox until SIGINT or SIGTERM, and say where."""
    asyncio.run(_serve(port, database, api_key, webhook_url, webhook_secret))


async def _serve(port: int, database: str, api_key: str, webhook_url: str, webhook_secret: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Ledger.opened(database) as ledger:
        sandbox = Sandbox(ledger, api_key=api_key, webhook_url=webhook_url, webhook_secret=webhook_secret)
        async with sandbox_server(sandbox, port=port) as url:
            click.echo(f"serves at {url}")
            await stop.wait()
