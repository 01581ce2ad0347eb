"""Routing: the rule, held to the vectors that the browser's runtime is held to as well."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifest.tests.manifest_world import app_files, release_of
from portico.manifest import Snapshot, match_route
from portico.manifest.routing import Claim, InvalidPattern, conflicts, most_specific_first, pattern_of
from portico.manifest.schemas import schema_folder

VECTORS: dict[str, Any] = json.loads((schema_folder() / "routing-vectors.json").read_text("utf-8"))
PATTERNS = sorted({pattern for ordered in VECTORS["order"] for pattern in ordered})


def snapshot_of(routes: list[dict[str, str]]) -> Snapshot:
    claims: dict[str, list[dict[str, str]]] = {}
    for route in routes:
        claims.setdefault(route["app"], []).append({"path": route["path"], "slot": route["slot"]})
    return Snapshot.of(
        "live", 1, [release_of(app_files(f"@team/{app}", routes=found)) for app, found in claims.items()]
    )


@pytest.mark.parametrize("ordered", VECTORS["order"], ids=" > ".join)
def test_the_most_specific_pattern_comes_first(ordered: list[str]) -> None:
    claims = [Claim("app", "main", path, number) for number, path in enumerate(sorted(ordered))]
    assert [claim.path for claim in most_specific_first(claims)] == ordered


@pytest.mark.parametrize("vector", VECTORS["matches"])
def test_a_path_belongs_to_the_most_specific_route(vector: dict[str, Any]) -> None:
    snapshot = snapshot_of(vector["routes"])
    for case in vector["paths"]:
        match = match_route(snapshot, case["path"], case["slot"])
        found = (match.release.app, match.params) if match else (None, None)
        assert found == (case["app"], case.get("params")), case


@pytest.mark.parametrize("vector", VECTORS["conflicts"])
def test_claims_of_one_shape_collide_between_apps_in_one_slot(vector: dict[str, Any]) -> None:
    first, second = (Claim(app, "main", vector[app]) for app in ("first", "second"))
    assert bool(conflicts([first, second])) is vector["conflict"]
    assert conflicts([first, Claim("second", "side", vector["second"])]) == ()
    assert conflicts([first, Claim("first", "main", vector["second"], 1)]) == ()


def test_a_conflict_names_both_claims() -> None:
    (conflict,) = conflicts(
        [Claim("a", "main", "/x/:id"), Claim("b", "main", "/y"), Claim("b", "main", "/x/:other", 1)]
    )
    assert (conflict.first.app, conflict.second.app, conflict.second.number) == ("a", "b", 1)


@given(st.lists(st.sampled_from(PATTERNS), unique=True), st.randoms())
def test_the_order_does_not_depend_on_who_was_deployed_first(paths: list[str], random: Random) -> None:
    claims = [Claim(f"app{number}", "main", path) for number, path in enumerate(paths)]
    ordered = most_specific_first(claims)
    random.shuffle(claims)
    assert most_specific_first(claims) == ordered


@pytest.mark.parametrize("path", [*VECTORS["refused"], "", "/(", "/a?b"])
def test_what_no_app_may_claim_is_refused(path: str) -> None:
    with pytest.raises(InvalidPattern):
        pattern_of(path)


def test_a_group_in_parentheses_is_answered_with_what_to_use_instead() -> None:
    with pytest.raises(InvalidPattern, match=r"use literal text, :name, \* and \{\.\.\.\}\? instead"):
        pattern_of("/things/:id(\\d+)")


def test_an_escaped_parenthesis_is_text() -> None:
    assert pattern_of("/a/\\(x\\):id").match("/a/(x)7") == {"id": "7"}


def test_groups_that_matched_nothing_are_left_out() -> None:
    assert pattern_of("/list/:page?").match("/list") == {}
