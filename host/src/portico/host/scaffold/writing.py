"""Writing a new folder: all of it or, where something stands in the way, nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from portico.manifest.cli.failure import Failure


def write(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Make `folder` with these files and return their paths; raises Failure when it is there and not empty."""
    if folder.exists() and not folder.is_dir():
        raise Failure.usage(f"{folder} is a file", "choose another name, or another folder with --into")
    if folder.is_dir() and any(folder.iterdir()):
        raise Failure.usage(f"{folder} is there and not empty", "choose another name, or another folder with --into")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as fresh:
            _fill(Path(fresh) / "app", files)
            if folder.is_dir():
                folder.rmdir()
            shutil.move(Path(fresh) / "app", folder)
    except OSError as error:
        raise Failure.usage(
            f"{folder} cannot be written: {error.strerror}", "choose another folder with --into"
        ) from error
    return list(files)


def _fill(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
