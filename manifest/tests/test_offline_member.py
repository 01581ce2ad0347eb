"""The member `offline`: what a team may ask the browser to keep, and which files that takes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from manifest.tests.manifest_world import PLATFORM, app_files, library_files, release_of
from portico.manifest import Ahead, AppManifest, InvalidManifest, Offline, Read, Snapshot, import_map, reachable

ROOT = Path(__file__).parents[2]
BARE: dict[str, Any] = {"name": "@sales/shop", "version": "1.0.0", "entry": "shop.js"}
GRAPHQL = {"app": "shop_bff:create_app", "api": "graphql"}
REST = {"app": "shop_bff:create_app"}


def parse(offline: object, bff: object = REST) -> AppManifest:
    return AppManifest.parse(json.dumps({**BARE, "bff": bff, "offline": offline}).encode())


def test_an_empty_member_asks_for_the_files_alone() -> None:
    assert parse({}).offline == Offline()
    assert AppManifest.parse(json.dumps(BARE).encode()).offline is None


def test_reads_become_values_with_the_defaults_that_the_schema_states() -> None:
    own = {"graphql": "Mine", "policy": "cache-first", "timeoutMs": 500, "maxAgeS": 60, "maxEntries": 5, "x-why": "?"}
    assert parse({"reads": [{"path": "/things/*"}, own]}, GRAPHQL).offline == Offline(
        (
            Read(path="/things/*", policy="network-first", timeout_ms=3000, max_age_s=604800, max_entries=200),
            Read(graphql="Mine", policy="cache-first", timeout_ms=500, max_age_s=60, max_entries=5),
        )
    )


def test_a_query_may_be_given_whole_so_that_it_is_fetched_ahead() -> None:
    ahead: dict[str, Any] = {"document": "query Mine($n: Int) { mine(first: $n) }", "variables": {"n": 3}}
    [read] = (parse({"reads": [{"graphql": "Mine", "ahead": ahead}]}, GRAPHQL).offline or Offline()).reads
    assert read.ahead == Ahead(**ahead)


@pytest.mark.parametrize(
    ("offline", "place"),
    [
        ([], "/offline"),
        ({"precache": ["/"]}, "/offline"),
        ({"reads": [{}]}, "/offline/reads/0"),
        ({"reads": [{"path": "/a", "graphql": "A"}]}, "/offline/reads/0"),
        ({"reads": [{"path": "a"}]}, "/offline/reads/0/path"),
        ({"reads": [{"path": "/a/(x)"}]}, "/offline/reads/0/path"),
        ({"reads": [{"path": "/a", "policy": "always"}]}, "/offline/reads/0/policy"),
        ({"reads": [{"path": "/a", "timeoutMs": 99}]}, "/offline/reads/0/timeoutMs"),
        ({"reads": [{"path": "/a", "maxAgeS": 0}]}, "/offline/reads/0/maxAgeS"),
        ({"reads": [{"path": "/a", "maxEntries": 1001}]}, "/offline/reads/0/maxEntries"),
        ({"reads": [{"path": "/a/:x"}, {"path": "/a/:y"}]}, "/offline/reads/1"),
        ({"reads": [{"graphql": "not a name"}]}, "/offline/reads/0/graphql"),
        ({"reads": [{"graphql": "A"}]}, "/offline/reads/0/graphql"),
        ({"reads": [{"graphql": "A", "ahead": {"variables": {}}}]}, "/offline/reads/0/ahead"),
        ({"reads": [{"path": "/a", "ahead": {"document": "{ a }"}}]}, "/offline/reads/0"),
        ({"reads": [{"path": f"/{number}"} for number in range(51)]}, "/offline/reads"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(offline: object, place: str) -> None:
    with pytest.raises(InvalidManifest) as refused:
        parse(offline)
    assert place in {finding.pointer for finding in refused.value.findings}


def test_without_a_bff_there_are_no_answers_to_keep() -> None:
    with pytest.raises(InvalidManifest) as refused:
        AppManifest.parse(json.dumps({**BARE, "offline": {"reads": [{"path": "/a"}]}}).encode())
    assert [finding.pointer for finding in refused.value.findings] == ["/offline/reads/0"]


@pytest.mark.parametrize(
    "member",
    [{"precache": ["/"]}, [], {"reads": 7}, {"reads": [7]}, {"reads": [{"path": 7}]}, {"reads": [{"maxAgeS": 1}]}],
)
def test_a_release_from_when_the_member_was_reserved_is_read_and_counts_as_not_offered(member: object) -> None:
    assert AppManifest.from_stored({**BARE, "offline": member}).offline is None


def test_all_that_an_app_may_ever_import_is_reachable_and_nothing_of_other_apps() -> None:
    source = "import './a.js'; import '@portico/sdk'; import('./later.js')"
    shop = release_of(app_files(source=source) | {"a.js": b"", "later.js": b"import 'signals/hooks'", "free.js": b""})
    libs = release_of(library_files() | {"other.js": b""})
    other = release_of(app_files(name="@sales/other"))
    snapshot = Snapshot.of("live", 1, [shop, libs, other])
    mapped = import_map(snapshot, PLATFORM)
    found = reachable(snapshot, mapped, [shop])
    assert {module.url for module in found} == {
        *(shop.url(name) for name in ("shop.js", "a.js", "later.js", "free.js")),
        *(libs.url(name) for name in ("lib.js", "hooks.js")),
        PLATFORM["@portico/sdk"].url,
    }
    assert all(mapped.integrity[module.url] == module.integrity for module in found)


@pytest.mark.parametrize("page", ["docs/how-to/work-offline.md", "docs/reference/app-manifest.md"])
def test_what_the_docs_show_is_taken(page: str) -> None:
    blocks = re.findall(r"```json\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    members = [json.loads(block)["offline"] for block in blocks if '"offline"' in block]
    assert members
    graphql = {"app": "shop_bff:create_app", "api": "graphql"}
    assert all(parse(member, graphql).offline is not None for member in members)
