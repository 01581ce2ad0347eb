"""The wheel holds all that an installed Portico needs: its commands work from it alone, far from this checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOST = ROOT / "host/src/portico/host"
LIMIT_S = 120
pytestmark = pytest.mark.timeout(300)  # the second one waits for an environment, an app and its build


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As it is published, built from this checkout by the backend that pyproject.toml names."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def portico(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`portico` of a new environment: the wheel, other people's packages as installed here, and no checkout."""
    folder = tmp_path_factory.mktemp("installed") / ".venv"
    venv.create(folder, with_pip=False)
    python = folder / "bin/python"
    site = Path(run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], cwd=folder).strip())
    # A plain line adds a folder without reading the .pth files in it, by which this checkout is installed.
    (site / "others.pth").write_text(sysconfig.get_path("purelib"))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    run([*pip, "--ignore-installed", "--no-warn-script-location", str(wheel)], cwd=folder)
    where = run([str(python), "-c", "import portico.host.cli as cli; print(cli.__file__)"], cwd=folder).strip()
    assert Path(where).is_relative_to(site)
    return folder / "bin/portico"


@pytest.fixture(scope="module")
def app(portico: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An app that the installed command has made; it finds the npm packages that are installed here."""
    top = tmp_path_factory.mktemp("app")
    (top / "node_modules").symlink_to(ROOT / "node_modules")
    folder = top / "gift-cards"
    run([str(portico), "new", "gift-cards", "--team", "sales", "--ui", "preact", "--api", "rest"], cwd=top)
    return folder


def run(command: list[str], *, cwd: Path) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PORTICO_", "PYTHON"))}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_every_file_that_is_no_python(wheel: Path) -> None:
    """Templates, what builds apps, the sdk's copy, the browser code, schemas: what no import would miss."""
    held = set(zipfile.ZipFile(wheel).namelist())
    folders = [HOST / name for name in ("scaffold/templates", "scaffold/sdk", "builder/js", "static", "templates")]
    files = {file for folder in folders for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc"}
    files |= set(HOST.rglob("*.j2")) | {HOST / "icon.svg", HOST / "py.typed"}
    assert len(files) > 100
    assert {f"portico/host/{file.relative_to(HOST)}" for file in files} - held == set()
    schemas = {f"portico/manifest/schema/{file.name}" for file in (ROOT / "manifest/schema").iterdir()}
    assert schemas - held == set()
    assert [name for name in held if "node_modules" in name] == []


def test_an_app_is_made_and_built(portico: Path, app: Path) -> None:
    run([str(portico), "build"], cwd=app)
    manifest = json.loads((app / "dist/app.json").read_text())
    assert manifest["name"] == "@sales/gift-cards"
    assert (app / "dist" / manifest["entry"]).is_file()


def test_types_are_made(portico: Path, app: Path) -> None:
    made = json.loads(run([str(portico), "types", "--json"], cwd=app))
    assert (app / "src/portico/api.ts").is_file()
    assert made["changed"]
    assert json.loads(run([str(portico), "types", "--check", "--json"], cwd=app))["changed"] == []
