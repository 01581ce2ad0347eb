"""Fixtures of the host's tests that need a browser."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from host.tests.browsers import launched
from host.tests.runtime_site import APPS, ROOT, FixtureApp, Site, sources
from host.tests.session_databases import session_database, sessions_on_postgres, sessions_url
from host.tests.worker_site import WorkerSite, worker_site
from tools.browser import installed
from tools.oidc_provider import oidc_provider
from tools.postgres import postgres_server, postgres_url
from tools.s3 import s3_endpoint, s3_environment, s3_place

__all__ = [
    "oidc_provider",
    "postgres_server",
    "postgres_url",
    "s3_endpoint",
    "s3_environment",
    "s3_place",
    "session_database",
    "sessions_on_postgres",
    "sessions_url",
]

SAVES_DATA = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"

OpenSite = Callable[..., Site]

# One limit for every file of tests: on a busy machine a worker that starts, or a module that loads late, takes seconds.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def chromium_path() -> str | None:
    return installed()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(chromium_path: str | None) -> AsyncIterator[Browser]:
    async with launched(chromium_path) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """A page in a browser profile of its own. `page_errors` and `violations` say what went wrong in it.

    Its person saves data: nothing is fetched ahead, so that tests can count what is asked for.
    """
    context = await chromium.new_context(viewport={"width": 900, "height": 600})
    await context.add_init_script(SAVES_DATA)
    context.set_default_timeout(10_000)
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def eager_page(chromium: Browser) -> AsyncIterator[Page]:
    """A page whose person does not save data."""
    context = await chromium.new_context()
    context.set_default_timeout(10_000)
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page_errors(page: Page) -> list[str]:
    """Messages of the errors that reached the page's window."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    return errors


@pytest_asyncio.fixture(loop_scope="session")
async def complaints(page: Page) -> list[str]:
    """What the browser refused or warned of, from its console."""
    lines: list[str] = []
    page.on("console", lambda line: lines.append(line.text) if line.type in {"error", "warning"} else None)
    return lines


def bundle(source: Path, output: Path, *options: str) -> bytes:
    """A browser module, built with esbuild; its bytes."""
    esbuild = [str(ROOT / "tools/with-node"), str(ROOT / "node_modules/.bin/esbuild"), str(source)]
    common = ["--bundle", "--format=esm", "--jsx=automatic", "--log-level=error", f"--outfile={output}"]
    subprocess.run([*esbuild, *common, *options], check=True, cwd=ROOT, timeout=60)
    return output.read_bytes()


@pytest.fixture(scope="session")
def react_module(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The React fixture app, built with the real single-spa-react and React left to the import map."""
    externals = [f"--external:{name}" for name in ("react", "react/*", "react-dom/*")]
    return bundle(APPS / "react-app.jsx", tmp_path_factory.mktemp("react") / "react-app.js", *externals)


@pytest.fixture
def routes_module(tmp_path: Path) -> bytes:
    """The runtime's own matching of routes, as a module by itself."""
    return bundle(ROOT / "host/client/runtime/routes.ts", tmp_path / "routes.js")


@pytest.fixture
def stoppable_runtime(tmp_path: Path) -> dict[str, bytes]:
    """In place of the page's script, one that leaves the runtime where a test can reach it."""
    built = bundle(
        APPS / "stoppable.js", tmp_path / "stoppable.js", "--external:@portico/runtime/later", "--target=es2022"
    )
    return {"/a/_portico/runtime.js": built}


@pytest.fixture
def catalogue(react_module: bytes) -> list[FixtureApp]:
    """The apps of the usual site."""
    steady = sources("steady.js")
    return [
        FixtureApp("@site/bar", [("/*", None)], sources("bar.js"), slots=("header",)),
        FixtureApp("@site/start", [("/", "Start")], sources("start.js")),
        FixtureApp(
            "@site/things",
            [("/things/:id", "Thing"), ("/things", "Things")],
            sources("things.js", "words.js", "things.css"),
            styles=("things.css",),
        ),
        FixtureApp("@site/throws", [("/throws", "Throwing")], sources("fragile.js", "help.js")),
        FixtureApp("@site/silent", [("/silent", "Silence")], steady),
        FixtureApp("@site/tampered", [("/tampered", "Tampered")], steady),
        FixtureApp("@site/late", [("/late", "Late")], steady),
        FixtureApp("@site/rejects", [("/rejects", "Moods")], sources("moody.js")),
        FixtureApp("@site/hangs", [("/hangs", "Hanging")], sources("stuck.js")),
        FixtureApp(
            "@site/unstyled", [("/unstyled", "Style")], sources("steady.js", "things.css"), styles=("things.css",)
        ),
        FixtureApp("@site/slow", [("/slow/*?", "Slow")], sources("slow.js")),
        FixtureApp("@site/arrays", [("/arrays", "Arrays")], sources("arrays.js")),
        FixtureApp("@site/parcels", [("/parcels", "Parcels")], sources("parcels.js")),
        FixtureApp("@site/no-hooks", [("/no-hooks", "Nothing")], sources("no-hooks.js")),
        FixtureApp("@site/caller", [("/caller", "Caller")], sources("caller.js"), bff=True),
        FixtureApp("@site/react", [("/react/*?", "React")], {"react-app.js": react_module}),
    ]


@pytest.fixture
def open_site(catalogue: list[FixtureApp]) -> Iterator[OpenSite]:
    """Starts a site with the usual apps, or with `apps`; stops it after the test."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(Site(**{"apps": catalogue, **_options(options)}))


def _options(options: dict[str, Any]) -> dict[str, Any]:
    return {"statuses": {"/nobody": 404}, **options}


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[WorkerSite]:
    """A site with the service worker, of the test's own."""
    async with worker_site(tmp_path) as site:
        yield site
