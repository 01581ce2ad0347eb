"""Reading modules in another process: the same answers, and a source that will not end ends there."""

import asyncio
import os
from pathlib import Path

from manifest.tests.test_modules import BUNDLES
from portico.manifest import Finding, Import
from portico.manifest.module_graph import read_imports
from portico.manifest.modules import imports_of


def written(folder: Path, **sources: str) -> dict[str, Path]:
    paths = {f"{name}.js": folder / f"{name}.js" for name in sources}
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source)
    return paths


async def test_no_modules_need_no_process() -> None:
    assert await read_imports({}) == ({}, [])


async def test_modules_and_mistakes_are_told_apart(tmp_path: Path) -> None:
    graph, findings = await read_imports(written(tmp_path, a="import 'x'\n\nimport('é')", b="import {", c=""))
    assert graph == {"a.js": (Import("x", 1, 8), Import("é", 3, 8, dynamic=True)), "c.js": ()}
    assert [finding.pointer for finding in findings] == ["file:b.js:1:1"]


async def test_the_answers_are_those_of_this_process() -> None:
    paths = {path.name: path for path in sorted(BUNDLES.glob("*.js"))}
    graph, findings = await read_imports(paths)
    assert findings == []
    assert graph == {name: imports_of(path.read_bytes()) for name, path in paths.items()}


async def test_a_source_that_takes_too_long_is_named_and_what_came_before_is_kept(tmp_path: Path) -> None:
    endless = "async (a=async (a=" * 400_000
    graph, findings = await read_imports(written(tmp_path, a="import 'x'", b=endless, c=""), seconds=1.5)
    assert set(graph) <= {"a.js"}
    (finding,) = findings
    assert finding.pointer in {"file:a.js", "file:b.js"}  # a very slow machine may not get to the second
    assert "takes longer than 1.5 seconds" in finding.detail


async def test_many_slow_sources_leave_threads_for_everything_else(tmp_path: Path) -> None:
    """More of them than the process has threads for its other work, which is done before any of them."""
    paths = written(tmp_path, a="async (a=async (a=" * 400_000)
    readings = [asyncio.create_task(read_imports(paths, seconds=5)) for _ in range(40)]
    await asyncio.sleep(0)
    assert await asyncio.to_thread(lambda: "done") == "done"
    assert not any(reading.done() for reading in readings)
    for reading in readings:
        reading.cancel()
    await asyncio.gather(*readings, return_exceptions=True)


async def test_a_file_that_cannot_be_read_at_all_is_named(tmp_path: Path) -> None:
    graph, findings = await read_imports(written(tmp_path, a="") | {"gone.js": tmp_path / "gone.js"})
    assert graph == {"a.js": ()}
    assert findings == [Finding("file:gone.js", "cannot be read as JavaScript")]


async def test_pages_are_served_while_a_bundle_is_read(tmp_path: Path) -> None:
    """The event loop goes on: only what it does next, writing into the pipe that is read, lets the reading end."""
    pipe = tmp_path / "a.js"
    os.mkfifo(pipe)
    reading = asyncio.create_task(read_imports({"a.js": pipe}, seconds=20))
    await asyncio.to_thread(pipe.write_text, "import 'x'")
    assert await reading == ({"a.js": (Import("x", 1, 8),)}, [])
