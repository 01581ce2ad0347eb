"""`portico new` makes apps whose own checks and tests pass at once, in every combination, and spoils nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from nodesemver import satisfies  # type: ignore[import-untyped]

from portico.host.builder.node import find_node
from portico.host.cli import cli
from portico.host.scaffold.packages import FAST_REFRESH, FRAMEWORKS, SDK, TOOLS, TYPES
from portico.host.scaffold.plan import APIS, UIS
from portico.manifest.unpacked import UnpackedApp
from tools.browser import installed

ROOT = Path(__file__).resolve().parents[2]
COMBINATIONS = [(ui, api) for ui in UIS for api in APIS]
NAME = "gift-cards"
LIMIT_S = 110

Made = Mapping[tuple[str, str], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One app of each combination, built; they find the packages that are installed here."""
    top = tmp_path_factory.mktemp("made")
    (top / "node_modules").symlink_to(ROOT / "node_modules")
    folders = {(ui, api): top / f"{ui}-{api}" for ui, api in COMBINATIONS}
    for (ui, api), folder in folders.items():
        said = portico("new", NAME, "--ui", ui, "--api", api, "--team", "sales", "--into", str(folder))
        assert said == (0, said[1]), said[1]
        (folder / "node_modules/@portico").mkdir(parents=True)  # as npm installs a file: dependency
        (folder / "node_modules/@portico/sdk").symlink_to(folder / "vendor/portico-sdk")
    with ThreadPoolExecutor(2) as pool:
        for code, text in pool.map(lambda folder: portico("build", str(folder)), folders.values()):
            assert code == 0, text
    return folders


def portico(*arguments: str) -> tuple[int, str]:
    """The exit code of a command, and what it said."""
    result = CliRunner().invoke(cli, arguments)
    return result.exit_code, result.output


def node(folder: Path, module: str, *arguments: str, **environment: str) -> str:
    """What a Node program says that is installed here, run in a folder; it must go well."""
    command = [find_node(), str(ROOT / "node_modules" / module), *arguments]
    return run(folder, command, **environment)


def run(folder: Path, command: list[str], **environment: str) -> str:
    env = {**os.environ, **environment}
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_component_tests_pass_in_a_real_browser(made: Made) -> None:
    """One server and one browser for all of them: an app's own configuration, with the folders of the others."""
    top = made["none", "none"].parent
    config = (made["none", "none"] / "vitest.config.mjs").read_text()
    assert "include: ['tests/**/*.test.ts']" in config
    (top / "vitest.config.mjs").write_text(config.replace("['tests/", "['*/tests/"))
    said = node(top, "vitest/vitest.mjs", "run", "--reporter=json", PORTICO_CHROMIUM=installed() or "")
    report = json.loads(next(line for line in said.splitlines() if line.startswith('{"num')))
    assert report["numTotalTests"] == report["numPassedTests"] == 2 * len(COMBINATIONS) - len(UIS)


