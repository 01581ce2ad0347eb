"""`portico dev`, put together: watch, build, serve, tell; and the BFF beside it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
from starlette.applications import Starlette
from watchfiles import DefaultFilter, awatch

from portico.host.dev.app import DevApp
from portico.host.dev.bff import BffProcess
from portico.host.dev.builder import Builder
from portico.host.dev.feed import Feed
from portico.host.dev.server import ENTRY, dev_server
from portico.host.overrides.hand_over import PATH as HAND_OVER
from portico.serving import serve

DEBOUNCE_MS = 40
STEP_MS = 10
_NOT_WATCHED = (*DefaultFilter.ignore_dirs, "dist", ".portico")


@dataclass(frozen=True, slots=True, kw_only=True)
class DevOptions:
    """`host` is where the platform is, without a slash at the end; `bff_source` is what starts `bff` anew."""

    app: DevApp
    host: str
    port: int
    bff: BffProcess | None = None
    bff_source: Path | None = None
    open_page: bool = False


async def run(options: DevOptions) -> None:
    """Serve until SIGINT or SIGTERM. Raises PortUnavailable, and Failure when the builder cannot run."""
    feed = Feed()
    with tempfile.TemporaryDirectory(prefix="portico-dev-") as output:

        @asynccontextmanager
        async def working(_app: Starlette) -> AsyncIterator[None]:
            async with _Work(options, feed, Path(output)).going_on():
                yield

        server = dev_server(
            options.app.name,
            output=Path(output),
            feed=feed,
            page_origin=options.host,
            port=options.port,
            lifespan=working,
        )

        async def announce(url: str) -> None:
            address = hand_over_url(options, url)
            click.echo(f"{options.app.name} is served from {options.app.folder}; Ctrl-C ends it.")
            click.echo(f"Use it in your browser: {click.style(address, bold=True)}")
            if options.open_page:
                click.launch(address)

        await serve(server, address="127.0.0.1", port=options.port, ready=announce, stopping=feed.close)


def hand_over_url(options: DevOptions, served_at: str) -> str:
    """The page of the host that asks the developer whether this browser should use what is served here."""
    fields = {"app": options.app.name, "url": f"{served_at}{ENTRY}", "to": options.app.start}
    if options.bff is not None:
        fields["bff"] = options.bff.url
    return f"{options.host}{HAND_OVER}?{urlencode(fields)}"


class _Work:
    """What goes on beside the server: builds and starts of the BFF, each when its sources change."""

    def __init__(self, options: DevOptions, feed: Feed, output: Path) -> None:
        self._options = options
        self._feed = feed
        self._output = output

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            builder = await stack.enter_async_context(Builder.running(self._options.app.folder, self._output))
            stop = asyncio.Event()
            tasks = [asyncio.create_task(self._build_on_change(builder, stop), name="builds")]
            if self._options.bff is not None:
                stack.push_async_callback(self._options.bff.stop)
                tasks.append(asyncio.create_task(self._run_bff(self._options.bff, stop), name="BFF"))
            try:
                yield
            finally:
                stop.set()
                await asyncio.gather(*tasks)

    async def _build_on_change(self, builder: Builder, stop: asyncio.Event) -> None:
        # Watching begins before the first build: what is saved meanwhile is not missed.
        changes = await watching([self._options.app.folder], stop)
        await self._build(builder)
        async for _ in changes:
            await self._build(builder)

    async def _build(self, builder: Builder) -> None:
        answer = await builder.build()
        if "errors" in answer:
            self._feed.tell("failed", {"errors": answer["errors"]}, keep=True)
            for fault in answer["errors"]:
                click.echo(f"{_place(fault)}{fault['text']}", err=True)
            click.echo(f"not built, {len(answer['errors'])} error(s)", err=True)
            return
        prefix = f"b/{answer['number']}"
        build = {
            "number": answer["number"],
            "entry": f"{prefix}/{answer['entry']}",
            "styles": [f"{prefix}/{path}" for path in answer["styles"]],
            "code": answer["code"],
            "since": answer["since"],
        }
        if "why" in answer:
            build["why"] = answer["why"]
        self._feed.tell("built", build, keep=True, drop="failed")
        click.echo(f"built in {answer['ms']} ms, {answer['files']} files")

    async def _run_bff(self, bff: BffProcess, stop: asyncio.Event) -> None:
        source = self._options.bff_source
        changes = await watching([source] if source else [], stop)
        await self._start(bff, first=True)
        async for _ in changes:
            await self._start(bff)

    async def _start(self, bff: BffProcess, *, first: bool = False) -> None:
        fault = await bff.restart()
        if fault is not None:
            self._feed.tell("bff-failed", {"errors": [{"text": fault}]}, keep=True)
            click.echo("the BFF does not start, see above", err=True)
            return
        self._feed.tell("bff", {}, drop="bff-failed")
        if not first:
            click.echo("the BFF runs anew")


def watched() -> DefaultFilter:
    """What counts as a change: not what is installed or built."""
    return DefaultFilter(ignore_dirs=_NOT_WATCHED)


async def watching(folders: Iterable[Path], stop: asyncio.Event) -> AsyncIterator[None]:
    """Tells of changes in the folders until `stop`; of all since this returned, whenever the first is asked for."""
    changes = awatch(
        *folders,
        watch_filter=watched(),
        debounce=DEBOUNCE_MS,
        step=STEP_MS,
        stop_event=stop,
    )
    # A generator does nothing before it is asked: only now does it look at the folders.
    first = asyncio.ensure_future(anext(changes, None))
    await asyncio.sleep(0)

    async def told() -> AsyncIterator[None]:
        if await first is None:
            return
        yield
        async for _ in changes:
            yield

    return told()


def _place(fault: dict[str, Any]) -> str:
    return f"{fault['file']}:{fault['line']}:{fault['column'] + 1}: " if fault.get("file") else ""
