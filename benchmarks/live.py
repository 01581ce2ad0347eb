"""Thousands of live streams to one host: what each costs, how soon news arrives, and all coming back at once."""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.host_world import host
from benchmarks.measure import Scale
from benchmarks.processes import ROOT, Server, serving
from benchmarks.table import Table
from portico.host.config import HostConfig, ProviderConfig
from portico.host.nats import NatsServer
from portico.host.push import MIGRATIONS as PUSH_MIGRATIONS
from portico.host.session import MIGRATIONS, Person, Seal, Sessions, SessionSettings, TokenSet
from portico.serving import check_port
from portico.sql import open_database

STREAMS = 5000
PEOPLE = 500
PER_SECOND = 2.0
SECONDS = 10.0
MISSED = 5
_LIMIT_S = 120


async def run(scale: Scale, folder: Path) -> Table:
    """Measure the floor, then the host; each alone on the machine."""
    _raise_open_files()
    port = check_port("127.0.0.1", 0)
    url = f"http://127.0.0.1:{port}"
    floor_app = serving("benchmarks.serve", "benchmarks.live_floor:create_app", str(port), url=url, environment={})
    async with floor_app as server:
        floor = await _measure(server, ["a=b"] * STREAMS, "", scale)
    port = check_port("127.0.0.1", 0)
    data_dir = folder / "data"
    cookies = await _signed_in(HostConfig(base_url=f"http://127.0.0.1:{port}", data_dir=data_dir))
    hub = NatsServer(folder / "nats")
    nats_url = await hub.start()
    try:
        async with host(data_dir, port, [], nats_url=nats_url) as server:
            found = await _measure(server, cookies, nats_url, scale)
    finally:
        await hub.stop()
    return Table(
        f"Live streams: {STREAMS} SSE connections to one host process",
        ("", "host", "floor", "times floor", "goal"),
        _rows(found, floor),
        [
            "The floor is Starlette on the same server with a queue per connection, no sessions, hub or resume; for "
            "one person's news, it is a consumer of the hub's stream in the load generator: no host at all.",
            f"News for one person: {PEOPLE} are told something {PER_SECOND:g} times a second for {SECONDS:g} s; from "
            "publishing at the hub (which makes each durable) to the arrival.",
            f"The storm: all leave, {MISSED} messages are published, all connect at once with their cursors; until the "
            "last has all of them, each once and in order. An error ends the run.",
        ],
    )


def _rows(found: dict[str, Any], floor: dict[str, Any]) -> list[list[str]]:
    all_ms, floor_ms = statistics.median(found["to_all_ms"]), statistics.median(floor["to_all_ms"])
    each, direct = found["each_ms"], found["direct_ms"]
    return [
        ["memory per connection, kB", *_beside(found["kb"], floor["kb"]), "50"],
        [f"one message to the last of {STREAMS}, ms", *_beside(all_ms, floor_ms), "250"],
        ["the same, worst round, ms", *_beside(max(found["to_all_ms"]), max(floor["to_all_ms"])), ""],
        ["CPU per stream of that, µs", *_beside(found["cpu_us"], floor["cpu_us"]), ""],
        ["news for one person, median, ms", *_beside(each[0], direct[0]), ""],
        ["news for one person, p99, ms", *_beside(each[1], direct[1]), "150"],
        ["news for one person, worst, ms", *_beside(each[2], direct[2]), ""],
        ["what the host adds to it, p99, ms", f"{found['added_ms'][1]:.1f}", "", "", ""],
        ["CPU per news, µs", f"{found['each_cpu_us']:.0f}", "", "", ""],
        ["reconnect storm, s", " and ".join(f"{seconds:.1f}" for seconds in found["storm_s"]), "", "", "no error"],
        ["CPU per reconnect, µs", f"{found['storm_cpu_us']:.0f}", "", "", ""],
    ]


def _beside(value: float, floor: float) -> tuple[str, str, str]:
    return f"{value:.1f}", f"{floor:.1f}", f"{value / floor:.2f}"


async def _measure(server: Server, cookies: list[str], nats_url: str, scale: Scale) -> dict[str, Any]:
    """Run the load generator in its own process; what it found."""
    plan = {
        "url": server.url,
        "pid": server.pid,
        "cookies": cookies,
        "nats": nats_url,
        "rounds": scale.rounds,
        "each": {"people": PEOPLE, "per_second": PER_SECOND, "seconds": SECONDS} if nats_url else None,
        "missed": MISSED,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.live_load", cwd=ROOT, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_LIMIT_S):
            out, said = await process.communicate(json.dumps(plan).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"the load generator failed:\n{said.decode()}")
    figures: dict[str, Any] = json.loads(out)
    return figures


async def _signed_in(config: HostConfig) -> list[str]:
    """A session for each stream, every one a person of their own, all of one tenant; the values of their cookies."""
    config.data_dir.mkdir(parents=True, mode=0o700)
    provider = ProviderConfig(issuer=f"{config.base_url}/dev-idp", client_id="portico", client_secret="none")
    database = await open_database(config.database("sessions"), migrations=[*MIGRATIONS, *PUSH_MIGRATIONS])
    sessions = Sessions(
        database,
        settings=SessionSettings(base_url=config.base_url, provider=provider),
        seal=Seal.open(config.key_file("sessions")),
        clock=time.time,
    )
    people = [Person(sub=f"person-{number}", name="Someone", tenant="everybody") for number in range(STREAMS)]
    made = await asyncio.gather(*(sessions.create(person, TokenSet("none", "none")) for person in people))
    await database.close()
    return [f"portico={secret}" for secret, _ in made]


def _raise_open_files() -> None:
    """As many open files as the system allows; child processes inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
