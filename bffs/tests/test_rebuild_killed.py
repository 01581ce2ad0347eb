"""A service dies by SIGKILL while it builds a view anew from the lake; the next process ends what it began."""

import asyncio
import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import apsw
import msgspec
import nats
import pytest

from bffs.kit.tests.bff_process import ROOT, free_port
from bffs.kit.tests.issuer_server import published_keys
from bffs.kit.tests.store_world import nats_server
from bffs.tests.saga_processes import Running
from portico.bff import Event, NatsHub
from portico.bff.nats_stream import STREAM
from portico.bff.testing.events import told_by
from portico.bff.testing.tokens import TokenIssuer
from portico.lake.config import LakeConfig
from portico.lake.keeper import Keeper

ORDERS = 3000
PLACED = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Told(msgspec.Struct, frozen=True, rename="camel"):
    """What checkout tells of an order, as far as tracking reads it."""

    id: str
    customer: str
    restaurant_name: str
    placed_at: datetime


async def fill(servers: str, lake: LakeConfig) -> None:
    """Have the lake keep many orders that the hub then drops."""
    hub = NatsHub(servers)
    for first in range(0, ORDERS, 500):
        orders = [Told(f"o-{n}", f"person-{n % 7}", "Trattoria", PLACED) for n in range(first, first + 500)]
        assert await hub.publish_batch([told_by("checkout", Event("order.submitted", one.id, one)) for one in orders])
    await hub.close()
    async with lake.opened() as (opened, keys):
        keeper = Keeper(opened, keys, lake.read_schemas(), servers, linger=0.02)
        keeper.start()
        async with asyncio.timeout(60):
            while sum(one.rows for one in opened.snapshot.files.values()) < ORDERS:  # noqa: ASYNC110 (threads)
                await asyncio.sleep(0.05)
        await keeper.stop()
    client = await nats.connect(servers)
    assert await client.jetstream().purge_stream(STREAM)
    await client.close()


async def portico(*arguments: str, token: str) -> tuple[int | None, str, str]:
    """Run `portico rebuild` as an operator."""
    environment = {**os.environ, "PORTICO_OPERATOR_TOKEN": token}
    command = Path(sys.executable).with_name("portico")
    process = await asyncio.create_subprocess_exec(
        command, "rebuild", *arguments, cwd=ROOT, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, said = await process.communicate()
    return process.returncode, out.decode().strip(), said.decode()


def rows(database: Path, sql: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(5000)
    try:
        return list(connection.execute(sql))
    finally:
        connection.close()


@pytest.mark.timeout(300)  # it waits for the lease of the dead, and starts many processes
async def test_what_one_process_began_another_ends(
    tmp_path: Path, bff_settings: dict[str, str], token_issuer: TokenIssuer
) -> None:
    lake = LakeConfig(place=str(tmp_path / "lake"), keys=f"sqlite:///{tmp_path}/keys.db")
    database, port = tmp_path / "tracking.db", free_port()
    token, url = token_issuer.token("grace", roles=("operator",)), f"http://127.0.0.1:{port}"
    async with nats_server(tmp_path / "nats") as server:
        with published_keys(token_issuer) as keys_url:
            await fill(server.url, lake)
            settings = {
                **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                **bff_settings, "PORTICO_APP": "tracking", "PORTICO_JWKS_URL": keys_url, "NATS_URL": server.url,
                "DATABASE_URL": f"sqlite:///{database}", "PORTICO_LAKE": lake.place, "PORTICO_LAKE_KEYS": lake.keys,
            }  # fmt: skip
            service = Running(settings, "portico.bff", "serve", "tracking_bff:create_app", "--port", str(port))
            await service.start()
            server.signal(signal.SIGSTOP)  # a rebuild ends with what the hub has: this one cannot, until it may
            try:
                code, rebuild, said = await portico("start", "deliveries", "--url", url, token=token)
                assert code == 0, said
                half = "SELECT 1 FROM entities WHERE discriminator LIKE 'delivery~%' LIMIT 1"
                async with asyncio.timeout(60):
                    while not rows(database, half):  # noqa: ASYNC110 (another process writes)
                        await asyncio.sleep(0.005)
                await service.kill()
                state = rows(database, "SELECT state FROM rebuilds")
                assert state == [("running",)], "it was to die in the middle"
                assert rows(database, "SELECT 1 FROM entities WHERE discriminator = 'delivery'") == []
                await service.start()
                again = await portico("start", "deliveries", "--url", url, token=token)
                assert again[0] != 0
                assert "is being built anew already" in again[2]
                server.signal(signal.SIGCONT)
                async with asyncio.timeout(90):
                    while (shown := await show(rebuild, url, token))["endedAt"] is None:  # noqa: ASYNC110 (as above)
                        await asyncio.sleep(0.2)
                assert (shown["state"], shown["error"]) == ("done", "")
            finally:
                await service.kill()
    assert rows(database, "SELECT count(*), count(DISTINCT pk) FROM entities WHERE discriminator = 'delivery'") == [
        (ORDERS, ORDERS)
    ]
    assert rows(database, "SELECT 1 FROM entities WHERE discriminator LIKE 'delivery~%'") == []
    assert rows(database, "SELECT rule, count(*) FROM inbox GROUP BY rule") == [("delivery", ORDERS)]


async def show(rebuild: str, url: str, token: str) -> dict[str, object]:
    code, out, said = await portico("show", rebuild, "--url", url, "--json", token=token)
    assert code == 0, said
    found: dict[str, object] = json.loads(out)
    return found
