"""Fixtures own life cycles: the platform, the browser, and people who are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from e2e.attacks.world import AttackWorld, attack_world
from e2e.ledger.desk import Desk
from e2e.ledger.world import LedgerWorld
from e2e.pages.provider import SignInPage
from e2e.stack import Stack, browser_arguments
from portico.bff.testing.faults import FaultProxy
from tools.browser import installed

DEFAULT_TIMEOUT_MS = 10_000
EXPECT_TIMEOUT_MS = 15_000
"""What is expected in the end crosses several services, and two browsers share this machine's cores."""

NewPerson = Callable[..., Page]
NewContext = Callable[..., BrowserContext]
NewDesk = Callable[..., Desk]
NewTraveller = Callable[[str], "Traveller"]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A platform that tests share; who deploys to it puts back what was there."""
    running = Stack(tmp_path_factory.mktemp("stack") / "portico").start()
    yield running
    running.stop()


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    """A platform of the test's own, to stop, kill and break."""
    running = Stack(tmp_path / "portico").start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def attack_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AttackWorld]:
    """A platform that all attacks are made on; none of them may change what the next one meets."""
    with attack_world(tmp_path_factory.mktemp("attacked")) as world:
        yield world


@pytest.fixture(scope="session")
def chromium_path() -> str | None:
    """Which browser it is; asked before Playwright runs in this thread."""
    return installed()


@pytest.fixture(scope="session")
def browser(chromium_path: str | None) -> Iterator[Browser]:
    expect.set_options(timeout=EXPECT_TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=list(browser_arguments()))
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Opens browser contexts, each a person's browser of its own; closes them after the test.

    Without a service worker, so that a test sees each request; tests of what it does ask for `service_workers="allow"`.
    """
    contexts: list[BrowserContext] = []

    def open_context(url: str, **options: object) -> BrowserContext:
        options = {"service_workers": "block", **options}
        context = browser.new_context(base_url=url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(DEFAULT_TIMEOUT_MS)
        contexts.append(context)
        return context

    yield open_context
    for context in contexts:
        context.close()


@pytest.fixture
def person(request: pytest.FixtureRequest, new_context: NewContext) -> NewPerson:
    """A page in which somebody is signed in: `person("Ada")`, on the shared platform unless told otherwise."""

    def sign_in(
        name: str, *, at: Stack | FaultProxy | None = None, init_script: str | None = None, **options: object
    ) -> Page:
        platform = at or request.getfixturevalue("stack")
        context = new_context(platform.url, **options)
        if init_script is not None:
            context.add_init_script(init_script)
        page = context.new_page()
        SignInPage(page).sign_in(name)
        return page

    return sign_in


@dataclass(frozen=True)
class Traveller:
    """A person on a train: a page behind a network that comes and goes, with the service worker on."""

    page: Page
    network: FaultProxy

    def enter_the_tunnel(self) -> None:
        """No network. The browser is told, too, but its worker may hear of that late: so it is really gone."""
        self.network.refuse()
        self.page.context.set_offline(True)

    def leave_the_tunnel(self) -> None:
        """The network is back."""
        self.network.heal()
        self.page.context.set_offline(False)


@pytest.fixture
def traveller(person: NewPerson, fault_proxy: FaultProxy) -> NewTraveller:
    """Somebody who is signed in, on a train: `traveller("Ada")`."""
    return lambda name: Traveller(person(name, at=fault_proxy, service_workers="allow"), fault_proxy)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LedgerWorld]:
    """The ledger behind its fault proxy; who breaks something heals it."""
    with LedgerWorld(tmp_path_factory.mktemp("ledger")) as running:
        yield running


@pytest.fixture
def new_desk(world: LedgerWorld, browser: Browser, chromium_path: str | None) -> Iterator[NewDesk]:
    """Starts browsers with profiles of their own, signed in at the ledger, that tests may kill: `new_desk()`."""
    with ExitStack() as stack:

        def start(at: LedgerWorld = world, **options: object) -> Desk:
            profile = stack.enter_context(profile_folder())
            desk = Desk(at, browser.browser_type, profile, chromium_path, **options)  # type: ignore[arg-type]
            return stack.enter_context(desk)

        yield start
    world.heal()


@contextmanager
def profile_folder() -> Iterator[Path]:
    """A folder for a browser's profile: a killed process loses nothing that the system has, so memory will do."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
