"""The pytest plugin is there for everybody and costs those nothing who do not use it."""

from __future__ import annotations

import sys
from asyncio import create_subprocess_exec
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from bffs.kit.tests import notes_bff
from portico.bff.testing.tokens import TokenIssuer

if TYPE_CHECKING:
    from portico.bff.testing.plugin import BffRunner


def test_pytest_finds_the_plugin() -> None:
    (plugin,) = entry_points(group="pytest11", name="portico-bff")
    assert plugin.value == "portico.bff.testing.plugin"


async def test_loading_the_plugin_loads_nothing_of_what_it_needs() -> None:
    heavy = (
        "{'starlette', 'strawberry', 'httpx', 'joserfc', 'cryptography', 'apsw', "
        "'msgspec', 'nats', 'playwright', 'h11', 'asyncio'}"
    )
    code = f"import sys, portico.bff.testing.plugin; sys.exit(len({heavy} & set(sys.modules)))"
    process = await create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0


async def test_an_application_runs_with_a_signed_in_person(
    bff_client: BffRunner, bff_settings: dict[str, str], token_issuer: TokenIssuer
) -> None:
    async with bff_client(notes_bff.create_app(bff_settings, keys=token_issuer.keys())) as client:
        assert (await client.get("/notes")).status_code == 401
        ada = client.signed_in("ada", roles=("cook",))
        assert (await ada.get("/cooks")).status_code == 200
        assert (await ada.graphql("{ cooks }")).json() == {"data": {"cooks": "salt"}}
        expired = client.signed_in("ada", exp=int(token_issuer.now()) - 60)
        assert (await expired.get("/notes")).status_code == 401
