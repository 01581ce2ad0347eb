"""The checks of a channel answer for every combination of sides: the same as trying each, without trying each."""

import json
from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from manifest.tests.manifest_world import PLATFORM
from manifest.tests.small_channels import Channel, channels, externals, flat, made, map_of, releases, selections, works
from portico.manifest import Release
from portico.manifest.canonical import canonical_json
from portico.manifest.channel_entry import External
from portico.manifest.channel_index import ChannelIndex
from portico.manifest.validation import check_channel

some_app = st.sampled_from(("@one/a", "@one/b", "@two/c", "@two/d"))
sides = some_app.flatmap(
    lambda name: st.tuples(
        st.just(name.partition("/")[2]),
        st.lists(releases(name), max_size=2, unique_by=lambda one: one.digest),
    )
)


def index_of(channel: Channel, far: Mapping[str, External]) -> ChannelIndex:
    index = ChannelIndex(PLATFORM)
    index.set_externals(far)
    for app, found in channel.items():
        index.put(app, found)
    return index


def fits(channel: Channel, far: Mapping[str, External]) -> bool:
    return not check_channel(flat(channel), PLATFORM, far)


@settings(max_examples=250, deadline=None)
@given(channels(), externals)
def test_a_channel_passes_exactly_when_every_combination_works(channel: Channel, far: Mapping[str, External]) -> None:
    assert fits(channel, far) == all(works(selection, far) for selection in selections(channel))


@settings(max_examples=250, deadline=None)
@given(channels(), externals, st.lists(sides, min_size=1, max_size=4), externals)
def test_checking_what_a_change_touches_finds_whether_all_is_well(
    channel: Channel,
    far: Mapping[str, External],
    changes: list[tuple[str, list[Release]]],
    later: Mapping[str, External],
) -> None:
    current, known = dict(channel), far
    if not fits(current, known):
        current, known = {}, {}
    index = index_of(current, known)
    for app, found in changes:
        changed = {name: one for name, one in {**current, app: found}.items() if one}
        passed = not index.check({app: found}, later)
        assert passed == fits(changed, later)
        assert index.everything() == []
        if passed:
            index.put(app, found)
            index.set_externals(later)
            current, known = changed, later


def drawn(name: str, *, imports: Sequence[str] = (), entry: bool = True) -> Release:
    parts: dict[str, object] = {"needs": {}, "shares": {}, "imports": list(imports), "route": None, "entry": entry}
    return made(name, json.dumps(parts, sort_keys=True))


def test_an_app_that_is_imported_has_an_entry_on_both_of_its_sides() -> None:
    """Else who is shown the side without one has a page that does not work."""
    user, with_entry, without = drawn("@one/b", imports=["@one/a"]), drawn("@one/a"), drawn("@one/a", entry=False)
    other = drawn("@one/a", imports=["@portico/sdk"])
    assert fits({"a": [with_entry, other], "b": [user]}, {})
    for sides in ([with_entry, without], [without, with_entry], [without]):
        assert not fits({"a": sides, "b": [user]}, {})
        assert index_of({"a": [with_entry], "b": [user]}, {}).check({"a": sides})


@settings(max_examples=100, deadline=None)
@given(channels(), externals)
def test_a_map_is_the_same_bytes_in_any_order_and_has_every_integrity(
    channel: Channel, far: Mapping[str, External]
) -> None:
    selection = next(selections(channel))
    if not works(selection, far):
        return
    mapped, again = map_of(selection, far), map_of(tuple(reversed(selection)), far)
    assert mapped.to_json() == again.to_json()
    document = {"imports": dict(mapped.imports), "integrity": dict(mapped.integrity)}
    scopes = {"scopes": {name: dict(own) for name, own in mapped.scopes.items()}} if mapped.scopes else {}
    assert mapped.to_json() == canonical_json({**document, **scopes})
    for release in selection:
        assert {release.url(file.path): file.integrity for file in release.modules}.items() <= mapped.integrity.items()
    own = {url for urls in (mapped.imports, *mapped.scopes.values()) for url in urls.values() if url.startswith("/a/")}
    assert own <= mapped.integrity.keys()
