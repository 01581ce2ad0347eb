"""The app that is worked on: what its folder says of it."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from portico.manifest.app_manifest import FILE_NAME
from portico.manifest.cli.failure import Failure

_NAME = re.compile(r"@[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*")
_PORTS = range(5200, 6200)


@dataclass(frozen=True, slots=True)
class DevApp:
    """`name` is `@team/app`, `start` a path that shows it, `bff` what its BFF is (`module:callable`), if it has one."""

    folder: Path
    name: str
    start: str
    bff: str | None = None

    @classmethod
    def of_folder(cls, folder: Path) -> DevApp:
        """Read app.json; raises Failure (exit code 2) that says what is missing in it."""
        file = folder / FILE_NAME
        try:
            manifest = json.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            raise Failure.usage(
                f"there is no {FILE_NAME} in {folder}", "give the app's folder, or make one: portico new"
            ) from None
        except ValueError as error:
            raise Failure.usage(f"{file} is not JSON: {error}", "mend it, then start again") from error
        name = manifest.get("name") if isinstance(manifest, dict) else None
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise Failure.usage(f"{file} has no `name` such as @team/app", "give it one, then start again")
        if not isinstance(manifest.get("entry"), str):
            raise Failure.usage(f"{file} names no `entry`, so there is nothing to show", "give it one")
        bff = manifest.get("bff")
        return cls(folder, name, _start(manifest.get("routes")), bff.get("app") if isinstance(bff, dict) else None)

    @property
    def short_name(self) -> str:
        """`app` of `@team/app`."""
        return self.name.partition("/")[2]

    @property
    def port(self) -> int:
        """A port of the app's own, the same every time: a page that has its override finds the server again."""
        return _PORTS[zlib.crc32(self.name.encode()) % len(_PORTS)]


def _start(routes: object) -> str:
    """The first path that needs no parameters; else the start."""
    for route in routes if isinstance(routes, list) else []:
        path = route.get("path") if isinstance(route, dict) else None
        if isinstance(path, str) and not re.search(r"[:*{(?+]", path) and route.get("slot", "main") == "main":
            return path
    return "/"
