"""The schemas: valid themselves, and found wherever Portico is installed."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from portico.manifest import load_schema
from portico.manifest.schemas import NAMES

ROOT = Path(__file__).parents[2]
LOAD = """
import json, sys
sys.path.insert(0, sys.argv[1])
import portico.manifest
from portico.manifest.schemas import NAMES, load_schema, schema_folder
from portico.manifest import AppManifest
AppManifest.parse(b'{"name": "@sales/shop", "version": "1.0.0"}')
print(json.dumps([portico.manifest.__file__, str(schema_folder()), {name: load_schema(name) for name in NAMES}]))
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one(name: str) -> None:
    schema = load_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"https://portico.dev/schema/{name}.schema.json"
    assert schema["title"]
    assert schema["description"]


def test_the_schemas_here_are_the_checkouts_own() -> None:
    for name in NAMES:
        assert load_schema(name) == json.loads((ROOT / f"manifest/schema/{name}.schema.json").read_text("utf-8"))


def test_a_wheel_carries_the_schemas(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD, str(installed)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    module, folder, schemas = json.loads(loaded.stdout)
    assert Path(module).is_relative_to(installed)
    assert Path(folder).is_relative_to(installed)
    assert schemas == {name: load_schema(name) for name in NAMES}
