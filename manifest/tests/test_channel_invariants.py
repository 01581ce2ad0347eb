"""Whatever is done to a channel, in whatever order: what is acknowledged holds, and everyone's map works."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from manifest.tests.manifest_world import OPERATOR, ManifestWorld, app_files, library_files, manifest_world
from portico.manifest import External, InvalidChannel, Snapshot, UnknownApp, import_map
from portico.manifest.channel_entry import Authorship

APPS = ("shop", "notes", "libs")
VISITORS = (None, *(f"sub:{number}" for number in range(6)))
EXTRA = {"x-from-elsewhere": {"kept": [1, None, "as it is"]}}


def files_of(app: str, version: int) -> dict[str, bytes]:
    """A release: ``libs`` shares a package, ``notes`` needs one major of it, ``shop`` needs nothing."""
    if app == "libs":
        return library_files(f"{version}.0.0") | {"more.js": f"export default {version}".encode()}
    if app == "shop":
        return app_files("@sales/shop", f"{version}.0.0")
    needs = {"needs": {"signals": f"^{version}.0.0"}}
    return app_files("@crm/notes", f"{version}.0.0", "import 'signals'", imports=needs)


class ChannelMachine(RuleBasedStateMachine):
    """Changes of a real manifest over a real database, held against a list of what each revision was."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.releases: dict[str, list[str]] = {app: [] for app in APPS}

    def run(self, wanted: Any) -> Any:
        return self.loop.run_until_complete(wanted)

    @initialize()
    def begin(self) -> None:
        self.world: ManifestWorld = self.run(self.stack.enter_async_context(manifest_world(Path(self.folder.name))))
        author = Authorship("somebody", self.world.manifest.now())
        put = {"elsewhere": External("https://cdn.test/x.js", "sha384-x")}
        first = self.run(self.world.manifest.edit(lambda now: now.with_externals(put, author, extra=EXTRA)))
        self.history = [self.run(self.world.manifest.revision(number=0)), first]

    @rule(app=st.sampled_from(APPS), version=st.integers(1, 3))
    def publish(self, app: str, version: int) -> None:
        response = self.run(self.world.publish(files_of(app, version), app=app))
        assert response.status_code in {200, 201}, response.text
        if response.json()["digest"] not in self.releases[app]:
            self.releases[app].append(response.json()["digest"])

    @precondition(lambda self: any(self.releases.values()))
    @rule(data=st.data(), weight=st.sampled_from([100, 100, 50, 10, 0]))
    def promote(self, data: st.DataObject, weight: int) -> None:
        app = data.draw(st.sampled_from([app for app in APPS if self.releases[app]]))
        digest = data.draw(st.sampled_from(self.releases[app]))
        self._change(self.world.manifest.promote(app, digest, weight=weight, base=self._head, by=OPERATOR))

    @rule(app=st.sampled_from(APPS))
    def retire(self, app: str) -> None:
        self._change(self.world.manifest.retire(app, base=self._head, by=OPERATOR))

    @rule(data=st.data(), app=st.sampled_from([None, *APPS]))
    def rollback(self, data: st.DataObject, app: str | None) -> None:
        to = data.draw(st.integers(1, len(self.history) - 1))
        before = self.history[-1]
        changed = self._change(self.world.manifest.rollback(to, app=app, base=self._head, by=OPERATOR))
        if changed and app is None:
            assert (changed.entries, changed.extra) == (self.history[to].entries, self.history[to].extra)
        elif changed and app:
            assert [change.name for change in changed.diff(before)] in ([], [app])

    @property
    def _head(self) -> int:
        return len(self.history) - 1

    def _change(self, change: Any) -> Any:
        """Make a change: it is the next revision, or nothing happened."""
        try:
            changed = self.run(change)
        except (InvalidChannel, UnknownApp):
            return None
        if changed.number > self._head:
            self.history.append(changed)
        assert changed == self.history[-1]
        return changed

    @invariant()
    def every_revision_is_as_it_was_acknowledged(self) -> None:
        kept = [self.run(self.world.manifest.revision(number=number)) for number in range(len(self.history))]
        assert kept == self.history
        assert list(self.run(self.world.manifest.history(limit=500))) == self.history[:0:-1]

    @invariant()
    def every_visitors_map_is_whole_and_pure(self) -> None:
        state = self.run(self.world.manifest.state())
        again = self.run(self.world.manifest.state_at("live", self._head))
        for visitor in VISITORS:
            snapshot = state.select(visitor)
            mapped = import_map(snapshot, self.world.manifest.platform)
            assert mapped.to_json() == import_map(again.select(visitor), self.world.manifest.platform).to_json()
            assert {name: mapped.extra[name] for name in EXTRA} == EXTRA
            assert mapped.imports["elsewhere"] == "https://cdn.test/x.js"
            self._has_right_integrity(snapshot, mapped)

    def _has_right_integrity(self, snapshot: Snapshot, mapped: Any) -> None:
        targets = {*mapped.imports.values(), *(url for scope in mapped.scopes.values() for url in scope.values())}
        assert targets <= mapped.integrity.keys()
        for release in snapshot.releases:
            for file in release.modules:
                assert mapped.integrity[release.url(file.path)] == file.integrity
                for one in file.imports:
                    if not one.specifier.startswith("."):
                        assert mapped.resolve(one.specifier, release.url(file.path)) in mapped.integrity

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()


def test_any_sequence_of_changes_keeps_what_was_promised() -> None:
    run_state_machine_as_test(
        ChannelMachine,
        settings=settings(
            max_examples=10, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
