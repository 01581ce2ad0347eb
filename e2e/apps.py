"""Small apps that tests write, break and deploy."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from e2e.stack import ROOT


def built(app: str) -> Path:
    """The folder of a reference micro-app as it was built."""
    return ROOT / "microapps" / app / "dist"


def variant(app: str, folder: Path, *, version: str, entry: str | None = None, **manifest: object) -> Path:
    """A copy of a built reference app in `folder`, with another version, and another entry module if one is given."""
    shutil.copytree(built(app), folder)
    document = json.loads((folder / "app.json").read_text())
    (folder / "app.json").write_text(json.dumps({**document, "version": version, **manifest}))
    if entry is not None:
        (folder / document["entry"]).write_text(entry)
    return folder


def view(heading: str) -> str:
    """The source of an entry module that shows a heading and nothing else."""
    return f"""
import {{ defineApp }} from '@portico/sdk';
export const {{ bootstrap, mount, unmount }} = defineApp({{
  mount({{ domElement }}) {{
    const heading = document.createElement('h1');
    heading.textContent = {json.dumps(heading)};
    domElement.append(heading);
  }},
}});
"""
