"""The supervisor with small programs of every kind, and the ports and plans that it is given."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from host.tests.real_servers import free_ports
from host.tests.split_site import until
from manifest.tests.manifest_world import release_of
from portico.host.clock import Clock
from portico.host.config import HostConfig, ProviderConfig
from portico.host.errors import ConfigurationError
from portico.host.split.environment import without_settings
from portico.host.split.plan import Site, Unit, programs, units
from portico.host.split.ports import choose_ports
from portico.host.split.process import STEADY_S
from portico.host.split.program import Program
from portico.host.split.state import ProcessState, RunState, read_state, write_state
from portico.host.split.status_cli import status
from portico.host.split.supervisor import Supervisor
from portico.manifest import Release
from portico.serving import SandboxProcess

# Programs that live until they are ended; bounded, so that none outlives for long a test that fails.
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("here", flush=True)
time.sleep(99)
"""
TALKS = r"""
import os, pathlib, time
os.write(1, b"one\ntw")
os.write(2, b"o\n\xff\n")
os.write(1, b"x" * 200000)
pathlib.Path("{done}").touch()
time.sleep(99)
"""
SERVES = """
from http.server import HTTPServer, SimpleHTTPRequestHandler
HTTPServer(("127.0.0.1", {port}), SimpleHTTPRequestHandler).serve_forever()
"""
SLEEPS = "import time; time.sleep(99)"


def program(name: str, code: str, *, port: int | None = None, last: bool = False) -> Program:
    return Program(name=name, command=(sys.executable, "-c", code), environment=os.environ, port=port, last=last)


class Run:
    """A supervisor in this process, with what it said."""

    def __init__(self, folder: Path, *given: Program, clock: Clock = time.time) -> None:
        self.said: list[tuple[str, str]] = []
        self.folder = folder
        self.running: list[str] = []
        self.supervisor = Supervisor(
            given, data_dir=folder, url="http://127.0.0.1:1", say=lambda *line: self.said.append(line),
            clock=clock, running=self.running.append,
        )  # fmt: skip

    async def started(self) -> asyncio.Task[None]:
        """Begin; returns once the state file is there."""
        task = asyncio.create_task(self.supervisor.run())
        await until(lambda: read_state(self.folder), "the state is written")
        return task

    def of(self, name: str) -> ProcessState:
        """As everybody else reads it."""
        state = read_state(self.folder)
        assert state is not None
        return next(one for one in state.processes if one.name == name)


async def test_lines_come_whole_under_their_names_and_broken_ones_are_shown(tmp_path: Path) -> None:
    done = tmp_path / "done"
    run = Run(tmp_path, program("talks", TALKS.format(done=done)))
    task = await run.started()
    await until(done.exists, "all was written: no more than a pipe holds is still to be read")
    assert run.said[:3] == [("talks", "one"), ("talks", "two"), ("talks", "\ufffd")]
    os.kill(os.getpid(), signal.SIGTERM)
    await task
    assert sum(text.count("x") for _, text in run.said) == 200_000


async def test_one_that_will_not_end_is_ended_by_the_second_signal(tmp_path: Path) -> None:
    run = Run(tmp_path, program("stays", STUBBORN), program("goes", SLEEPS, last=True))
    task = await run.started()
    await until(lambda: ("stays", "here") in run.said, "it ignores signals now")
    os.kill(os.getpid(), signal.SIGINT)
    await until(lambda: run.of("goes").state == "running" and not task.done(), "the last one still runs")
    os.kill(os.getpid(), signal.SIGINT)
    await task
    assert [run.of(name).state for name in ("stays", "goes")] == ["stopped", "stopped"]
    assert run.of("stays").pid is None


async def test_one_whose_port_is_taken_says_so_waits_and_starts_when_it_is_free(tmp_path: Path) -> None:
    [port] = free_ports(1)  # none that the system gives to somebody's connection while nobody listens on it
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        run = Run(tmp_path, program("serves", SERVES.format(port=port), port=port))
        task = await run.started()
        await until(lambda: run.of("serves").state == "waiting", "it waits")
        assert run.of("serves").why == f"cannot have port {port}: Address already in use. End the program that has it"
    await until(lambda: run.of("serves").state == "running", "it has its port")
    assert run.running == ["serves"]
    assert (run.of("serves").why, run.of("serves").port) == ("", port)
    os.kill(os.getpid(), signal.SIGTERM)
    await task


