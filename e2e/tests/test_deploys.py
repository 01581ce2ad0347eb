"""Teams deploy and take back without asking anyone and without restarting anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.apps import variant, view
from e2e.pages.food import RestaurantsPage
from e2e.pages.shell import Shell
from e2e.stack import Stack
from e2e.tests.conftest import NewPerson


@pytest.fixture(autouse=True)
def as_it_was(stack: Stack) -> Iterator[None]:
    """What a test deploys is gone after it."""
    with stack.as_it_was():
        yield


def test_a_deploy_is_in_the_next_page_view_and_leaves_what_somebody_is_looking_at(
    stack: Stack, person: NewPerson, tmp_path: Path
) -> None:
    """No restart: a new view has the new release; in an open page the old one works until its person goes elsewhere."""
    before = person("Ada Lovelace")
    old = RestaurantsPage(before).open()
    process = stack.pid
    stack.portico("deploy", str(variant("menu", tmp_path / "menu", version="99.0.0", entry=view("Brand new"))))

    after = before.context.new_page()
    after.goto("/")
    expect(after.get_by_role("heading", level=1, name="Brand new")).to_be_visible()
    expect(Shell(before).newer_version).to_be_visible()
    old.search("pizza")
    expect(old.results.get_by_role("link").first).to_be_visible()
    Shell(before).go("Basket")
    expect(old.heading).to_have_count(0)
    Shell(before).go("Restaurants")
    expect(before.get_by_role("heading", level=1, name="Brand new")).to_be_visible()
    assert stack.pid == process


def test_a_bad_deploy_is_gone_with_one_command(stack: Stack, person: NewPerson, tmp_path: Path) -> None:
    """`portico rollback` makes a new revision equal to the one before; the next view has the old release."""
    page = person("Ada Lovelace")
    stack.portico("deploy", str(variant("menu", tmp_path / "menu", version="99.1.0", entry=view("A mistake"))))
    page.goto("/")
    expect(page.get_by_role("heading", level=1, name="A mistake")).to_be_visible()
    deployed = stack.revision()
    stack.portico("rollback")
    assert stack.revision() == deployed + 1
    RestaurantsPage(page).open()


def test_history_and_releases_tell_what_happened(stack: Stack, tmp_path: Path) -> None:
    """The audit trail names the release, the version and who did it."""
    folder = variant("menu", tmp_path / "menu", version="99.2.0", entry=view("Told"))
    deployed = stack.portico_json("deploy", str(folder))
    assert isinstance(deployed, dict)
    releases = stack.portico_json("releases", "menu")
    assert isinstance(releases, dict)
    assert (releases["releases"][0]["version"], releases["releases"][0]["current"]) == ("99.2.0", True)
    history = stack.portico_json("history")
    assert isinstance(history, dict)
    latest = history["revisions"][0]
    assert (latest["revision"], latest["who"]) == (deployed["revision"], "this machine")
    assert [change["app"] for change in latest["changes"]] == ["menu"]
    assert "99.2.0" in stack.portico("releases", "menu").stdout
    assert "menu" in stack.portico("history").stdout


def test_the_same_bytes_twice_are_one_release_and_other_bytes_of_a_version_are_refused(
    stack: Stack, tmp_path: Path
) -> None:
    """A version means one content for ever."""
    first = variant("menu", tmp_path / "one", version="99.3.0", entry=view("One"))
    other = variant("menu", tmp_path / "two", version="99.3.0", entry=view("Two"))
    stack.portico("deploy", str(first))
    number = stack.revision()
    stack.portico("deploy", str(first))
    assert stack.revision() == number
    refused = stack.portico("deploy", str(other), check=False)
    assert refused.returncode != 0
    assert "99.3.0" in refused.stderr
    assert stack.revision() == number


def test_a_deploy_without_or_with_a_wrong_token_is_refused(stack: Stack, tmp_path: Path) -> None:
    """Who has no token is told how to get one, and nothing changes."""
    folder = variant("menu", tmp_path / "menu", version="99.4.0")
    number = stack.revision()
    for token in ("portico_wrong", "nonsense"):
        refused = stack.portico("deploy", str(folder), "--token", token, check=False)
        assert refused.returncode != 0
        assert "token" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert stack.revision() == number


def test_a_team_token_deploys_its_own_apps_alone(stack: Stack, tmp_path: Path) -> None:
    """A team cannot touch another team's app."""
    database = f"sqlite:///{stack.data_dir}/manifest.db"
    made = stack.portico_json("tokens", "create", "--team", "discovery", "--database", database)
    assert isinstance(made, dict)
    token = str(made["token"])
    own = variant("menu", tmp_path / "menu", version="99.5.0")
    theirs = variant("checkout", tmp_path / "checkout", version="99.5.0")
    stack.portico("deploy", str(own), "--token", token)
    refused = stack.portico("deploy", str(theirs), "--token", token, check=False)
    assert refused.returncode != 0
    assert "team" in refused.stderr
