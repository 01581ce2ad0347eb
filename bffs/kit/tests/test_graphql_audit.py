"""The GraphQL endpoint passes every audit of npm graphql-http: MUST, SHOULD and MAY."""

from __future__ import annotations

import os
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec

from bffs.kit.tests.bff_process import ROOT, serving


class Audit(msgspec.Struct):
    id: str
    name: str
    status: str
    reason: str


async def test_every_audit_of_graphql_http_is_ok(bff_settings: dict[str, str]) -> None:
    script = Path(__file__).with_name("graphql_http_audit.mjs")
    # Some audits send introspection queries.
    environment = {**os.environ, **bff_settings, "PORTICO_INTROSPECTION": "1"}
    async with serving(environment) as (_, address):
        node = await create_subprocess_exec(
            str(ROOT / "tools/with-node"), "node", str(script), f"{address}/graphql", stdout=PIPE, stderr=PIPE
        )
        output, errors = await node.communicate()
    assert node.returncode == 0, errors.decode()
    audits = msgspec.json.decode(output, type=list[Audit])
    assert len(audits) >= 61
    assert [audit for audit in audits if audit.status != "ok"] == []
