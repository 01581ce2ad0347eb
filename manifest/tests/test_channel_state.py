"""Selections: one release of each app for every visitor, the same for equal sides, with a tag of its own."""

from manifest.tests.manifest_world import NOON, app_files, release_of
from portico.manifest import Authorship, ChannelRevision, ChannelState, External
from portico.manifest.cohort import chosen

BY = Authorship("ada", NOON)
OLD, NEW = (release_of(app_files(version=version)) for version in ("1.0.0", "2.0.0"))
ACCOUNT = release_of(app_files("@crm/account"))
MINE = release_of(app_files("@crm/mine"))
PEOPLE = [f"sub:{number}" for number in range(200)]


def state(weight: int = 100) -> ChannelState:
    revision = ChannelRevision.empty("live").promote("shop", OLD.digest, BY).promote("account", ACCOUNT.digest, BY)
    if weight < 100:
        revision = revision.promote("shop", NEW.digest, BY, weight)
    releases = (OLD, NEW, ACCOUNT) if weight < 100 else (OLD, ACCOUNT)
    return ChannelState(revision, {release.digest: release for release in releases})


def shown(of: ChannelState, visitor: str | None) -> str:
    release = of.select(visitor).release("shop")
    assert release is not None
    return release.version


def test_without_a_split_everybody_has_one_selection_of_the_revisions_tag() -> None:
    whole = state()
    assert not whole.is_split
    assert whole.select("sub:ada") is whole.select("sub:bob") is whole.select()
    assert whole.select().etag == '"2"'
    assert [release.app for release in whole.select().releases] == ["account", "shop"]


def test_with_a_split_each_visitor_has_a_side_and_nobody_the_stable_one() -> None:
    split = state(30)
    assert split.is_split
    assert shown(split, None) == "1.0.0"
    for person in PEOPLE:
        side = "2.0.0" if chosen("shop", NEW.digest, person, 30) else "1.0.0"
        assert shown(split, person) == side
    assert {shown(split, person) for person in PEOPLE} == {"1.0.0", "2.0.0"}


def test_equal_sides_are_one_selection_and_others_have_another_tag() -> None:
    split = state(30)
    selections = {id(split.select(person)): split.select(person) for person in PEOPLE}
    tags = [selection.etag for selection in selections.values()]
    assert len(selections) == len(set(tags)) == 2
    assert all(tag.startswith('"3-') and len(tag) == len('"3-"') + 16 for tag in tags)
    assert state(30).select(PEOPLE[0]).etag == split.select(PEOPLE[0]).etag  # in every process


def test_an_override_is_shown_in_place_of_either_side_and_beside_what_the_channel_holds() -> None:
    split = state(30)
    for person in PEOPLE[:20]:
        selection = split.select(person, {"shop": OLD, "mine": MINE})
        assert selection.release("shop") is OLD
        assert [release.app for release in selection.releases] == ["account", "mine", "shop"]
    assert len({split.select(person, {"shop": OLD}).etag for person in PEOPLE}) == 1
    assert state().select(None, {"shop": OLD}).etag != '"2"'  # a page with an override is never taken for another


def test_what_was_put_in_from_elsewhere_is_in_every_selection() -> None:
    split = state(30)
    revision = split.revision.with_externals({"lib": External("https://cdn.test/lib.js")}, BY, extra={"x": 1})
    selection = ChannelState(revision, split.releases).select("sub:ada")
    assert dict(selection.externals) == {"lib": External("https://cdn.test/lib.js")}
    assert dict(selection.extra) == {"x": 1}
    assert selection.revision == 4


def test_no_more_selections_are_kept_than_are_of_use() -> None:
    split = state(30)
    kept = split.select("sub:ada")
    for number in range(300):
        release = release_of(app_files(version=f"3.0.{number}"))
        split.select("sub:ada", {"shop": release})
        assert split.select("sub:ada") is kept  # in use all the time
    assert len(split._selections) <= 256
