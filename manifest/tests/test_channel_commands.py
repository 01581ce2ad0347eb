"""``portico promote``, ``retire``, ``channels``, and dry runs, against a deployer that runs."""

import io

import pytest

from manifest.tests.manifest_world import app_files
from manifest.tests.test_team_commands import Team, team
from portico.manifest.cli.client import ChannelState
from portico.manifest.cli.progress import blocks
from portico.manifest.cli.promote import _listing

__all__ = ["team"]


@pytest.fixture
def shop(team: Team) -> Team:
    """A team with two releases of an app, the second on the channel."""
    team.run("deploy", team.build(app_files()))
    team.run("deploy", team.build(app_files(version="2.0.0"), "two"))
    return team


def test_a_release_is_promoted_by_version_or_digest(shop: Team) -> None:
    first, second = (shop.json("releases", "shop")["releases"][at]["digest"] for at in (1, 0))
    done = shop.json("promote", "shop", "1.0.0", "--why", "the new one is slow")
    assert (done["releases"], done["revision"], done["changed"]) == ([{"release": first, "weight": 100}], 3, True)
    assert f"shop on live: {second[:12]} (100%)" in shop.run("promote", "shop", second[:8])
    assert "it was so already" in shop.run("promote", "shop", "2.0.0")
    assert [one["why"] for one in shop.json("history")["revisions"]][1] == "the new one is slow"


def test_a_reason_cannot_take_the_terminal_of_who_reads_it(shop: Team) -> None:
    """No colours, no cursor, no row that looks like somebody else's, no text that runs backwards."""
    shop.run("promote", "shop", "1.0.0", "--why", "\x1b[2J\x1b[31mall\n99  2030-01-01  operator\u202e\x9b1m")
    shown = shop.run("history")
    assert "\\x1b[2J\\x1b[31mall\\n99" in shown
    assert all(one.isprintable() for one in shown.replace("\n", ""))
    assert len(shown.splitlines()) == len(shop.json("history")["revisions"])


def test_a_weight_puts_a_release_beside_the_one_that_is_there(shop: Team) -> None:
    first, second = (shop.json("releases", "shop")["releases"][at]["digest"] for at in (1, 0))
    split = shop.json("promote", "shop", "1.0.0", "--weight", "10")["releases"]
    assert {one["release"] for one in split} == {first, second}
    assert f"shop  1.0.0  {first[:12]}  10%" in shop.run("channels", "live")
    assert shop.json("promote", "shop", "1.0.0", "--weight", "0")["releases"] == [{"release": second, "weight": 100}]
    third = shop.json("deploy", shop.build(app_files(version="3.0.0"), "three"), "--weight", "5")
    assert (third["weight"], len(shop.json("channels", "live")["apps"]["shop"])) == (5, 2)


def test_a_dry_run_of_a_deploy_has_its_weight(shop: Team) -> None:
    third = shop.build(app_files(version="3.0.0"), "three")
    assert "(90%), " in shop.run("deploy", third, "--weight", "10", "--dry-run")
    alone = shop.build(app_files("@sales/other"), "other")
    refused = shop.run("deploy", alone, "--weight", "10", "--dry-run", code=1)
    assert "first release" in refused
    assert "next: choose another --weight" in refused
    assert "nobody on live gets it" in shop.run("deploy", third, "--weight", "0")
    assert len(shop.json("channels", "live")["apps"]["shop"]) == 1


def test_an_app_is_retired_and_comes_back(shop: Team) -> None:
    assert "shop on live: not there" in shop.run("retire", "shop", "--why", "summer")
    assert shop.json("channels", "live")["apps"] == {}
    assert "portico channels live lists what is" in shop.run("retire", "shop", code=2)
    assert "nothing is on it" in shop.run("channels", "live")
    shop.run("rollback", "shop")
    assert list(shop.json("channels", "live")["apps"]) == ["shop"]


def test_channels_are_listed_with_their_latest_revision(shop: Team) -> None:
    shop.run("promote", "shop", "2.0.0", "--channel", "next", "--why", "try it")
    listed = shop.json("channels")["channels"]
    assert [(one["channel"], one["revision"], one["why"]) for one in listed] == [("live", 2, ""), ("next", 1, "try it")]
    assert "next  1" in shop.run("channels")
    assert "nxt was never changed" in shop.run("channels", "nxt")


def test_versions_are_told_beyond_the_first_page(shop: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portico.manifest.cli.client._PAGE", 1)
    shop.run("promote", "shop", "1.0.0", "--weight", "10")
    listed = [line.split() for line in shop.run("channels", "live").splitlines()[1:]]
    assert [(row[1], row[3]) for row in listed] == [("2.0.0", "90%"), ("1.0.0", "10%")]


def test_modules_hosted_elsewhere_are_listed_too() -> None:
    document = {
        "channel": "live",
        "revision": 3,
        "apps": {},
        "imports": {"@shop/widget": {"url": "https://cdn.example/w.js"}},
    }
    text = _listing(ChannelState(document, '"3"'), {})
    assert text == "live is at revision 3\n@shop/widget  https://cdn.example/w.js"


def test_what_is_misspelt_is_guessed(shop: Team) -> None:
    assert "did you mean shop?" in shop.run("promote", "shp", "1.0.0", code=1)
    assert "did you mean 2.0.0?" in shop.run("promote", "shop", "2.0.1", code=2)
    assert "did you mean shop?" in shop.run("releases", "shopp", code=1)
    assert "did you mean shop?" in shop.run("retire", "shopp", code=2)


def test_a_dry_run_tells_and_changes_nothing(shop: Team) -> None:
    assert "shop: " in shop.run("promote", "shop", "1.0.0", "--dry-run")
    assert "nothing was changed" in shop.run("retire", "shop", "--dry-run")
    assert "shop: " in shop.run("rollback", "--dry-run")
    new = shop.build(app_files(version="3.0.0"), "three")
    assert "nothing was changed" in shop.run("deploy", new, "--dry-run")
    assert shop.json("channels", "live")["revision"] == 2
    assert len(shop.json("releases", "shop")["releases"]) == 2


class Terminal(io.StringIO):
    """A terminal that remembers what was shown."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "quiet", "shown"), [(Terminal, False, "Sending 195 KiB"), (Terminal, True, ""), (io.StringIO, False, "")]
)
def test_an_upload_shows_how_far_it_is_only_where_somebody_looks(
    stream: type[io.StringIO], quiet: bool, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = stream()
    monkeypatch.setattr("sys.stderr", screen)
    content = bytes(range(256)) * 781
    sent = list(blocks(io.BytesIO(content), len(content), quiet=quiet))
    assert b"".join(sent) == content
    assert max(map(len, sent)) <= 1 << 16
    assert shown in screen.getvalue()
    assert bool(shown) == bool(screen.getvalue())
    assert ("100%" in screen.getvalue()) == bool(shown)
