"""What is to be made: an app's names, its user interface and its API, checked before anything is written."""

from __future__ import annotations

import keyword
import re
import sys
from dataclasses import dataclass
from typing import Literal, get_args

from portico.manifest.app_manifest import RESERVED_PATHS
from portico.manifest.cli.failure import Failure

Ui = Literal["preact", "react", "vue", "svelte", "none"]
Api = Literal["graphql", "rest", "none"]
UIS: tuple[str, ...] = get_args(Ui)
APIS: tuple[str, ...] = get_args(Api)

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_TEAM = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Plan:
    """An app that is to be made: `@team/name` with a user interface and an API."""

    name: str
    team: str
    ui: str
    api: str

    def __post_init__(self) -> None:
        """Check the names; raises Failure (exit code 2) with what a name may be."""
        if not _NAME.fullmatch(self.name) or self.name.endswith("-"):
            raise Failure.usage(
                f"{self.name!r} cannot be an app's name",
                "up to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -: shop, gift-cards",
            )
        if self.name in RESERVED_PATHS:
            raise Failure.usage(f"{self.name!r} is a path of the platform itself", "choose another name")
        if not _TEAM.fullmatch(self.team):
            raise Failure.usage(f"{self.team!r} cannot be a team's name", "up to 63 of a-z, 0-9 and -: sales")
        taken = self.package in sys.stdlib_module_names or keyword.iskeyword(self.package)
        if self.api != "none" and taken:
            raise Failure.usage(f"Python has a module {self.package!r} of its own", "choose another name")

    @property
    def package(self) -> str:
        """The name of the BFF's Python package."""
        return f"{self.name.replace('-', '_')}_bff"

    @property
    def title(self) -> str:
        """What people read."""
        return self.name.replace("-", " ").capitalize()

    @property
    def layers(self) -> tuple[str, ...]:
        """The template folders that make it up; a later one has the last word over a file."""
        bff = () if self.api == "none" else ("bff",)
        return ("app", f"ui-{self.ui}", *bff, f"api-{self.api}")