@pytest.mark.parametrize("api", [api for api in APIS if api != "none"])
def test_bff_tests_pass(made: Made, api: str) -> None:
    said = run(made["preact", api] / "bff", [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"])
    assert "4 passed" in said


@pytest.mark.parametrize("api", [api for api in APIS if api != "none"])
def test_the_bff_is_the_same_whatever_the_page_is_made_with(made: Made, api: str) -> None:
    """So that its tests, run for one of them, speak for all."""
    contents = [
        {file: text for file, text in sources(made[ui, api]) if file.startswith(("bff/", "schemas/"))} for ui in UIS
    ]
    assert len(contents[0]) >= 9
    assert all(other == contents[0] for other in contents)


def sources(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and "__pycache__" not in name and not name.startswith(("dist/", "node_modules/")):
            yield name, path.read_text()


def test_types_and_lint_have_nothing_to_say(made: Made) -> None:
    def check(folder: Path) -> None:
        node(folder, "typescript/bin/tsc")
        assert "Found" not in node(folder, "@biomejs/biome/bin/biome", "check")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(check, made.values()))
    bffs = [str(made["none", api] / "bff") for api in APIS if api != "none"]
    ruff = str(Path(sys.executable).with_name("ruff"))
    run(ROOT, [ruff, "check", "--no-cache", *bffs])
    run(ROOT, [ruff, "format", "--no-cache", "--check", *bffs])


def test_what_was_built_is_what_a_deployer_takes(made: Made) -> None:
    for (ui, api), folder in made.items():
        app = UnpackedApp.of_folder(folder / "dist")
        manifest = app.manifest()
        assert manifest.name == f"@sales/{NAME}"
        assert (manifest.bff is None) == (api == "none")
        assert (folder / f"dist/{NAME}.js.map").exists(), ui


def test_the_packages_are_those_that_are_tested_here() -> None:
    ranges = {
        **TOOLS,
        **{
            name: wanted
            for some in (FRAMEWORKS, TYPES, FAST_REFRESH)
            for of in some.values()
            for name, wanted in of.items()
        },
    }
    del ranges[SDK]
    for name, wanted in ranges.items():
        version = json.loads((ROOT / "node_modules" / name / "package.json").read_text())["version"]
        assert satisfies(version, wanted, loose=False), (name, version, wanted)


def test_the_sdk_of_an_app_is_renewed_and_nothing_else_is_touched(tmp_path: Path) -> None:
    portico("new", "shop", "--into", str(tmp_path / "shop"))
    fresh = dict(sources(tmp_path / "shop"))
    stale = tmp_path / "shop/vendor/portico-sdk/old.js"
    stale.write_text("old")
    (tmp_path / "shop/vendor/portico-sdk/sdk.js").write_text("spoilt")
    code, said = portico("sdk", str(tmp_path / "shop"))
    assert (code, "is @portico/sdk" in said) == (0, True)
    assert dict(sources(tmp_path / "shop")) == fresh
    code, said = portico("sdk", str(tmp_path))
    assert (code, "there is no vendor/portico-sdk" in said) == (2, True)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Shop", "cannot be an app's name"),
        ("1shop", "cannot be an app's name"),
        ("gift_cards", "cannot be an app's name"),
        ("shop-", "cannot be an app's name"),
        ("../shop", "cannot be an app's name"),
        ("s" * 64, "cannot be an app's name"),
        ("api", "a path of the platform itself"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_with_what_it_may_be(name: str, why: str, tmp_path: Path) -> None:
    code, said = portico("new", "--into", str(tmp_path / "made"), "--", name)
    assert (code, why in said, "next:" in said) == (2, True, True), said
    assert list(tmp_path.iterdir()) == []


def test_a_team_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    code, said = portico("new", "shop", "--team", "My Team", "--into", str(tmp_path / "made"))
    assert (code, "cannot be a team's name" in said) == (2, True)


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/mine.txt").write_text("mine")
    code, said = portico("new", "shop", "--into", str(tmp_path / "shop"))
    assert (code, "is there and not empty" in said) == (2, True)
    assert [path.name for path in tmp_path.rglob("*")] == ["shop", "mine.txt"]
    code, said = portico("new", "shop", "--into", str(tmp_path / "shop/mine.txt"))
    assert (code, "is a file" in said) == (2, True)
    code, said = portico("new", "shop", "--into", str(tmp_path / "shop/mine.txt/below"))
    assert (code, "cannot be written" in said) == (2, True)


def test_an_empty_folder_is_filled_and_the_files_are_named(tmp_path: Path) -> None:
    code, said = portico("new", "shop", "--into", str(tmp_path), "--json")
    assert code == 0
    assert json.loads(said)["files"] == sorted(name for name, _ in sources(tmp_path))


def test_an_app_that_is_not_installed_says_what_to_do(tmp_path: Path) -> None:
    portico("new", "shop", "--into", str(tmp_path / "shop"))
    done = subprocess.run(
        [str(Path(sys.executable).with_name("portico")), "build", str(tmp_path / "shop")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "does not find esbuild: run npm install" in done.stderr


def test_a_mistake_in_a_component_is_told_with_its_place(made: Made) -> None:
    for ui, file, line in (
        ("svelte", "NotesView.svelte", "{#if broken"),
        ("vue", "NotesView.vue", "<template><p></template>"),
    ):
        view = made[ui, "none"] / "src" / file
        before = view.read_text()
        view.write_text(f"{before}\n{line}\n")
        done = subprocess.run(
            [str(Path(sys.executable).with_name("portico")), "build", str(made[ui, "none"])],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        view.write_text(before)
        assert done.returncode == 1
        assert f"src/{file}:" in done.stderr, done.stderr