async def test_what_cannot_be_started_at_all_is_told_and_the_others_run(tmp_path: Path) -> None:
    missing = replace(program("missing", ""), command=("/no/such/program",))
    run = Run(tmp_path, missing, program("runs", SLEEPS))
    task = await run.started()
    await until(lambda: run.of("missing").restarts >= 2 and run.of("runs").state == "running", "it was tried again")
    assert run.said[0] == ("missing", "cannot be started: No such file or directory; starts again in 0.1 s")
    os.kill(os.getpid(), signal.SIGTERM)
    await task


async def test_one_that_never_answers_waits_longer_each_time_however_slow_it_fails(tmp_path: Path) -> None:
    looks = itertools.count(0, 2 * STEADY_S)  # so long passes between two looks at the clock
    failing = program("fails", "raise SystemExit(3)", port=free_ports(1)[0])
    run = Run(tmp_path, failing, clock=lambda: next(looks))
    task = await run.started()
    await until(lambda: len(run.said) >= 3, "it has failed three times")
    assert [text for _, text in run.said[:3]] == [
        f"ended with code 3; starts again in {pause} s" for pause in ("0.1", "0.2", "0.4")
    ]
    os.kill(os.getpid(), signal.SIGTERM)
    await task


def test_ports_are_free_different_below_those_of_connections_and_kept() -> None:
    first = choose_ports(["a", "b", "c"], {})
    assert len(set(first.values())) == 3
    assert all(12_000 <= port < 20_000 for port in first.values())
    assert choose_ports(["c", "b", "d"], first).items() >= {name: first[name] for name in "bc"}.items()


def test_a_known_port_that_somebody_else_has_is_told_with_its_name() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"Port {port} .* 'b' here: end .* remove run/processes.json"):
            choose_ports(["a", "b"], {"b": port})


def site(tmp_path: Path, **changes: str) -> Site:
    config = HostConfig(base_url="http://127.0.0.1:8000", data_dir=tmp_path, development=True, nats_url="nats://h",
                        service_settings=changes)  # fmt: skip
    provider = ProviderConfig(issuer="http://127.0.0.1:9/dev-idp", client_id="portico", client_secret="hush")
    return Site(config=config, provider=provider, environment=changes, address="127.0.0.1", port=8000,
                hub=["hub-server"], secret=lambda name: f"secret of {name}")  # fmt: skip


def test_a_sandbox_runs_beside_its_service_unless_that_names_the_real_thing(tmp_path: Path) -> None:
    def make(settings: Mapping[str, str], port: int, secret: str) -> SandboxProcess | None:
        if settings.get("THING_URL"):
            return None
        return SandboxProcess(module="thing_sandbox", arguments=("--port", str(port)), environment={"KEY": secret},
                              settings={"THING_URL": f"http://127.0.0.1:{port}"})  # fmt: skip

    bffs = [Unit(route="thing", app="thing", import_path="thing_bff:create_app")]
    ports = {"thing": 1, "thing-sandbox": 2, "sign-in": 3, "hub": 4}
    planned = {one.name: one for one in programs(site(tmp_path), bffs, ports, {"thing": make})}
    assert planned["thing-sandbox"].command[1:] == ("-m", "thing_sandbox", "--port", "2")
    assert planned["thing-sandbox"].environment["KEY"] == "secret of thing-sandbox"
    assert planned["thing"].environment["THING_URL"] == "http://127.0.0.1:2"
    assert planned["host"].environment["PORTICO_BFF_URLS"] == "thing=http://127.0.0.1:1"
    assert "hush" not in repr(planned)
    real = {one.name for one in programs(site(tmp_path, THING_URL="https://thing"), bffs, ports, {"thing": make})}
    assert real == {"host", "sign-in", "thing", "lake", "hub"}


