"""The sdk that comes with the platform, as files of an app: types, and the code for tests of the app alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from portico.manifest.cli.failure import REFUSED, Failure

BUILT = Path(__file__).with_name("sdk")
VENDORED = "vendor/portico-sdk"
"""Where an app has it; `package.json` names it as `file:vendor/portico-sdk`."""


def sdk_files(built: Path = BUILT) -> Mapping[str, str]:
    """The files by their path in an app's folder; raises Failure in a checkout that was not built."""
    if not (built / "package.json").is_file():
        raise Failure("the sdk's package was not built", code=REFUSED, advice="in a checkout: make build")
    paths = sorted(path for path in built.rglob("*") if path.is_file())
    return {f"{VENDORED}/{path.relative_to(built).as_posix()}": path.read_text(encoding="utf-8") for path in paths}


def renew(folder: Path) -> str:
    """Replace an app's copy by the platform's of now, and return its version; raises Failure where there is none."""
    place = folder / VENDORED
    if not (place / "package.json").is_file():
        raise Failure.usage(f"there is no {VENDORED} in {folder}", "give the folder of an app that portico new made")
    files = sdk_files()
    for stale in {path for path in place.rglob("*") if path.is_file()} - {folder / name for name in files}:
        stale.unlink()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return str(json.loads(files[f"{VENDORED}/package.json"])["version"])
