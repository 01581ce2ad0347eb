"""Templates to files: `<<name>>` and `<% if %>`, so that braces stay those of the languages they are written in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portico.host.scaffold.packages import FAST_REFRESH, FRAMEWORKS, TOOLS, TRUSTED_TYPES, TYPES
from portico.host.scaffold.plan import Plan

TEMPLATES = Path(__file__).with_name("templates")
SUFFIX = ".j2"


def render(plan: Plan, *, standalone: bool) -> Mapping[str, str]:
    """The files of the app, by their path in its folder, in the order of their paths.

    `standalone` says that no folder above has settings of its own for the linter.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        variable_start_string="<<", variable_end_string=">>",
        block_start_string="<%", block_end_string="%>",
        comment_start_string="<#", comment_end_string="#>",
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - sources, not pages; every name is checked by the plan
    )  # fmt: skip
    environment.filters["json"] = _indented
    values = _values(plan) | {"standalone": standalone}
    files = {}
    for template, path in _templates(plan):
        text = environment.get_template(template).render(values)
        files[path.replace("__name__", plan.name).replace("__package__", plan.package)] = _trimmed(text)
    return dict(sorted(files.items()))


def _templates(plan: Plan) -> Iterator[tuple[str, str]]:
    """Each template, and the path of what it becomes."""
    for layer in plan.layers:
        for file in sorted((TEMPLATES / layer).rglob(f"*{SUFFIX}")):
            yield file.relative_to(TEMPLATES).as_posix(), file.relative_to(TEMPLATES / layer).as_posix()[: -len(SUFFIX)]


def _values(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "team": plan.team,
        "title": plan.title,
        "package": plan.package,
        "ui": plan.ui,
        "api": plan.api,
        "dependencies": FRAMEWORKS[plan.ui],
        "dev_dependencies": dict(sorted({**TOOLS, **TYPES.get(plan.ui, {}), **FAST_REFRESH.get(plan.ui, {})}.items())),
        "trusted_types": TRUSTED_TYPES.get(plan.ui, []),
        "portico_version": version("portico"),
    }


def _indented(value: object, depth: int) -> str:
    """JSON as it is written in a file, inside a member that is `depth` spaces deep."""
    return json.dumps(value, indent=2).replace("\n", "\n" + " " * depth)


def _trimmed(text: str) -> str:
    """Without blank lines at the end, which what was left out leaves behind."""
    return text.rstrip("\n") + "\n" if text.strip() else ""
