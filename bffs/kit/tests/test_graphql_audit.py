"""The GraphQL endpoint passes every audit of npm graphql-http: MUST, SHOULD and MAY."""

from __future__ import annotations

import os

from bffs.kit.tests.bff_process import serving
from bffs.kit.tests.graphql_audits import check_audits


async def test_every_audit_of_graphql_http_is_ok(bff_settings: dict[str, str]) -> None:
    # Some audits send introspection queries.
    environment = {**os.environ, **bff_settings, "PORTICO_INTROSPECTION": "1"}
    async with serving(environment) as (_, address):
        await check_audits(f"{address}/graphql")
