"""Fulfilment, payments and the provider's double as processes around a real hub, each of which may be killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import httpx
import msgspec

from bffs.fulfilment.tests.saga_world import Step, order
from bffs.kit.tests.bff_process import ROOT, free_port
from bffs.kit.tests.store_world import NatsServer
from portico.bff import Event, NatsHub, new_id
from portico.bff.external import new_webhook_secret
from portico.bff.testing.events import told_by

KEY = "sk_test"
AMOUNT = order().total.minor


class Running:
    """One process; ``restart`` is SIGKILL and a new one at the same address."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self._environment, self._arguments = environment, arguments
        self._process: Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *self._arguments, cwd=ROOT, env=self._environment, stdout=PIPE, stderr=DEVNULL
        )
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert b"serves at" in line, line

    async def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.communicate()

    async def restart(self) -> None:
        await self.kill()
        await self.start()


class Site:
    """All of it. The test is checkout, kitchen and courier."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.nats = NatsServer(folder / "nats")
        self.hub = NatsHub(self.nats.url, name="test")
        self.orders = [new_id() for _ in range(8)]
        sandbox_port, payments_port = free_port(), free_port()
        self.sandbox_url = f"http://127.0.0.1:{sandbox_port}"
        secret = new_webhook_secret()
        base = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        common = base | settings | {"NATS_URL": self.nats.url}
        payments = {"PAYMENTS_URL": self.sandbox_url, "PAYMENTS_API_KEY": KEY, "PAYMENTS_WEBHOOK_SECRET": secret}
        self.fulfilment = Running(common | self._own("fulfilment"), "portico.bff", "serve",
                                  "fulfilment_bff:create_app", "--port", "0")  # fmt: skip
        self.payments = Running(common | self._own("payments") | payments, "portico.bff", "serve",
                                "payments_bff:create_app", "--port", str(payments_port))  # fmt: skip
        self.sandbox = Running(
            base | {"SANDBOX_API_KEY": KEY, "SANDBOX_WEBHOOK_SECRET": secret}, "payments_bff.sandbox",
            "--port", str(sandbox_port), "--database", f"sqlite:///{folder}/ledger.db",
            "--webhook-url", f"http://127.0.0.1:{payments_port}/webhooks/provider",
        )  # fmt: skip

    def _own(self, app: str) -> dict[str, str]:
        return {"PORTICO_APP": app, "DATABASE_URL": f"sqlite:///{self.folder}/{app}.db"}

    async def say(self, service: str, type_: str, entity: msgspec.Struct, order_id: str) -> None:
        """Tell an event as a service does: again, until the hub has it."""
        message = told_by(service, Event(type_, order_id, entity))
        while True:
            with contextlib.suppress(Exception):  # the hub may be the one that is killed
                return await self.hub.publish(message)
            await asyncio.sleep(0.1)

    async def submit(self) -> None:
        for id_ in self.orders:
            await self.say("checkout", "order.submitted", order(id_), id_)

    async def answer(self, service: str, type_: str, orders: list[str]) -> None:
        for id_ in orders:
            await self.say(service, type_, Step(id_), id_)

    def told(self, service: str, type_: str) -> Counter[str]:
        """How often a service told an event of each order: from its own outbox."""
        connection = apsw.Connection(f"{self.folder}/{service}.db", flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(5000)
        rows = connection.execute("SELECT partition_key FROM outbox WHERE type = ?", (type_,)).fetchall()
        connection.close()
        return Counter(str(row[0]) for row in rows)

    async def until(self, service: str, type_: str, orders: list[str]) -> None:
        """Wait until every one of these orders was told of."""
        async with asyncio.timeout(60):
            while not set(orders) <= self.told(service, type_).keys():  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.05)

    async def ledger(self) -> tuple[Counter[str], int]:
        """How many charges there are per payment, and what is with us in the end."""
        async with httpx.AsyncClient(trust_env=False, timeout=20, headers={"Authorization": f"Bearer {KEY}"}) as client:
            found = (await client.get(f"{self.sandbox_url}/ledger")).json()
        return Counter(entry["reference"] for entry in found["entries"]), found["balance"]


@contextlib.asynccontextmanager
async def site(folder: Path, settings: dict[str, str]) -> AsyncIterator[Site]:
    made = Site(folder, settings)
    await made.nats.start()
    try:
        await asyncio.gather(*(one.start() for one in (made.sandbox, made.payments, made.fulfilment)))
        yield made
    finally:
        await made.hub.close()
        await asyncio.gather(*(one.kill() for one in (made.sandbox, made.payments, made.fulfilment, made.nats)))
