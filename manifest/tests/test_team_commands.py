"""The commands that teams use, against a deployer that runs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from click.testing import CliRunner

from manifest.tests.deployer_processes import deployer
from manifest.tests.manifest_world import app_files, library_files
from portico.manifest.cli import commands
from portico.manifest.cli.client import ChannelState, DeployClient, Moved
from portico.manifest.cli.deploy import promote
from portico.manifest.cli.failure import Failure


@dataclass
class Team:
    """Somebody at a command line, in a folder."""

    folder: Path
    env: dict[str, str | None] = field(default_factory=dict)
    command: click.Group = field(default_factory=lambda: click.Group(commands={c.name or "": c for c in commands}))

    def run(self, *arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(self.command, arguments, env=self.env)
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code))

    def build(self, files: dict[str, bytes], name: str = "dist") -> str:
        folder = self.folder / name
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return str(folder)


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """A team whose folder is below one where a platform runs, as ``portico up`` leaves it."""
    data = tmp_path / ".portico"
    here = tmp_path / "work" / "app"
    data.mkdir()
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    for variable in ("PORTICO_URL", "PORTICO_TOKEN", "PORTICO_MANIFEST_DATABASE"):
        monkeypatch.delenv(variable, raising=False)
    with deployer(data) as url:
        team = Team(here)
        (data / "run.json").write_text(json.dumps({"url": url}))
        made = team.json("tokens", "create", "--team", "*", "--label", "this machine")
        (data / "deploy-token").write_text(made["token"] + "\n")
        team.env = {"SERVED_AT": url}
        yield team


def test_help_says_what_each_command_is_for(team: Team) -> None:
    _, _, listed = team.run("--help").partition("Commands:")
    assert [line for line in listed.splitlines() if line.endswith("...")] == []
    assert "rollback" in listed


def test_the_token_may_be_in_a_file(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    kept.write_text((tmp_path / ".portico" / "deploy-token").read_text())
    (tmp_path / ".portico" / "deploy-token").unlink()
    kept.chmod(0o600)
    monkeypatch.setenv("PORTICO_TOKEN_FILE", str(kept))
    assert "@sales/shop 1.0.0 is on live" in team.run("deploy", team.build(app_files()))
    kept.chmod(0o644)
    refused = team.run("history", code=2)
    assert f"run `chmod o= {kept}`" in refused
    assert kept.read_text().strip() not in refused


def test_a_teams_day(team: Team) -> None:
    out = team.run("deploy", team.build(app_files(routes=[{"path": "/x/:id"}, {"path": "/shop"}])))
    assert "@sales/shop 1.0.0 is on live" in out
    assert f"{team.env['SERVED_AT']}/shop" in out
    second = team.json("deploy", team.build(app_files(version="2.0.0"), "two"), "--why", "faster")
    assert (second["published"], second["revision"], second["url"]) == (True, 2, f"{team.env['SERVED_AT']}/")
    listed = team.json("releases", "shop")["releases"]
    assert [(one["version"], one["current"]) for one in listed] == [("2.0.0", True), ("1.0.0", False)]
    assert team.run("releases").startswith("*  @sales/shop  2.0.0")
    back = team.json("rollback", "shop")
    assert (back["to"], back["revision"]) == (1, 3)
    revisions = team.json("history")["revisions"]
    assert [one["why"] for one in revisions] == ["rollback to revision 1 of shop", "faster", ""]
    assert {one["who"] for one in revisions} == {"this machine"}
    assert "faster" in team.run("history", "--limit", "2")
    assert team.json("rollback", "--to", "2")["revision"] == 4
    assert "nothing to do" in team.run("rollback", "--to", "2")


def test_deploying_the_same_again_changes_nothing(team: Team) -> None:
    first = team.json("deploy", team.build(app_files()))
    again = team.json("deploy", team.build(app_files()))
    assert (again["published"], again["revision"]) == (False, first["revision"])
    assert "it was there already" in team.run("deploy", team.build(app_files()))


def test_what_the_server_refuses_is_told_with_place_and_advice(team: Team) -> None:
    folder = team.build(app_files(source="\nimport 'signals'", imports={"needs": {"signals": "^11.0.0"}}))
    out = team.run("deploy", folder, code=1)
    assert "The channel would not work" in out
    assert "/imports/needs/signals: @sales/shop 1.0.0 needs signals ^11.0.0" in out
    assert "file:shop.js:2:8: 'signals'" in out
    assert "next: mend the places named, or deploy what is missing first" in out
    assert team.json("deploy", folder, code=1)["error"]["type"].endswith("/invalid-channel")
    assert team.json("releases")["releases"] == []
    team.run("deploy", team.build(library_files(), "libs"))
    team.run("deploy", folder)


def test_a_wrong_manifest_is_told_before_anything_is_sent(team: Team) -> None:
    folder = team.build(app_files(version="1"))
    out = team.run("deploy", folder, "--url", "http://127.0.0.1:9", "--token", "t", code=1)
    assert "/version:" in out
    assert "docs/reference/app-manifest.md" in out
    assert team.json("deploy", folder, code=1)["error"]["errors"][0]["pointer"] == "/version"


def test_a_folder_that_was_not_built_says_what_to_do(team: Team) -> None:
    assert "build the app first" in team.run("deploy", code=2)
    team.build(app_files())
    assert f"portico deploy {team.folder / 'dist'}" in team.run("deploy", str(team.folder), code=2)


def test_the_same_version_with_other_content_asks_for_a_new_version(team: Team) -> None:
    team.run("deploy", team.build(app_files()))
    out = team.run("deploy", team.build(app_files(source="export const a = 1;")), code=4)
    assert "next: raise the version" in out


def test_tokens_are_made_listed_and_revoked(team: Team) -> None:
    made = team.json("tokens", "create", "--team", "sales", "--days", "3")
    assert made["token"].startswith("portico_")
    listed = team.run("tokens", "list")
    assert made["token"] not in listed
    assert f"{made['id']}  sales  sales" in listed
    folder = team.build(app_files("@crm/account"))
    out = team.run("deploy", folder, "--token", made["token"], code=3)
    assert "another team's" in out
    team.run("deploy", team.build(app_files(), "mine"), "--token", made["token"])
    assert "revoked" in team.run("tokens", "revoke", made["id"])
    assert "revoked" in team.run("deploy", folder, "--token", made["token"], code=3)
    assert "not revoked already" in team.run("tokens", "revoke", made["id"], code=2)
    states = {one["id"]: one["state"] for one in team.json("tokens", "list")["tokens"]}
    assert states[made["id"]] == "revoked"
    assert "cannot be a team" in team.run("tokens", "create", "--team", "Not One", code=2)


def test_a_token_in_the_folder_is_never_sent_elsewhere(team: Team) -> None:
    out = team.run("history", "--url", "http://portico.example", code=3)
    assert "no deploy token" in out
    assert "PORTICO_TOKEN" in out
    assert ".portico/deploy-token" in out


def test_nobody_there_is_told_as_such(team: Team, tmp_path: Path) -> None:
    out = team.run("history", "--url", "http://127.0.0.1:9", "--token", "t", code=5)
    assert "no answer from http://127.0.0.1:9" in out
    (tmp_path / ".portico" / "run.json").unlink()
    out = team.run("history", code=2)
    assert f"no Portico runs from this folder or one above it ({team.folder})" in out
    assert "go to the folder in which it was started" in out
    assert "PORTICO_URL" in out
    assert "not an http" in team.run("history", "--url", "localhost:8000", code=2)


def test_a_rollback_with_nothing_before_it_is_not_an_empty_channel(team: Team) -> None:
    assert "nothing to go back to" in team.run("rollback", code=2)
    team.run("deploy", team.build(app_files()))
    assert "nothing to go back to" in team.run("rollback", code=2)
    assert "nothing to go back to" in team.run("rollback", "other", code=2)
    assert team.json("rollback", "--to", "0")["revision"] == 2


class Crowd(DeployClient):
    """A client whose channel is changed by others before each of its own changes."""

    def __init__(self, others: list[str]) -> None:
        super().__init__(httpx.Client())
        self.others = others
        self.apps: dict[str, list[dict[str, Any]]] = {"shop": [{"release": "old", "weight": 100}]}
        self.revision = 1

    def channel(self, name: str) -> ChannelState:
        return ChannelState({"channel": name, "revision": self.revision, "apps": dict(self.apps)}, f'"{self.revision}"')

    def promote(
        self, channel: ChannelState, app: str, digest: str, why: str, *, weight: int = 100, dry_run: bool = False
    ) -> ChannelState:
        if self.others:
            self.apps[self.others.pop()] = [{"release": f"other{self.revision}", "weight": 100}]
            self.revision += 1
        if channel.revision != self.revision:
            raise Moved(Failure("moved", code=4))
        self.apps[app] = [{"release": digest, "weight": 100}]
        self.revision += 1
        return self.channel("live")


def test_a_deploy_goes_on_when_others_deploy_other_apps() -> None:
    crowd = Crowd(["account", "stock", "account"])
    after = promote(crowd, crowd.channel("live"), "shop", "new", "")
    assert after.releases_of("shop") == [{"release": "new", "weight": 100}]
    assert set(after.document["apps"]) == {"shop", "account", "stock"}


def test_a_deploy_stops_when_somebody_else_deployed_the_same_app() -> None:
    crowd = Crowd(["shop", "account"])
    with pytest.raises(Failure, match="somebody else deployed shop") as failure:
        promote(crowd, crowd.channel("live"), "shop", "new", "")
    assert failure.value.code == 4
    assert crowd.apps["shop"] == [{"release": "other2", "weight": 100}]
