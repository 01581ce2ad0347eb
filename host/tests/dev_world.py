"""An app's folder with its BFF, and `portico dev` on it as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner

from host.tests.runtime_site import ROOT
from portico.host.cli import cli

INDEX = """import { defineApp } from '@portico/sdk';
import './shop.css';
import { greeting } from './greeting.ts';
export const { bootstrap, mount, unmount } = defineApp({
  async mount({ domElement, portico }) {
    const heading = document.createElement('h1');
    heading.textContent = greeting;
    const button = document.createElement('button');
    let count: number = (portico.hot?.data.count as number) ?? 0;
    const say = () => { button.textContent = `Pressed ${count}`; };
    button.onclick = () => { count += 1; say(); };
    say();
    const output = document.createElement('output');
    const field = Object.assign(document.createElement('input'), { name: 'search', ariaLabel: 'Search' });
    const typed = document.createElement('p');
    field.oninput = () => { typed.textContent = `Searched for ${field.value}`; };
    const choice = document.createElement('input');
    Object.assign(choice, { type: 'checkbox', name: 'open', ariaLabel: 'Open' });
    domElement.append(heading, button, output, field, typed, choice);
    portico.signal.addEventListener('abort', () => { if (portico.hot) portico.hot.data.count = count; });
    output.textContent = `BFF ${(await portico.api.get<{ version: string }>('/version')).version}`;
  },
});
"""
COUNTER = """import { useState } from 'FRAMEWORK';
export function Counter() {
  const [count, setCount] = useState(0);
  return <button type="button" onClick={() => setCount(count + 1)}>Pressed {count}</button>;
}
"""
GREETING = "export const greeting: string = 'Shop at work';\n"
STYLE = "h1 { color: rgb(1, 2, 3); }\n"
BFF = """from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

VERSION = "mine"


def create_app(settings):
    async def version(request):
        assert request.headers["authorization"].startswith("Bearer ")
        return JSONResponse({"version": VERSION})

    return Starlette(routes=[Route("/version", version)])
"""


@dataclass
class DevFolder:
    """A team's folder: `app` with its sources, `bff` with its package."""

    root: Path

    @property
    def app(self) -> Path:
        return self.root / "app"

    @property
    def bff(self) -> Path:
        return self.root / "bff"

    @classmethod
    def write(cls, root: Path) -> DevFolder:
        folder = cls(root)
        manifest = {
            "name": "@team/shop",
            "version": "1.0.0",
            "entry": "shop.js",
            "styles": ["shop.css"],
            "routes": [{"path": "/", "access": "public", "title": "Shop"}],
            "bff": {"app": "shop_bff:create_app"},
        }
        folder.put("app/app.json", json.dumps(manifest))
        folder.put("app/src/index.ts", INDEX)
        folder.put("app/src/greeting.ts", GREETING)
        folder.put("app/src/shop.css", STYLE)
        folder.put("bff/src/shop_bff.py", BFF)
        (folder.app / "node_modules").symlink_to(ROOT / "node_modules")
        return folder

    @classmethod
    def made_with(cls, root: Path, ui: str) -> DevFolder:
        """What `portico new` makes, with a component that counts."""
        folder = cls(root)
        made = CliRunner().invoke(
            cli, ["new", "shop", "--team", "team", "--ui", ui, "--api", "none", "--into", str(folder.app)]
        )
        assert made.exit_code == 0, made.output
        (folder.app / "node_modules").symlink_to(ROOT / "node_modules")
        folder.put("app/src/counter.tsx", COUNTER.replace("FRAMEWORK", {"preact": "preact/hooks"}.get(ui, ui)))
        folder.change("app/app.json", '"/shop"', '"/"')
        folder.change("app/src/view.tsx", "import type", "import { Counter } from './counter.tsx';\nimport type")
        folder.change("app/src/view.tsx", "</h1>", "</h1>\n      <Counter />")
        return folder

    def text(self, path: str) -> str:
        return (self.root / path).read_text()

    def change(self, path: str, before: str, after: str) -> None:
        text = self.text(path)
        assert before in text
        self.put(path, text.replace(before, after))

    def put(self, path: str, text: str) -> None:
        """In one step: an empty file that is written to a moment later may be two changes."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.root / "draft"
        draft.write_text(text)
        draft.replace(file)


@dataclass
class Dev:
    """The running command and what it has said."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def says(self, pattern: str, *, after: int = 0) -> str:
        """The first line, from the `after`th on, that the pattern is found in; fails when the command ends without."""
        async with asyncio.timeout(30):
            while True:
                for line in self.lines[after:]:
                    if re.search(pattern, line):
                        return line
                assert self.process.returncode is None, "\n".join(self.lines)
                self._more.clear()
                await self._more.wait()

    @property
    async def address(self) -> str:
        """The page that hands the app over."""
        return (await self.says("Use it in your browser")).partition(": ")[2]

    async def read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(re.sub(r"\x1b\[\d*m", "", line.decode().rstrip()))
            self._more.set()
        await self.process.wait()
        self._more.set()


@asynccontextmanager
async def portico_dev(folder: DevFolder, url: str, *options: str) -> AsyncIterator[Dev]:
    """`portico dev` on the folder's app, for the host at `url`."""
    command = [str(Path(sys.executable).with_name("portico")), "dev", str(folder.app), "--url", url, *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    for name in ("DATABASE_URL", "NATS_URL", "PORTICO_URL"):
        environment.pop(name, None)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder.root, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    dev = Dev(process)
    reading = asyncio.create_task(dev.read())
    try:
        yield dev
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(20):
            await reading
