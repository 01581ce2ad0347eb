"""The wheel of each reference service holds all that it needs far from this checkout: data, and schemas of events."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from portico.schemas import in_folders, installed, of_service

BFFS = Path(__file__).parents[1]
FOLDERS = sorted(file.parent for file in BFFS.glob("*/pyproject.toml"))


def test_every_service_is_a_distribution() -> None:
    assert {folder.name for folder in FOLDERS} == {app.parents[2].name for app in BFFS.glob("*/src/*_bff/app.py")}


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_a_wheel_holds_the_sources_and_their_data(folder: Path, tmp_path: Path) -> None:
    held = set(zipfile.ZipFile(wheel(folder, tmp_path)).namelist())
    sources = folder / "src"
    files = {file for file in sources.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    names = {file.relative_to(sources).as_posix() for file in files}
    assert f"{folder.name}_bff/py.typed" in names
    assert names - held == set()


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_an_installed_service_brings_the_schemas_of_its_events(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found as they are found beside the sources: by the entry point of what is installed."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel(folder, tmp_path)).extractall(site)
    monkeypatch.setattr(sys, "path", [str(site)])
    for module in [name for name in sys.modules if name.partition(".")[0] == f"{folder.name}_bff"]:
        monkeypatch.delitem(sys.modules, module)
    found = installed()
    assert {one.service for one in found} <= {folder.name}
    assert all(one.path.is_relative_to(site) for one in found)
    ours = of_service(in_folders([BFFS]), folder.name)
    assert [(one.urn, one.schema) for one in of_service(found, folder.name)] == [(one.urn, one.schema) for one in ours]


def wheel(folder: Path, into: Path) -> Path:
    """As it is published, built by the backend that its pyproject.toml names."""
    [built] = WheelBuilder(str(folder)).build(directory=str(into), versions=["standard"])
    return Path(built)
