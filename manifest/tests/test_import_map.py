"""The import map: a pure function with integrity for everything, and a value that loses nothing."""

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifest.tests.manifest_world import PLATFORM, app_files, library_files, release_of
from portico.manifest import External, ImportMap, Module, Release, Snapshot, SpecifierClash, import_map
from portico.manifest.canonical import canonical_json
from portico.manifest.import_map import CHECKS
from portico.manifest.schemas import validator

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
strings = st.dictionaries(st.text(), st.text(), max_size=4)
releases = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 9), st.booleans()), max_size=5, unique_by=lambda drawn: drawn[0]
)


def made(name: str, patch: int, with_chunk: bool) -> Release:
    files = app_files(f"@team/{name}", f"1.0.{patch}", "import './chunk.js';" if with_chunk else "")
    return release_of(files | ({"chunk.js": f"export default {patch};".encode()} if with_chunk else {}))


def snapshot(*found: Release, revision: int = 1) -> Snapshot:
    return Snapshot.of("live", revision, found)


def test_names_entries_shares_and_the_platform() -> None:
    shop, libs = release_of(app_files()), release_of(library_files())
    mapped = import_map(snapshot(shop, libs), PLATFORM)
    assert mapped.imports == {
        "@portico/sdk": PLATFORM["@portico/sdk"].url,
        "@sales/shop": shop.url("shop.js"),
        "signals": libs.url("lib.js"),
        "signals/hooks": libs.url("hooks.js"),
    }


@given(releases, st.randoms())
def test_the_same_releases_give_the_same_bytes_in_any_order(drawn: list[tuple[str, int, bool]], random: Random) -> None:
    found = [made(*one) for one in drawn]
    first = import_map(snapshot(*found), PLATFORM)
    random.shuffle(found)
    second = import_map(snapshot(*found, revision=2), dict(reversed(PLATFORM.items())))
    assert first.to_json() == second.to_json()
    assert first.digest == second.digest


@given(releases)
def test_every_module_of_every_release_has_its_integrity(drawn: list[tuple[str, int, bool]]) -> None:
    found = [made(*one) for one in drawn]
    mapped = import_map(snapshot(*found), PLATFORM)
    expected = {
        release.url(file.path): file.integrity for release in found for file in release.files if file.path[-3:] == ".js"
    }
    assert mapped.integrity == expected | {module.url: module.integrity for module in PLATFORM.values()}
    assert set(mapped.imports.values()) <= mapped.integrity.keys()
    validator("import-map").validate(json.loads(mapped.to_json()))


def test_what_is_hosted_elsewhere_takes_the_place_of_nothing_that_is_here() -> None:
    """Also where it came before: a platform's next version may have names that nobody had before."""
    shop, libs, elsewhere = release_of(app_files()), release_of(library_files()), "https://cdn.test/1.js"
    others = {name: External(elsewhere) for name in ("@portico/sdk", "@sales/shop", "signals")}
    checks = {shop.url("shop.js"): "sha384-wrong", "/a/other.js": "sha384-x", "https://cdn.test/part.js": "sha384-part"}
    changed = replace(
        snapshot(shop, libs),
        externals={**others, "lib": External("https://cdn.test/lib.js", "sha384-lib")},
        scopes={"https://cdn.test/": {"signals": elsewhere}},
        extra={CHECKS: checks, "more": [1]},
    )
    plain, mapped = import_map(snapshot(shop, libs), PLATFORM), import_map(changed, PLATFORM)
    assert mapped.imports == {**plain.imports, "lib": "https://cdn.test/lib.js"}
    elsewhere_only = {"https://cdn.test/lib.js": "sha384-lib", "https://cdn.test/part.js": "sha384-part"}
    assert mapped.integrity == {**plain.integrity, **elsewhere_only}
    assert mapped.extra == {"more": [1]}
    assert json.loads(mapped.to_json()) == {
        "imports": mapped.imports, "integrity": mapped.integrity, "scopes": mapped.scopes, "more": [1]
    }  # fmt: skip


def test_two_modules_for_one_specifier_cannot_be_mapped() -> None:
    with pytest.raises(SpecifierClash) as clash:
        import_map(
            snapshot(release_of(library_files()), release_of(app_files())), {"signals": Module("/x.js", "sha384-x")}
        )
    assert (clash.value.specifier, clash.value.owners) == ("signals", ("the platform", "@base/libs"))


@given(
    strings,
    strings,
    st.dictionaries(st.text(), strings, max_size=2),
    st.dictionaries(
        st.text().filter(lambda name: name not in {"imports", "integrity", "scopes"}), json_values, max_size=3
    ),
)
def test_nothing_of_a_map_is_lost_by_reading_editing_and_writing_it(
    imports: dict[str, str], integrity: dict[str, str], scopes: dict[str, dict[str, str]], extra: dict[str, Any]
) -> None:
    document = {**extra, "imports": imports, "integrity": integrity, "scopes": scopes}
    edited = ImportMap.from_json(canonical_json(document)).with_module("added", Module("/added.js", "sha384-a"))
    again = json.loads(edited.to_json())
    assert again["imports"] == {**imports, "added": "/added.js"}
    assert again["integrity"] == {**integrity, "/added.js": "sha384-a"}
    assert again.get("scopes", {}) == scopes
    assert {name: value for name, value in again.items() if name not in {"imports", "integrity", "scopes"}} == extra


def test_a_map_can_stand_inside_a_script_element() -> None:
    written = ImportMap(imports={"</script><!--": "/a\u2028.js"}, integrity={}).to_json()
    assert b"<" not in written
    assert "\u2028" not in written.decode()
    assert ImportMap.from_json(written).imports == {"</script><!--": "/a\u2028.js"}


@pytest.mark.parametrize(
    "content", [b"[]", b'{"imports": []}', b'{"integrity": {"a": 1}}', b'{"scopes": {"a": 1}}', b"x"]
)
def test_what_is_no_import_map_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one too
        ImportMap.from_json(content)
