"""CPU per view of the page: with the reference apps deployed, and with 200 apps, against the same bytes served bare."""

from __future__ import annotations

import os
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from benchmarks.host_world import build_app, host, sign_in
from benchmarks.listing_bff import PERSON
from benchmarks.measure import Scale, Target, cpu_per_request
from benchmarks.processes import ROOT, Server, serving
from benchmarks.table import COST_COLUMNS, Table, cost_rows
from portico.serving import check_port

MANY = 200
_PAGE_KEY = "PORTICO_BENCH_PAGE"
_GZIP = {"Accept-Encoding": "gzip"}


async def run(scale: Scale, folder: Path) -> Table:
    """Measure anonymous and signed-in views of `/`, plain and compressed."""
    reference = sorted(ROOT.glob("microapps/*/dist"))
    if not reference:
        raise RuntimeError("The reference apps are not built; run `make build` first")
    targets: dict[str, Target] = {}
    floors: dict[str, str] = {}
    remarks = []
    async with AsyncExitStack() as stack:
        # A page view waits for no disk, but deploying 200 apps would, a thousand times.
        folder = Path(stack.enter_context(TemporaryDirectory(dir=_memory() or folder)))
        many = [_one_of_many(folder / "apps" / str(number), number) for number in range(MANY)]
        for name, apps in ((f"{len(reference)} reference apps", reference), (f"{MANY} apps", many)):
            server = await stack.enter_async_context(host(folder / name, check_port("127.0.0.1", 0), apps))
            (html := folder / f"{name}.html").write_bytes(await _fetched(server.url))
            bare = await stack.enter_async_context(_bare(html))
            cookie = {"Cookie": await sign_in(server.url, PERSON)}
            floor = f"{name}: the same bytes, bare"
            cases = {"anonymous": {}, "anonymous, gzip": _GZIP, "signed in, gzip": {**_GZIP, **cookie}}
            targets[floor] = Target(bare, "/")
            targets |= {f"{name}: {case}": Target(server, "/", headers=headers) for case, headers in cases.items()}
            floors |= {f"{name}: {case}": floor for case in cases}
            remarks.append(f"{name}: {html.stat().st_size:,} bytes of HTML.")
        figures = await cpu_per_request(targets, replace(scale, requests=max(1, scale.requests // 4)))
    return Table("CPU per page view of the host", COST_COLUMNS, cost_rows(figures, floors), remarks)


def create_bare() -> Starlette:
    """A page of fixed bytes, from the file that the environment names."""
    content = Path(os.environ[_PAGE_KEY]).read_bytes()

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(content)

    return Starlette(routes=[Route("/", page)])


def _bare(page: Path) -> AbstractAsyncContextManager[Server]:
    port = check_port("127.0.0.1", 0)
    arguments = ("benchmarks.serve", "benchmarks.page:create_bare", str(port))
    return serving(*arguments, url=f"http://127.0.0.1:{port}", environment={_PAGE_KEY: str(page)}, probe="/")


def _memory() -> Path | None:
    """A folder in memory, where the system has one."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() else None


async def _fetched(url: str) -> bytes:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        page = await client.get(url, headers={"Accept-Encoding": "identity"})
        return page.raise_for_status().content


def _one_of_many(folder: Path, number: int) -> Path:
    """An app as a large company would have it: two routes of its own and an entry in the menu bar."""
    home = "/" if number == 0 else f"/area-{number}"
    return build_app(
        folder,
        f"@team-{number % 20}/app-{number}",
        routes=[
            {"path": home, "access": "public", "title": f"Area {number}"},
            {"path": f"/area-{number}/things/:id", "title": "A thing"},
        ],
        mountPoints={"nav": [{"key": "home", "order": number, "label": f"Area {number}", "href": home}]},
    )
