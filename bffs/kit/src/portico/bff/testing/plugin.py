"""pytest fixtures for tests of BFFs. pytest loads this in every run, so what it needs is imported on first use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from playwright.sync_api import BrowserContext, BrowserType, Page
    from starlette.applications import Starlette

    from portico.bff.events import Occasion, Origin
    from portico.bff.outbox import Outbox
    from portico.bff.testing.browsers import PersistentBrowser
    from portico.bff.testing.client import BffClient
    from portico.bff.testing.contracts import EventContracts
    from portico.bff.testing.faults import FaultProxy, Rule
    from portico.bff.testing.hub import InMemoryHub
    from portico.bff.testing.tokens import TokenIssuer
    from portico.schemas import SchemaFile
    from portico.sql import Value

    BffRunner = Callable[[Starlette], AbstractAsyncContextManager[BffClient]]
    Harm = Callable[..., Rule]
    KillBrowser = Callable[..., PersistentBrowser]
    TwoTabs = Callable[[BrowserContext, str], tuple[Page, Page]]
    ExpireSession = Callable[[BrowserContext], None]


@pytest.fixture
def token_issuer() -> TokenIssuer:
    """An issuer of real ES256 tokens whose keys need no network: `create_bff(..., keys=token_issuer.keys())`."""
    from portico.bff.testing.tokens import TokenIssuer  # noqa: PLC0415

    return TokenIssuer()


@pytest.fixture
def bff_settings(token_issuer: TokenIssuer, tmp_path: Path) -> dict[str, str]:
    """Settings of a BFF called `test` that trusts `token_issuer` and keeps its store in the test's folder."""
    return {
        "PORTICO_APP": "test",
        "PORTICO_ISSUER": token_issuer.issuer,
        "PORTICO_JWKS_URL": "http://127.0.0.1:9/.well-known/jwks.json",
        "PORTICO_AUDIENCE": token_issuer.audience,
        "DATABASE_URL": f"sqlite:///{tmp_path}/test.db",
    }


@pytest.fixture
def bff_client(token_issuer: TokenIssuer) -> BffRunner:
    """Runs an application in this process: `async with bff_client(app) as client: client.signed_in("ada")`."""
    from portico.bff.testing.client import running  # noqa: PLC0415

    return lambda app: running(app, token_issuer)


@pytest.fixture(scope="session")
def portico_url() -> str:
    """Where the platform under test listens: `PORTICO_URL`, else where `make up` puts it. Override it as you like."""
    return os.environ.get("PORTICO_URL", "http://127.0.0.1:8000").rstrip("/")


@pytest.fixture
def fault_proxy(portico_url: str) -> Iterator[FaultProxy]:
    """A proxy before the platform, an origin of its own for this test: open `fault_proxy.url` in the browser."""
    from portico.bff.testing.faults import FaultProxy  # noqa: PLC0415

    with FaultProxy(portico_url, rewrite_origin=True) as proxy:
        yield proxy


@pytest.fixture
def cut_before_delivery(fault_proxy: FaultProxy) -> Harm:
    """The next request never arrives: `cut_before_delivery("POST", "/api/hello/*")`."""
    return fault_proxy.cut_before_delivery


@pytest.fixture
def cut_before_reply(fault_proxy: FaultProxy) -> Harm:
    """The server does the next request's work, and nobody hears of it."""
    return fault_proxy.cut_before_reply


@pytest.fixture
def cut_mid_body(fault_proxy: FaultProxy) -> Harm:
    """The next answer breaks off after `after` bytes of its body."""
    return fault_proxy.cut_mid_body


@pytest.fixture
def captive_portal(fault_proxy: FaultProxy) -> Harm:
    """A hotel's page answers everything, until the rule that this returns is released."""
    return fault_proxy.captive_portal


@pytest.fixture
def slow(fault_proxy: FaultProxy) -> Harm:
    """Requests are `latency_s` seconds late, answers come with `bytes_per_s` at most."""
    return fault_proxy.slow


@pytest.fixture
def kill_browser(tmp_path: Path) -> Iterator[KillBrowser]:
    """Starts a browser that can be killed and started again: `kill_browser(browser.browser_type)`, then `.kill()`."""
    from portico.bff.testing.browsers import PersistentBrowser  # noqa: PLC0415

    started: list[PersistentBrowser] = []

    def start(browser_type: BrowserType, **options: object) -> PersistentBrowser:
        browser = PersistentBrowser(browser_type, tmp_path / f"profile-{len(started)}", **options)
        started.append(browser)
        browser.start()
        return browser

    yield start
    for browser in started:
        browser.close()


@pytest.fixture
def two_tabs() -> TwoTabs:
    """Opens two pages of one browser: `first, second = two_tabs(context, fault_proxy.url)`."""
    from portico.bff.testing.browsers import two_tabs  # noqa: PLC0415

    return two_tabs


@pytest.fixture
def expire_session(portico_url: str) -> ExpireSession:
    """Ends a browser's session at the platform and leaves it its cookie: `expire_session(context)`."""
    from portico.bff.testing.browsers import expire_session  # noqa: PLC0415

    return lambda context: expire_session(context, portico_url)


@pytest.fixture
def bff_hub() -> InMemoryHub:
    """A hub in memory for the applications of one test: `create_bff(..., hub=bff_hub)`.

    `await bff_hub.emit(Event(...))` speaks as another service, `await bff_hub.settled()` waits for the listeners.
    """
    from portico.bff.testing.hub import InMemoryHub  # noqa: PLC0415

    return InMemoryHub()


@pytest.fixture(scope="session")
def event_schemas() -> tuple[SchemaFile, ...]:
    """The schemas of the events of all services that are installed. Override it to look elsewhere."""
    from portico.schemas import installed  # noqa: PLC0415

    return installed()


@pytest.fixture
def event_contracts(event_schemas: tuple[SchemaFile, ...], monkeypatch: pytest.MonkeyPatch) -> Iterator[EventContracts]:
    """Holds every event that leaves a store in this process against its service's schema, and fails at the end.

    Have it for all tests of a service by an autouse fixture in its `conftest.py`.
    """
    from portico.bff.outbox import COLUMNS, Outbox  # noqa: PLC0415
    from portico.bff.testing.contracts import EventContracts  # noqa: PLC0415

    contracts, rows = EventContracts(event_schemas), Outbox.rows
    envelope, target = COLUMNS.index("envelope"), COLUMNS.index("target")

    def checked(outbox: Outbox, origin: Origin, occasion: Occasion, now: int) -> list[tuple[Value, ...]]:
        leaving = rows(outbox, origin, occasion, now)
        for row in leaving:
            if row[target] is None:
                contracts.check(str(row[envelope]))
        return leaving

    monkeypatch.setattr(Outbox, "rows", checked)
    yield contracts
    if contracts.broken:
        pytest.fail("events that are not as their schemas promise:\n" + "\n".join(contracts.broken))
