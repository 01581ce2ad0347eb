"""The commands about who may deploy, against a deployer that runs."""

from pathlib import Path

from manifest.tests.manifest_world import app_files, release_of
from manifest.tests.test_team_commands import Team, team

__all__ = ["team"]  # the fixture


def test_a_team_that_signs(team: Team) -> None:
    folder = team.build(app_files())
    made = team.json("keys", "new", "release.key")
    assert (team.folder / "release.key").stat().st_mode & 0o077 == 0
    added = team.json("keys", "add", "release.key.pub", "--team", "sales", "--label", "build machine")
    assert (added["id"], added["label"]) == (made["id"], "build machine")
    assert "must be signed" in team.run("keys", "require", "--team", "sales")
    out = team.run("deploy", folder, code=3)
    assert "signed releases alone: @sales/shop 1.0.0 is not signed by a key of team sales\n" in out
    assert "next: sign it: portico deploy --sign KEY" in out
    team.json("deploy", folder, "--sign", "release.key")
    (listed,) = team.json("releases", "shop")["releases"]
    assert [(one["key"], one["label"]) for one in listed["signedBy"]] == [(made["id"], "build machine")]
    assert team.run("releases").rstrip().endswith("signed by build machine")
    (revision,) = team.json("history")["revisions"]
    assert revision["changes"][0]["after"][0]["signedBy"][0]["key"] == made["id"]
    listing = team.run("keys", "list", "--team", "sales")
    assert made["id"] in listing
    assert "signatures are required" in listing


def test_signing_and_deploying_may_be_two_places(team: Team) -> None:
    team.run("keys", "new", "release.key")
    team.run("keys", "add", "release.key.pub", "--team", "sales")
    team.run("keys", "require", "--team", "sales")
    folder = team.build(app_files())
    signed = team.json("sign", folder, "--key", "release.key")
    assert signed["release"] == release_of(app_files()).digest
    (team.folder / "release.key").unlink()
    assert team.json("deploy", folder)["release"] == signed["release"]
    team.build(app_files(version="2.0.0"))
    assert "has changed since it was signed" in team.run("deploy", folder, code=2)
    (Path(folder) / ".signature").write_text("{")
    assert "is no signature" in team.run("deploy", folder, code=2)


def test_a_revoked_key_ends_and_signatures_may_be_optional_again(team: Team) -> None:
    made = team.json("keys", "new", "release.key")
    team.run("keys", "add", "release.key.pub", "--team", "sales")
    team.run("keys", "require", "--team", "sales")
    assert team.run("audit", "--limit", "1").rstrip().endswith("signatures.required  sales  sales")
    folder = team.build(app_files())
    team.run("deploy", folder, "--sign", "release.key")
    assert "signed by release.key" in team.run("releases")
    assert "is revoked" in team.run("keys", "revoke", made["id"], "--team", "sales")
    assert "signed by" not in team.run("releases")
    assert "was revoked" in team.run("deploy", folder, "--sign", "release.key", code=3)
    assert "portico keys list" in team.run("keys", "revoke", made["id"], "--team", "sales", code=1)
    assert "need no signature" in team.run("keys", "require", "--team", "sales", "--off")
    team.run("deploy", folder)


def test_key_files_are_never_overwritten_mixed_up_or_sent(team: Team) -> None:
    team.run("keys", "new", "release.key")
    before = (team.folder / "release.key").read_bytes()
    assert "is there already" in team.run("keys", "new", "release.key", code=2)
    assert (team.folder / "release.key").read_bytes() == before
    assert "is a private key" in team.run("keys", "add", "release.key", "--team", "sales", code=2)
    folder = team.build(app_files())
    assert "is not a private key" in team.run("sign", folder, "--key", "release.key.pub", code=2)
    assert "cannot be read" in team.run("sign", folder, "--key", "none.key", code=2)
    assert "cannot be read" in team.run("keys", "add", "none.pub", "--team", "sales", code=2)


def test_trust_rules_and_the_audit_log(team: Team) -> None:
    issuer, subject = "https://token.actions.githubusercontent.com", "repo:sales/shop:ref:refs/heads/main"
    wide = team.run("trust", "add", "--team", "sales", "--issuer", issuer, "--subject", "repo:*", code=1)
    assert "must name the owner" in wide
    named = ("--team", "sales", "--app", "shop", "--issuer", issuer, "--subject", subject)
    rule = team.json("trust", "add", *named, "--claim", "repository_owner_id=42")
    assert rule["audience"] == team.env["SERVED_AT"]
    assert rule["claims"] == {"repository_owner_id": "42"}
    assert subject in team.run("trust", "list")
    assert "NAME=VALUE" in team.run("trust", "add", *named, "--claim", "x", code=2)
    assert "is removed" in team.run("trust", "remove", rule["id"])
    assert "portico trust list" in team.run("trust", "remove", rule["id"], code=1)
    made = team.json("tokens", "create", "--team", "sales", "--app", "shop")
    assert made["app"] == "shop"
    entries = team.json("audit")["entries"]
    actions = [one["action"] for one in entries]
    assert actions == ["token.created", "trust.removed", "trust.added", "token.created"]
    assert entries[0]["who"].endswith(", at the database")
    assert entries[1]["who"] == "this machine"
    assert made["token"] not in team.run("audit")
    listed = {one["id"]: one for one in team.json("tokens", "list")["tokens"]}
    assert listed[made["id"]]["lastUsedAt"] is None
    assert any(one["lastUsedAt"] for one in listed.values())
    refused = team.run("trust", "add", *named, "--token", made["token"], code=3)
    assert "next: ask an operator" in refused


def test_an_operator_is_told_how_to_say_whose_a_flag_is(team: Team) -> None:
    (team.folder / "flag.json").write_text('{"variants": {"on": true, "off": false}, "defaultVariant": "off"}')
    assert "next: say whose flag it is: --team TEAM" in team.run("flags", "set", "banner", "flag.json", code=1)
    assert "banner is" in team.run("flags", "set", "banner", "flag.json", "--team", "sales")
    (team.folder / "flag.json").write_text('{"variants": {"on": true}}')
    wrong = team.run("flags", "set", "banner", "flag.json", code=1)
    assert "the flag: 'defaultVariant' is a required property" in wrong
    assert "app.json" not in wrong


def test_a_token_of_one_app_deploys_that_one_alone(team: Team) -> None:
    made = team.json("tokens", "create", "--team", "sales", "--app", "shop")
    team.run("deploy", team.build(app_files()), "--token", made["token"])
    out = team.run("deploy", team.build(app_files("@sales/offers"), "offers"), "--token", made["token"], code=3)
    assert "this token is for app shop of team sales" in out
