"""Reading many modules without holding up the process that serves pages: in another one, with a limit on its time."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from portico.manifest import modules
from portico.manifest.errors import Finding
from portico.manifest.modules import Import

_SECONDS = 60.0
"""How long the modules of one release may take; all of React takes half a second."""

_READERS = ThreadPoolExecutor(2, thread_name_prefix="modules")
"""Threads of their own, each waiting for its reader: slow uploads wait for each other, and pages for none of them."""

Graph = dict[str, tuple[Import, ...]]


async def read_imports(paths: Mapping[str, Path], *, seconds: float = _SECONDS) -> tuple[Graph, list[Finding]]:
    """Return what each module imports, and the modules that are not JavaScript.

    ``paths`` maps a module's path in the release to its file. The reader is a process of its own: it holds its
    interpreter's lock, and whatever a hostile source does to it ends there.
    """
    if not paths:
        return {}, []
    return await asyncio.get_running_loop().run_in_executor(_READERS, _read, paths, seconds)


def _read(paths: Mapping[str, Path], seconds: float) -> tuple[Graph, list[Finding]]:
    asked = b"".join(json.dumps(str(path)).encode() + b"\n" for path in paths.values())
    command = [sys.executable, "-I", modules.__file__]
    try:
        output = subprocess.run(command, input=asked, capture_output=True, timeout=seconds, check=False).stdout  # noqa: S603
        why = "cannot be read as JavaScript"
    except subprocess.TimeoutExpired as slow:
        output = slow.stdout or b""
        why = f"takes longer than {seconds:g} seconds to read as JavaScript"
    answers = [json.loads(line) for line in output.splitlines(keepends=True) if line.endswith(b"\n")]
    graph, findings = _understood(dict(zip(paths, answers, strict=False)))
    if len(answers) < len(paths):  # the reader did not get past this one
        findings.append(Finding(f"file:{list(paths)[len(answers)]}", why))
    return graph, findings


def _understood(answers: Mapping[str, Any]) -> tuple[Graph, list[Finding]]:
    graph: Graph = {}
    findings: list[Finding] = []
    for name, answer in answers.items():
        if isinstance(answer, dict):
            findings.append(Finding(f"file:{name}:{answer['line']}:{answer['column']}", answer["detail"]))
        else:
            graph[name] = tuple(Import(*one) for one in answer)
    return graph, findings
