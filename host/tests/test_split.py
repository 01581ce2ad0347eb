"""`portico up --split` with real processes: any order, kill -9 of each and of the one that keeps them, one Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from host.tests.split_site import PORTICO, SplitSite, person, split_site, until
from host.tests.token_site import TokenSite
from portico.lake.config import LakeConfig
from portico.lake.query import query

pytestmark = pytest.mark.timeout(300)  # five processes start, and each of them a second time
NAMES = ("host", "sign-in", "notes", "lake", "hub")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[SplitSite]:
    async with split_site(tmp_path) as found:
        yield found


def status(site: SplitSite, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(PORTICO), "status", "--data-dir", str(site.data_dir), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


async def write(ada: TokenSite, note: str, text: str) -> httpx2.Response:
    headers = {"Idempotency-Key": f"{note}-{text}-0123456789", "Origin": ada.url}
    return await _answer(
        ada.person.build_request("PUT", _address(ada, note), json={"text": text}, headers=headers), ada
    )


async def read(ada: TokenSite, note: str) -> str:
    answer = await _answer(ada.person.build_request("GET", _address(ada, note)), ada)
    return str(answer.json()["text"]) if answer.status_code == 200 else f"{answer.status_code} {answer.text}"


def _address(ada: TokenSite, note: str) -> str:
    return f"{ada.url}/api/notes/notes/{note}"


async def _answer(request: httpx2.Request, ada: TokenSite) -> httpx2.Response:
    """The answer, asked for again as the gateway says: on a busy machine who has just come back is slow to connect."""
    async with asyncio.timeout(60):
        while (answer := await ada.person.send(request)).status_code == 503:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(float(answer.headers["Retry-After"]))
    return answer


def kept(site: SplitSite) -> list[str]:
    """The notes whose events are in the lake."""
    lake = LakeConfig.from_environment({}, site.data_dir).lake()
    return [str(subject) for (subject,) in query(lake, "select subject from events order by 1").rows]


def runner(site: SplitSite, *names: str) -> tuple[str, ...]:
    """The command that starts those in this order, each when the one before it answers."""
    arguments = (str(site.data_dir), str(site.port), str(site.people), ",".join(names))
    return sys.executable, "-m", "host.tests.split_runner", *arguments


async def test_any_order_will_do_and_nothing_is_left_of_one_whose_supervisor_was_killed(site: SplitSite) -> None:
    site.start(*runner(site, "lake", "notes", "host", "sign-in", "hub"))
    await site.started()
    assert site.state is not None
    assert [one.name for one in site.state.processes] == ["lake", "notes", "host", "sign-in", "hub"]
    assert sum(one.restarts for one in site.state.processes) == 0, site.log
    ports = {name: site.of(name).port for name in NAMES}
    _each_is_told_its_own_settings_alone(site)
    async with person(site) as ada:
        assert (await write(ada, "first", "hello")).status_code == 200
        await until(lambda: kept(site) == ["first"], "the event is in the lake")
        # A halted one would hear of no other signal than the one that ends it.
        os.kill(site.of("hub").pid or 0, signal.SIGSTOP)
        assert len(site.left()) >= len(NAMES)
        await site.end(signal.SIGKILL)
        await until(lambda: not site.left(), "all are gone")
        assert status(site).returncode == 1
        site.start(*runner(site, "sign-in", "hub", "notes", "lake", "host"))
        await site.started()
        assert {name: site.of(name).port for name in NAMES} == ports
        # Everything is where it was, and nobody has to sign in again.
        assert await read(ada, "first") == "hello"
        assert (await write(ada, "second", "hello")).status_code == 200
    await until(lambda: kept(site) == ["first", "second"], "both events are in the lake")
    assert site.log.count(f"Portico is running at {site.url}") == site.log.count("All 5 processes run") == 2
    assert await site.end(signal.SIGTERM) == 0
    assert not (site.data_dir / "run.json").exists()


def _each_is_told_its_own_settings_alone(site: SplitSite) -> None:
    told = {name: site.environment_of(name) for name in NAMES}
    assert [name for name in NAMES if "NOTES_COLOUR" in told[name]] == ["notes"]
    assert [name for name in NAMES if "OIDC_CLIENT_SECRET" in told[name]] == ["host", "sign-in"]
    assert (site.data_dir / "run/processes.json").stat().st_mode & 0o077 == 0


async def test_whoever_is_killed_is_back_and_who_dies_at_once_is_in_nobodys_way(tmp_path: Path) -> None:
    async with split_site(tmp_path, services="notes broken") as site:
        site.start()
        await site.started(without=["broken"])
        async with person(site) as ada:
            assert (await write(ada, "before", "hello")).status_code == 200
            for number, name in enumerate(NAMES):
                await _killed(site, name)
                assert await read(ada, "before") == "hello", name
                assert (await write(ada, f"after-{number}", name)).status_code == 200, name
        await until(lambda: len(kept(site)) == 1 + len(NAMES), "every event is in the lake")
        assert "notes   | was ended by SIGKILL; starts again in 0.1 s" in site.log
        await _broken_waits(site)
        assert await site.end(signal.SIGINT) == 0
        assert site.left() == []
        assert status(site).returncode == 1


async def _broken_waits(site: SplitSite) -> None:
    """It waits longer each time; its state and the log say why."""
    await until(lambda: site.of("broken").restarts >= 3 and site.of("broken").state == "waiting", "it waits")
    told = status(site)
    assert told.returncode == 1
    assert "ended with code 2" in told.stdout
    listed = {one["name"]: one for one in json.loads(status(site, "--json").stdout)["processes"]}
    assert listed["notes"]["state"] == "running"
    found = [line for line in site.log.splitlines() if line.startswith("broken  | ended")]
    assert found[:3] == [f"broken  | ended with code 2; starts again in {pause} s" for pause in ("0.1", "0.2", "0.4")]
    assert "broken  | There is no module 'host.tests.no_such_module' here" in site.log


async def _killed(site: SplitSite, name: str) -> None:
    """Kill it, and wait until it is back; it is what it was, and the others have not noticed."""
    assert site.state is not None
    before = {one.name: one for one in site.state.processes}
    pid = before[name].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: site.of(name).restarts == 1 and site.of(name).state == "running", f"{name} is back")
    after = {one.name: one for one in site.state.processes}
    assert after[name].port == before[name].port
    assert {one: after[one].pid for one in NAMES if one != name} == {
        one: before[one].pid for one in NAMES if one != name
    }