def test_what_the_operator_routes_elsewhere_gets_no_process() -> None:
    services = {"near": "near_bff:create_app", "far": "far_bff:create_app"}
    assert [one.route for one in units([], services, {"far": "http://10.0.0.1"})] == ["near"]


def test_versions_side_by_side_with_bffs_of_their_own_get_processes_of_their_own() -> None:
    live = [release("one", "1.0.0", "old:create_app"), release("one", "2.0.0", "new:create_app"),
            release("two", "1.0.0", "two:create_app"), release("two", "2.0.0", "two:create_app"),
            release("page", "1.0.0", None)]  # fmt: skip
    found = units(live, {"one": "one:create_app", "maker": "maker:create_app"}, {})
    assert [(one.route, one.app, one.import_path) for one in found] == [
        ("maker", "maker", "maker:create_app"),
        ("one@1.0.0", "one", "old:create_app"),
        ("one@2.0.0", "one", "new:create_app"),
        ("two", "two", "two:create_app"),
    ]


def release(app: str, version: str, bff: str | None) -> Release:
    manifest = {"name": f"@team/{app}", "version": version, "entry": "entry.js", "routes": [{"path": f"/{app}"}],
                **({} if bff is None else {"bff": {"app": bff}})}  # fmt: skip
    return release_of({"app.json": json.dumps(manifest).encode(), "entry.js": b"export const mount = 1;"})


def test_a_process_has_no_setting_of_the_platform_or_of_others() -> None:
    environment = {"PATH": "/bin", "PORTICO_TOKEN": "a", "NATS_URL": "b", "OIDC_CLIENT_SECRET": "c", "THING_KEY": "d",
                   "OTHER_KEY": "e", "AWS_REGION": "f"}  # fmt: skip
    assert without_settings(environment, ["thing", "other"]) == {
        "PATH": "/bin", "AWS_REGION": "f", "PYTHONUNBUFFERED": "1"
    }  # fmt: skip


@pytest.mark.parametrize(("second", "code"), [("running", 0), ("waiting", 1), ("starting", 1)])
def test_status_is_well_when_all_run(tmp_path: Path, second: str, code: int) -> None:
    processes = (
        ProcessState("first", 7, "running", time.time() - 90, pid=11, restarts=2),
        ProcessState("second", None, second, time.time(), why="was ended by SIGKILL"),  # type: ignore[arg-type]
    )
    write_state(tmp_path, RunState(os.getpid(), "http://127.0.0.1:7", time.time(), processes))
    done = CliRunner().invoke(status, ["--data-dir", str(tmp_path)])
    assert done.exit_code == code
    lines = [line.split() for line in done.output.splitlines()]
    assert lines[1:3] == [["process", "state", "pid", "restarts", "port", "for"],
                          ["first", "running", "11", "2", "7", "2", "min"]]  # fmt: skip
    assert lines[3][:2] == ["second", second]
    assert CliRunner().invoke(status, ["--data-dir", str(tmp_path), "--json"]).exit_code == code


def test_status_of_a_supervisor_that_is_gone_of_another_file_and_of_none(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    write_state(tmp_path, RunState(gone.pid, "http://127.0.0.1:7", 0, (ProcessState("first", 7, "running", 0, pid=1),)))
    for _ in range(2):
        done = CliRunner().invoke(status, ["--data-dir", str(tmp_path)])
        assert (done.exit_code, "Nothing runs on" in done.output) == (1, True)
        (tmp_path / "run/processes.json").write_text("{")
    assert CliRunner().invoke(status, ["--data-dir", str(tmp_path / "none")]).exit_code == 1


def test_status_of_a_platform_in_one_process(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"url": "http://127.0.0.1:8123", "pid": os.getpid(), "nats": "x"}))
    done = CliRunner().invoke(status, ["--data-dir", str(tmp_path), "--json"])
    assert done.exit_code == 0
    [one] = json.loads(done.output)["processes"]
    assert (one["name"], one["state"], one["port"], one["pid"]) == ("portico", "running", 8123, os.getpid())
