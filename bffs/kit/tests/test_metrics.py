"""What `/metrics` shows besides rules: circuits, the agenda and the lake; to operators and to Prometheus alone."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from starlette.applications import Starlette

from bffs.kit.tests.store_world import TestClock
from portico.bff import EntityStore, create_bff
from portico.bff.agenda import MIGRATIONS, Agenda
from portico.bff.errors import HubUnavailable
from portico.bff.external import CircuitBreaker
from portico.bff.hub import LakeState
from portico.bff.metrics import Meters
from portico.bff.parts import Parts
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer

Client = Callable[[Starlette], AbstractAsyncContextManager[BffClient]]


class Hub(InMemoryHub):
    """A hub whose lake is somewhere, or that is away."""

    state: LakeState | None = None
    away = False

    async def lake(self) -> LakeState | None:
        if self.away:
            raise HubUnavailable("it is away")
        return self.state


def shown(text: str) -> dict[str, float]:
    lines = re.findall(r"^portico_(circuit|agenda|lake)(\S+) (\S+)$", text, re.MULTILINE)
    return {f"{one}{rest}": float(value) for one, rest, value in lines}


@pytest.fixture
def hub() -> Hub:
    return Hub()


async def test_circuits_agenda_and_lake_are_shown_as_they_are_now(
    hub: Hub, store_url: str, bff_settings: dict[str, str], token_issuer: TokenIssuer, bff_client: Client
) -> None:
    clock, agenda = TestClock(), Agenda(poll=3600)
    breaker = CircuitBreaker("bank", failures=1, pause=10, clock=clock)

    @agenda.task("reminder")
    async def remind(parts: Parts, key: str) -> None: ...

    settings = {**bff_settings, "DATABASE_URL": store_url, "PORTICO_METRICS_ROLE": "scraper"}
    app = create_bff(settings, hub=hub, parts=[agenda], migrations=MIGRATIONS, keys=token_issuer.keys())
    async with bff_client(app) as client:
        prometheus = client.signed_in("prometheus", roles=("scraper",))

        async def scraped() -> dict[str, float]:
            answer = await prometheus.get("/metrics")
            assert answer.status_code == 200, answer.text
            return shown(answer.text)

        assert await scraped() == {}
        parts: Parts = app.state.parts
        parts.get(Meters).circuit("bank", lambda: breaker.state)
        store = parts.get(EntityStore)
        async with store.system_unit_of_work("test") as uow:
            for number, hours in enumerate((1, 2, 3)):
                agenda.plan(uow, "reminder", str(number), at=store.now() + hours * 3_600_000)
            await uow.commit()
        hub.state = LakeState("EVENTS@now", last=7, kept=4)
        service = f'service="{settings["PORTICO_APP"]}"'
        found = await scraped()
        oldest = found.pop(f'agenda_oldest_seconds{{kind="reminder",{service}}}')
        assert -3600 <= oldest < -3500
        assert found == {
            f'circuit_state{{circuit="bank",{service}}}': 0,
            f'agenda_entries{{kind="reminder",{service}}}': 3,
            f"lake_behind{{{service}}}": 3,
        }
        breaker.failed()
        hub.away = True
        async with store.system_unit_of_work("test") as uow:
            for number in range(3):
                agenda.cancel(uow, "reminder", str(number))
            await uow.commit()
        assert await scraped() == {f'circuit_state{{circuit="bank",{service}}}': 2}
        clock.advance(seconds=11)
        assert await scraped() == {f'circuit_state{{circuit="bank",{service}}}': 1}


async def test_who_may_scrape_may_do_nothing_else(
    hub: Hub, store_url: str, bff_settings: dict[str, str], token_issuer: TokenIssuer, bff_client: Client
) -> None:
    settings = {**bff_settings, "DATABASE_URL": store_url, "PORTICO_METRICS_ROLE": "scraper"}
    async with bff_client(create_bff(settings, hub=hub, keys=token_issuer.keys())) as client:
        for role, statuses in {
            "operator": [200, 200, 200],
            "scraper": [200, 403, 403],
            "cook": [403, 403, 403],
        }.items():
            caller = client.signed_in("somebody", roles=(role,))
            paths = ("/metrics", "/_faults", "/_rebuilds")
            assert [(await caller.get(path)).status_code for path in paths] == statuses
        assert (await client.get("/metrics")).status_code == 401
