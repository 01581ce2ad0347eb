"""Channels: whatever is done to one, its history stays whole."""

from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from manifest.tests.manifest_world import NOON
from portico.manifest import ChannelRevision, External, UnknownApp, WeightedRelease
from portico.manifest.channel import entries_document, entries_from
from portico.manifest.channel_entry import Authorship

BY = Authorship("ada", NOON, "because")
EMPTY = ChannelRevision.empty("live")
apps = st.sampled_from(["a", "b", "c"])
digests = st.sampled_from([f"{number:064x}" for number in range(4)])


def state(revision: ChannelRevision) -> dict[str, str]:
    return {entry.app: entry.releases[0].digest for entry in revision.entries}


def test_a_promotion_makes_the_next_revision() -> None:
    revision = EMPTY.promote("shop", "d1", BY)
    assert (revision.number, revision.parent, revision.who, revision.why) == (1, 0, "ada", "because")
    assert state(revision) == {"shop": "d1"}
    assert EMPTY.entries == ()


def test_promoting_what_is_there_changes_nothing() -> None:
    revision = EMPTY.promote("shop", "d1", BY)
    assert revision.promote("shop", "d1", BY) is revision


def test_retiring_an_app_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UnknownApp):
        EMPTY.retire("shop", BY)


def test_a_rollback_of_one_app_leaves_the_others() -> None:
    first = EMPTY.promote("shop", "d1", BY)
    latest = first.promote("shop", "d2", BY).promote("account", "d3", BY)
    assert state(latest.rollback(first, BY, app="shop")) == {"shop": "d1", "account": "d3"}
    assert state(latest.rollback(first, BY, app="account")) == {"shop": "d2"}
    assert state(latest.rollback(first, BY)) == {"shop": "d1"}


def test_a_rollback_of_the_whole_brings_modules_hosted_elsewhere_scopes_and_unknown_members_back() -> None:
    scopes: dict[str, dict[str, str]] = {"https://cdn.test/": {"lib": "https://cdn.test/1.js"}}
    lib = External("https://cdn.test/lib.js", "sha384-x")
    first = EMPTY.with_externals({"lib": lib}, BY, scopes=scopes, extra={"more": [1]}).promote("shop", "d1", BY)
    other = {"lib": External("https://cdn.test/2.js"), "new": External("https://cdn.test/new.js")}
    changed = first.with_externals(other, BY, scopes={"https://cdn.test/": None}, extra={"more": None, "also": True})
    latest = changed.promote("shop", "d2", BY).promote("shop", "d3", BY, 10)
    back = latest.rollback(first, BY)
    assert (back.number, back.parent) == (latest.number + 1, latest.number)
    assert back.diff(first) == ()
    assert (back.entries, back.externals, back.scopes, back.extra) == (
        first.entries, first.externals, first.scopes, first.extra
    )  # fmt: skip
    assert back.rollback(first, BY) is back
    alone = latest.rollback(first, BY, app="shop")
    assert (alone.entries, alone.externals, alone.scopes) == (first.entries, latest.externals, latest.scopes)
    assert alone.extra == latest.extra
    assert first.rollback(latest, BY).entries == latest.entries  # forward to a split, too


def test_a_rollback_of_an_app_in_neither_revision_is_an_error() -> None:
    with pytest.raises(UnknownApp):
        EMPTY.promote("shop", "d1", BY).rollback(EMPTY, BY, app="account")


def test_a_diff_says_what_was_there_before_and_after() -> None:
    first = EMPTY.promote("shop", "d1", BY).promote("account", "d2", BY)
    then = first.promote("shop", "d3", BY).retire("account", BY)
    shown = {change.name: (change.before, change.after) for change in then.diff(first)}
    assert shown == {
        "account": ((WeightedRelease("d2"),), ()),
        "shop": ((WeightedRelease("d1"),), (WeightedRelease("d3"),)),
    }


@dataclass
class Model:
    """What the channel ought to hold at each revision."""

    states: list[dict[str, str]] = field(default_factory=lambda: [{}])

    def become(self, wanted: dict[str, str]) -> None:
        if wanted != self.states[-1]:
            self.states.append(wanted)


class ChannelMachine(RuleBasedStateMachine):
    """Any sequence of changes, held against a list of plain dictionaries."""

    @initialize()
    def begin(self) -> None:
        self.history = [EMPTY]
        self.model = Model()

    def _take(self, revision: ChannelRevision, wanted: dict[str, str]) -> None:
        if revision is not self.history[-1]:
            self.history.append(revision)
        self.model.become(wanted)

    @rule(app=apps, digest=digests)
    def promote(self, app: str, digest: str) -> None:
        self._take(self.history[-1].promote(app, digest, BY), {**self.model.states[-1], app: digest})

    @precondition(lambda self: self.model.states[-1])
    @rule(data=st.data())
    def retire(self, data: st.DataObject) -> None:
        app = data.draw(st.sampled_from(sorted(self.model.states[-1])))
        wanted = {name: digest for name, digest in self.model.states[-1].items() if name != app}
        self._take(self.history[-1].retire(app, BY), wanted)

    @rule(data=st.data())
    def rollback(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.history) - 1))
        self._take(self.history[-1].rollback(self.history[number], BY), self.model.states[number])

    @rule(data=st.data(), app=apps)
    def rollback_one(self, data: st.DataObject, app: str) -> None:
        number = data.draw(st.integers(0, len(self.history) - 1))
        then, now = self.model.states[number], self.model.states[-1]
        if app not in then and app not in now:
            return
        others = {name: digest for name, digest in now.items() if name != app}
        wanted = {**others, app: then[app]} if app in then else others
        self._take(self.history[-1].rollback(self.history[number], BY, app=app), wanted)

    @invariant()
    def every_revision_is_what_it_was_made_to_be(self) -> None:
        assert [state(revision) for revision in self.history] == self.model.states

    @invariant()
    def numbers_have_no_gaps_and_each_revision_names_its_parent(self) -> None:
        assert [revision.number for revision in self.history] == list(range(len(self.history)))
        assert [revision.parent for revision in self.history[1:]] == list(range(len(self.history) - 1))

    @invariant()
    def entries_are_in_order_and_survive_being_stored(self) -> None:
        entries = self.history[-1].entries
        assert list(entries) == sorted(entries, key=lambda entry: entry.app)
        assert entries_from(entries_document(entries)) == entries

    @invariant()
    def the_diffs_add_up_to_the_state(self) -> None:
        built: dict[str, str] = {}
        for parent, revision in zip(self.history, self.history[1:], strict=False):
            for change in revision.diff(parent):
                built.pop(change.name, None)
                if change.after:
                    built[change.name] = change.after[0].digest
        assert built == self.model.states[-1]


TestChannelMachine = ChannelMachine.TestCase
