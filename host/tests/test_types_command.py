"""`portico types` on the command line; what it writes is tested beside the generator, in tools/types."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portico.host.cli import cli

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app that publishes, with the checkout's generator installed."""
    (tmp_path / "node_modules/@portico").mkdir(parents=True)
    (tmp_path / "node_modules/@portico/types").symlink_to(ROOT / "tools/types")
    folder = tmp_path / "lamps"
    folder.mkdir()
    manifest = {"name": "@home/lamps", "version": "1.0.0", "publishes": {"lamp.lit/1": "lit.json"}}
    (folder / "app.json").write_text(json.dumps(manifest))
    (folder / "lit.json").write_text('{"type": "object", "properties": {"room": {"type": "string"}}}')
    return folder


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, ["types", *map(str, args)])


def test_it_writes_and_says_what_changed(app: Path) -> None:
    first = run(app, "--json")
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["files"] == ["messages.ts", "publishes/lamp.lit-1.ts"]
    assert "room?: string" in (app / "src/portico/publishes/lamp.lit-1.ts").read_text()
    (app / "lit.json").write_text('{"type": "string"}')
    refused = run(app, "--check")
    assert (refused.exit_code, "publishes/lamp.lit-1.ts: not as app.json says" in refused.output) == (1, True)


def test_what_is_missing_is_said(app: Path, tmp_path: Path) -> None:
    assert "there is no app.json in" in run(tmp_path).output
    shutil.rmtree(tmp_path / "node_modules")
    missing = run(app)
    assert (missing.exit_code, "@portico/types is not installed" in missing.output) == (2, True)
