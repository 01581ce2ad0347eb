"""The audits of npm graphql-http, run against a GraphQL endpoint."""

from __future__ import annotations

from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bffs.kit.tests.bff_process import ROOT

_ALL = 61
"""How many there are: MUST, SHOULD and MAY."""


class Audit(msgspec.Struct):
    id: str
    name: str
    status: str
    reason: str


async def check_audits(url: str, headers: Mapping[str, str] | None = None) -> None:
    """Fail unless the endpoint passes every audit; `headers` go with each request."""
    script = Path(__file__).with_name("graphql_http_audit.mjs")
    given = msgspec.json.encode(dict(headers or {})).decode()
    node = await create_subprocess_exec(
        str(ROOT / "tools/with-node"), "node", str(script), url, given, stdout=PIPE, stderr=PIPE
    )
    output, errors = await node.communicate()
    assert node.returncode == 0, errors.decode()
    audits = msgspec.json.decode(output, type=list[Audit])
    assert len(audits) >= _ALL
    failed = [audit for audit in audits if audit.status != "ok"]
    assert failed == [], f"{url}: {failed}"
