"""`portico build` refuses what a deploy would refuse of `app.json`, and says where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from portico.host.cli import cli

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = {"name": "@team/shop", "version": "1.0.0", "entry": "shop.js", "routes": [{"path": "/shop"}]}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """An app without a framework; it finds the bundler that is installed here."""
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/index.js").write_text("export const mount = () => {};\nexport const unmount = () => {};\n")
    (tmp_path / "app.json").write_text(json.dumps(MANIFEST))
    return tmp_path


def build(folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["build", str(folder)])
    return result.exit_code, result.output


def test_an_app_is_built_and_its_name_and_folder_are_said(shop: Path) -> None:
    code, said = build(shop)
    assert code == 0, said
    assert "@team/shop 1.0.0+" in said
    assert str(shop / "dist") in said


def test_a_misspelt_member_is_found_before_anybody_deploys_it(shop: Path) -> None:
    (shop / "app.json").write_text(json.dumps({**MANIFEST, "rotues": [{"path": "/b"}]}))
    code, said = build(shop)
    assert code == 1
    assert "app.json: there is no member 'rotues', did you mean 'routes'?" in said
    assert "mend app.json and build again" in said


@pytest.mark.parametrize(
    ("text", "where"),
    [('{\n  "name": "@team/shop",,\n}', "line 2 column 24"), ("", "line 1 column 1")],
    ids=["comma", "empty"],
)
def test_what_is_not_json_is_said_with_line_and_column(shop: Path, text: str, where: str) -> None:
    (shop / "app.json").write_text(text)
    code, said = build(shop)
    assert code == 1
    assert f"{shop / 'app.json'} is not JSON" in said
    assert where in said
    assert not (shop / "dist").exists()
