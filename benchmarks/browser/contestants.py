"""The four ways of putting the same three apps into one page, each served by a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from benchmarks.host_world import host
from benchmarks.processes import ROOT, serving
from portico.serving import check_port
from tools.peers import peer

HERE = Path(__file__).parent
SITE_KEY = "PORTICO_BENCH_SITE"
APPS = ("list", "detail", "form")
FLOOR, PORTICO, SINGLE_SPA, QIANKUN = "floor", "portico", "single-spa", "qiankun"
_ESBUILD = ("tools/with-node", "node_modules/.bin/esbuild")
_COMMON = ("--bundle", "--minify", "--target=es2022", "--log-level=error")
_HOST = ROOT / "host/src/portico/host"
_LOOK = (_HOST / "static/shell.css", _HOST / "icon.svg")


@asynccontextmanager
async def contestants(folder: Path) -> AsyncIterator[dict[str, str]]:
    """The addresses of all four, by name, each with a list at `/list`, a detail at `/detail`, a form at `/form`."""
    builders = {FLOOR: _floor, SINGLE_SPA: _single_spa, QIANKUN: _qiankun}
    async with AsyncExitStack() as stack:
        modules = await _modules(folder / "modules")
        urls = {PORTICO: await stack.enter_async_context(_portico(folder, modules))}
        for name, build in builders.items():
            site = folder / name
            (site / "assets").mkdir(parents=True)
            for file in _LOOK:
                shutil.copy(file, site / "assets")
            await build(site, modules)
            urls[name] = await stack.enter_async_context(_site(site))
        yield {name: urls[name] for name in (FLOOR, PORTICO, SINGLE_SPA, QIANKUN)}


@asynccontextmanager
async def _portico(folder: Path, modules: Mapping[str, Path]) -> AsyncIterator[str]:
    """A whole host with the three apps deployed, nobody signed in."""
    apps = [_release(folder / "releases" / name, name, module) for name, module in modules.items()]
    async with host(folder / "host", check_port("127.0.0.1", 0), apps) as server:
        yield server.url


def _release(folder: Path, name: str, module: Path) -> Path:
    folder.mkdir(parents=True)
    route = {"path": f"/{name}", "slot": "main", "access": "public", "title": "Things"}
    manifest = {"name": f"@bench/{name}", "version": "1.0.0", "entry": module.name, "routes": [route]}
    (folder / "app.json").write_text(json.dumps(manifest))
    shutil.copy(module, folder)
    return folder


@asynccontextmanager
async def _site(folder: Path) -> AsyncIterator[str]:
    """A folder, served as the host serves: same server, same encodings, same caching."""
    port = check_port("127.0.0.1", 0)
    arguments = ("benchmarks.serve", "benchmarks.browser.site:create", str(port))
    url = f"http://127.0.0.1:{port}"
    async with serving(*arguments, url=url, environment={SITE_KEY: str(folder)}, probe="/list"):
        yield url


async def _modules(folder: Path) -> dict[str, Path]:
    """The apps as ES modules, which all but qiankun load."""
    for name in APPS:
        await _bundle(HERE / f"apps/{name}.js", folder / f"{name}.js", "--format=esm")
    return {name: folder / f"{name}.js" for name in APPS}


async def _floor(site: Path, modules: Mapping[str, Path]) -> None:
    _copy(modules, site)
    root = site / "assets/root.js"
    await _bundle(HERE / "roots/floor.js", root, "--format=esm", "--external:@bench/*")
    _document(site, head=_module_head(), main="")


async def _single_spa(site: Path, modules: Mapping[str, Path]) -> None:
    _copy(modules, site)
    peers = [f"--alias:{name}={peer(name)}" for name in ("single-spa", "single-spa-layout")]
    await _bundle(HERE / "roots/single-spa.js", site / "assets/root.js", "--format=esm", "--external:@bench/*", *peers)
    routes = "".join(f'<route path="{name}"><application name="{name}"></application></route>' for name in APPS)
    layout = f'<single-spa-router mode="history" base="/" containerEl="main">{routes}</single-spa-router>'
    _document(site, head=f'<template id="single-spa-layout">{layout}</template>\n{_module_head()}', main="")


async def _qiankun(site: Path, modules: Mapping[str, Path]) -> None:
    await _bundle(
        HERE / "roots/qiankun.js", site / "assets/root.js", "--format=esm", f"--alias:qiankun={peer('qiankun')}"
    )
    (site / "entries").mkdir()
    for name in modules:
        # qiankun takes the life cycle of an app from the global of its name, which is the sandbox's own.
        source = site / f"{name}.entry.js"
        source.write_text(f"import * as app from {json.dumps(str(HERE / 'apps' / name))}; window.{name} = app;\n")
        await _bundle(source, site / f"assets/{name}.js", "--format=iife")
        entry = f'<div data-root></div><script src="/assets/{name}.js" entry></script>'
        (site / f"entries/{name}.html").write_text(f"<!doctype html><html><body>{entry}</body></html>")
    _document(site, head='<script type="module" src="/assets/root.js"></script>', main='<div id="view"></div>')


def _module_head() -> str:
    """The import map, and preloads of what the first view needs: nothing is found out late."""
    imports = json.dumps({"imports": {f"@bench/{name}": f"/assets/{name}.js" for name in APPS}})
    return (
        f'<script type="importmap">{imports}</script>\n'
        '<link rel="modulepreload" href="/assets/list.js">\n'
        '<script type="module" src="/assets/root.js"></script>'
    )


def _document(site: Path, *, head: str, main: str) -> None:
    text = (HERE / "index.html").read_text()
    (site / "index.html").write_text(text.replace("{head}", head).replace("{main}", main))


def _copy(modules: Mapping[str, Path], site: Path) -> None:
    for module in modules.values():
        shutil.copy(module, site / "assets")


async def _bundle(source: Path, target: Path, *options: str) -> None:
    command: Sequence[str | Path] = (*_ESBUILD, source, f"--outfile={target}", *_COMMON, *options)
    environment = {**os.environ, "NODE_ENV": "production"}
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment)
    if await process.wait():
        raise RuntimeError(f"{source.name} was not built, see above")
