"""`portico lake` as an operator uses it: a keeper in a process of its own, questions, replay, erasing."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bffs.kit.tests.lake_world import NOTE_SCHEMA, Note, told
from bffs.kit.tests.store_world import NatsServer, nats_server
from portico.bff.hub import NatsHub
from portico.lake.cli import lake
from portico.lake.config import LakeConfig
from portico.lake.errors import LakeError

RUN = "import sys; from portico.lake.cli import lake; lake(sys.argv[1:])"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    schemas = tmp_path / "services/notes/schemas"
    schemas.mkdir(parents=True)
    (schemas / "note.changed.1.json").write_text(json.dumps(NOTE_SCHEMA))
    return tmp_path


def ask(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(lake, [*arguments, "--data-dir", str(folder)])


def lines(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


async def kept(folder: Path, server: NatsServer, notes: Sequence[Note]) -> None:
    """Publish, and have a keeper of its own keep it, until it is told to end."""
    hub = NatsHub(server.url)
    for note in notes:
        await hub.publish(told(note, actor=note.owner))
    await hub.close()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, "run", "--data-dir", str(folder), stdout=asyncio.subprocess.PIPE,
        env={"NATS_URL": server.url, "PORTICO_LAKE_SCHEMAS": str(folder / "services")},
    )  # fmt: skip
    config = LakeConfig.from_environment({}, folder)
    async with asyncio.timeout(60):
        while sum(one.rows for one in config.lake().snapshot.files.values()) < len(notes):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    process.terminate()
    said, _ = await process.communicate()
    assert process.returncode == 0
    assert said.decode().startswith("Keeping events in")


async def test_an_operator_keeps_asks_replays_and_erases(folder: Path) -> None:
    async with nats_server(folder / "nats") as server:
        await kept(folder, server, [Note("n1", "ada"), Note("n2", "bob"), Note("n3", "ada")])

    (status,) = lines(await asyncio.to_thread(ask, folder, "status"))
    assert status["events"] == 3
    query = ("query", "SELECT type, count(*) AS n FROM events GROUP BY type")
    assert lines(await asyncio.to_thread(ask, folder, *query, "--format", "json")) == [{"type": "note.changed", "n": 3}]
    table = await asyncio.to_thread(ask, folder, *query)
    assert table.output.splitlines() == ["type          n", "note.changed  3"]
    assert (await asyncio.to_thread(ask, folder, *query, "--format", "csv")).output.split() == [
        "type,n",
        "note.changed,3",
    ]
    cut = await asyncio.to_thread(ask, folder, "query", "SELECT id FROM events", "--limit", "1")
    assert "Only the first 1 rows" in cut.stderr

    async def owners(*options: str) -> list[object]:
        found = lines(await asyncio.to_thread(ask, folder, "replay", *options))
        return [one["data"]["owner"] for one in found]  # type: ignore[index]

    assert await owners() == ["ada", "bob", "ada"]
    assert await owners("--subject", "n2", "--type", "note.*", "--service", "notes") == ["bob"]
    assert await owners("--until", "2020-01-01") == await owners("--since", "2100-01-01") == []
    erased = await asyncio.to_thread(ask, folder, "erase", "--person", "ada", "--yes")
    assert "2 events have lost" in erased.output
    assert "nothing personal" not in erased.output
    mistyped = await asyncio.to_thread(ask, folder, "erase", "--person", "Ada", "--yes")
    assert "nothing personal of 'Ada'" in mistyped.output
    assert await owners() == ["", "bob", ""]
    compacted = await asyncio.to_thread(ask, folder, "compact")
    assert compacted.exit_code == 0
    assert await owners() == ["", "bob", ""]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["query", "DROP TABLE events"], "portico: "),
        (["query", "SELECT 1 FROM nothing"], "nothing"),
        (["query", "SELECT count(*) FROM range(1000000000000)", "--timeout", "0.05"], "took more than it may"),
        (["query", "SELECT length(repeat('x', 4000000000))"], "took more than it may"),
        (["run"], "there is no hub: set NATS_URL"),
        (["erase", "--person", "ada"], "Erase 'ada'?"),
        (["erase", "--person", "ada"], "Aborted"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, arguments: list[str], said: str) -> None:
    result = ask(folder, *arguments)
    assert result.exit_code != 0
    assert said in result.output
    assert not isinstance(result.exception, LakeError)


def test_a_place_that_is_none_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTICO_LAKE", "gopher://lake")
    result = ask(folder, "status")
    assert result.exit_code == 1
    assert "the lake is kept in a folder or in s3://bucket/prefix" in result.output


def test_control_characters_do_not_reach_the_terminal(folder: Path) -> None:
    result = ask(folder, "query", "SELECT chr(27) || '[31m' AS red")
    assert result.output.splitlines()[1] == "\ufffd[31m"
