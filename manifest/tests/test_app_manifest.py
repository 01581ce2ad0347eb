"""The app manifest: what it takes, and where it says that something is wrong."""

import json
from typing import Any

import pytest

from portico.manifest import AppManifest, Bff, InvalidManifest, MountPointEntry, Route, Share

FULL: dict[str, Any] = {
    "name": "@sales/shop",
    "version": "1.2.3-rc.1+build.5",
    "entry": "js/shop.mjs",
    "styles": ["shop.css"],
    "routes": [
        {"path": "/", "access": "public", "title": "Shop", "titles": {"ar": "المتجر", "pt-BR": "Loja"}},
        {"path": "/things/:id", "slot": "side", "roles": ["buyer", "seller"]},
    ],
    "mountPoints": {
        "nav": [
            {"key": "shop", "order": 10, "label": "Shop", "icon": "icon.svg", "href": "/", "labels": {"ar": "متجر"}},
            {"key": "mine", "label": "Mine", "href": "/mine?tab=1", "signedIn": True, "roles": ["buyer"]},
        ]
    },
    "imports": {
        "needs": {"signals": "^11.0.0"},
        "shares": {"@scope/kit": {"version": "2.0.0", "entries": {"@scope/kit": "kit.js", "@scope/kit/a": "a.js"}}},
    },
    "bff": {"app": "shop_bff:create_app", "api": "graphql"},
    "trustedTypes": ["vue"],
    "prefetch": ["account"],
    "offline": {"reads": [{"graphql": "Things", "policy": "cache-first"}]},
    "x-team-note": {"lines": "one\ntwo"},
}


def parse(**changes: Any) -> AppManifest:
    return AppManifest.parse(json.dumps({**FULL, **changes}).encode())


def places(**changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidManifest) as refused:
        parse(**changes)
    return {finding.pointer: finding.detail for finding in refused.value.findings}


def test_every_member_becomes_a_value() -> None:
    manifest = parse()
    assert (manifest.name, manifest.team, manifest.app, manifest.entry) == (
        "@sales/shop",
        "sales",
        "shop",
        "js/shop.mjs",
    )
    assert manifest.routes == (
        Route("/", access="public", title="Shop", titles={"ar": "المتجر", "pt-BR": "Loja"}),
        Route("/things/:id", slot="side", roles=("buyer", "seller")),
    )
    assert manifest.mount_points["nav"] == (
        MountPointEntry("shop", "Shop", "/", order=10, icon="icon.svg", labels={"ar": "متجر"}),
        MountPointEntry("mine", "Mine", "/mine?tab=1", signed_in=True, roles=("buyer",)),
    )
    assert manifest.needs == {"signals": "^11.0.0"}
    assert manifest.shares["@scope/kit"] == Share("2.0.0", {"@scope/kit": "kit.js", "@scope/kit/a": "a.js"})
    assert manifest.bff == Bff(app="shop_bff:create_app", api="graphql")
    assert (manifest.styles, manifest.trusted_types, manifest.prefetch) == (("shop.css",), ("vue",), ("account",))


def test_members_that_this_version_does_not_know_survive() -> None:
    assert json.loads(parse().to_json()) == FULL


def test_the_same_document_gives_the_same_bytes_whatever_its_spelling() -> None:
    spelled = json.dumps(dict(reversed(FULL.items())), indent=4, ensure_ascii=True).encode()
    assert AppManifest.parse(b"\xef\xbb\xbf" + spelled).to_json() == parse().to_json()


def test_an_app_that_only_shares_needs_no_entry() -> None:
    manifest = AppManifest.parse(b'{"name": "@base/libs", "version": "1.0.0"}')
    assert (manifest.entry, manifest.routes, manifest.bff) == (None, (), None)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": "shop"}, "/name"),
        ({"name": "@Sales/shop"}, "/name"),
        ({"name": "@sales/_portico"}, "/name"),
        ({"name": "@sales/shop\n"}, "/name"),
        ({"version": "1.0"}, "/version"),
        ({"version": "01.0.0"}, "/version"),
        ({"entry": "../shop.js"}, "/entry"),
        ({"entry": "a/../../shop.js"}, "/entry"),
        ({"entry": "/shop.js"}, "/entry"),
        ({"entry": "a\\shop.js"}, "/entry"),
        ({"entry": "./shop.js"}, "/entry"),
        ({"entry": "shop.css"}, "/entry"),
        ({"entry": 7}, "/entry"),
        ({"styles": ["shop.css", "shop.js"]}, "/styles/1"),
        ({"routes": [{"path": "things"}]}, "/routes/0/path"),
        ({"routes": [{"path": "/things/("}]}, "/routes/0/path"),
        ({"routes": [{"path": "/a", "access": "everyone"}]}, "/routes/0/access"),
        ({"routes": [{"path": "/a", "colour": "red"}]}, "/routes/0"),
        ({"routes": [{"path": "/a", "access": "public", "roles": ["x"]}]}, "/routes/0/roles"),
        ({"routes": [{"path": "/a/:x"}, {"path": "/b"}, {"path": "/a/:y"}]}, "/routes/2/path"),
        ({"mountPoints": {"nav": [{"key": "a", "label": "A"}]}}, "/mountPoints/nav/0"),
        ({"mountPoints": {"nav": [{"key": "a", "label": "A", "href": "//evil"}]}}, "/mountPoints/nav/0/href"),
        ({"mountPoints": {"nav": [{"key": "a", "label": "A", "href": "javascript:1"}]}}, "/mountPoints/nav/0/href"),
        ({"mountPoints": {"nav": [{"key": "a", "label": "A", "href": "/\\evil"}]}}, "/mountPoints/nav/0/href"),
        ({"mountPoints": {"n": [{"key": "a", "label": "A", "href": "/"}] * 2}}, "/mountPoints/n/1/key"),
        ({"imports": {"needs": {"signals": "latest"}}}, "/imports/needs/signals"),
        ({"imports": {"needs": {"./signals": "1"}}}, "/imports/needs"),
        ({"imports": {"shares": {"a": {"version": "1.0.0", "entries": {}}}}}, "/imports/shares/a/entries"),
        ({"imports": {"shares": {"a": {"version": "1.0.0", "entries": {"b": "b.js"}}}}}, "/imports/shares/a/entries/b"),
        (
            {"imports": {"shares": {"@portico/sdk": {"version": "1.0.0", "entries": {"@portico/sdk": "b.js"}}}}},
            "/imports/shares/@portico~1sdk",
        ),
        (
            {"imports": {"shares": {"@sales/shop": {"version": "1.0.0", "entries": {"@sales/shop": "b.js"}}}}},
            "/imports/shares/@sales~1shop",
        ),
        ({"bff": {}}, "/bff"),
        ({"bff": {"app": "a:b", "url": "http://x"}}, "/bff"),
        ({"bff": {"app": "os.system"}}, "/bff/app"),
        ({"bff": {"url": "file:///etc/passwd"}}, "/bff/url"),
        ({"routes": [{"path": "/"}, {"path": "/zz/(x**)"}]}, "/routes/1/path"),
        ({"routes": [{"path": "/zz/(a(?i)b)"}]}, "/routes/0/path"),
        ({"routes": [{"path": "/zz/(\\pL+\\z)"}]}, "/routes/0/path"),
        ({"routes": [{"path": "/:a/:b/:c/:d/:e/:f/:g/:h/*"}]}, "/routes/0/path"),
        ({"routes": [{"path": f"/{number}"} for number in range(101)]}, "/routes"),
        ({"mountPoints": {f"n{number}": [] for number in range(17)}}, "/mountPoints"),
        ({"mountPoints": {"n": [{"key": f"k{n}", "label": "A", "href": "/"} for n in range(51)]}}, "/mountPoints/n"),
        ({"styles": [f"{number}.css" for number in range(17)]}, "/styles"),
        ({"styles": ["a.css", "b.css", "a.css"]}, "/styles/2"),
        ({"trustedTypes": [f"policy-{number}" for number in range(9)]}, "/trustedTypes"),
        ({"trustedTypes": ["a b"]}, "/trustedTypes/0"),
        ({"trustedTypes": ["vue", "default"]}, "/trustedTypes/1"),
        ({"trustedTypes": ["portico"]}, "/trustedTypes/0"),
        ({"trustedTypes": ["portico-worker"]}, "/trustedTypes/0"),
        ({"trustedTypes": ["a/b"]}, "/trustedTypes/0"),
        ({"trustedTypes": ["*"]}, "/trustedTypes/0"),
        ({"x-a": [0] * 201}, "/x-a"),
        ({"x-a": {"x-b": {str(number): 0 for number in range(201)}}}, "/x-a/x-b"),
        ({"unknown": 1}, ""),
    ],
)
def test_what_is_wrong_is_named_by_its_place(changes: dict[str, Any], place: str) -> None:
    assert place in places(**changes)


def test_every_wrong_place_is_named_at_once() -> None:
    assert set(places(version="x", entry="x", routes=[{"path": "x"}])) == {"/version", "/entry", "/routes/0/path"}


@pytest.mark.parametrize("path", ["/auth/sign-in", "/api/other", "/a/*", "/dev-idp/authorize", "/healthz", "/deploy"])
def test_paths_that_the_platform_answers_itself_cannot_be_claimed(path: str) -> None:
    assert "platform's own" in places(routes=[{"path": path}])["/routes/0/path"]
    assert len(parse(routes=[{"path": "/authors"}, {"path": "/apiary/:id"}]).routes) == 2


def test_routes_without_an_entry_are_refused() -> None:
    with pytest.raises(InvalidManifest, match="entry"):
        AppManifest.parse(b'{"name": "@sales/shop", "version": "1.0.0", "routes": [{"path": "/"}]}')


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON"),
        (b"[]", "object"),
        (b"null", "object"),
        (b'{"name": "@a/b", "name": "@a/c", "version": "1.0.0"}', "twice"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b'{"x-a": NaN}', "not JSON"),
        (b'{"x-a": 1e999}', "too large a number"),
        (b'{"x-a": ' + b"9" * 4000 + b"}", "too large a number"),
        (b'{"x-a": ' + b"[" * 16 + b"]" * 16 + b"}", "nested deeper than 16"),
        (b'{"x-a": [' + b",".join([b"[" + b",".join([b"0"] * 100) + b"]"] * 10) + b"]}", "more than 1000 values"),
        (b'{"x-a": "\\ud800"}', "surrogate"),
        (b'{"x-\\udfff": 1}', "surrogate"),
        (b'{"x-a": ' + b"9" * 5000 + b"}", "not JSON"),
    ],
)
def test_what_is_no_document_at_all_is_said_to_be_so(content: bytes, why: str) -> None:
    with pytest.raises(InvalidManifest, match=why):
        AppManifest.parse(content)


def test_as_much_as_is_allowed_is_taken() -> None:
    nested: Any = 0
    for _ in range(14):
        nested = [nested]
    points = {"nav": [{"key": f"k{number}", "label": "A", "href": "/"} for number in range(50)]}
    points |= {f"n{number}": [] for number in range(15)}
    policies = ["vue", "svelte-trusted-html", "Default", "a_b", "5", "6", "7", "8"]
    manifest = parse(
        mountPoints=points,
        trustedTypes=policies,
        styles=[f"{number}.css" for number in range(16)],
        **{"x-a": [0] * 200, "x-b": {str(number): 0 for number in range(200)}, "x-c": nested},
    )
    assert (len(manifest.mount_points), manifest.trusted_types) == (16, tuple(policies))


def test_each_thing_there_is_too_much_of_is_named() -> None:
    found = places(**{"x-a": [0] * 201, "x-b": [[0] * 300], "x-c": {"a": {str(number): 0 for number in range(201)}}})
    assert found == {
        "/x-a": "has 201 items; at most 200 are taken",
        "/x-b/0": "has 300 items; at most 200 are taken",
        "/x-c/a": "has 201 members; at most 200 are taken",
    }


def test_a_kept_policy_is_refused_with_the_reason() -> None:
    assert "for the whole page" in places(trustedTypes=["default"])["/trustedTypes/0"]


def test_a_title_in_other_languages_is_named_by_language_tags_and_goes_with_a_title() -> None:
    route = {"path": "/", "access": "public"}
    assert "titles" in str(places(routes=[{**route, "titles": {"ar": "المتجر"}}]))
    for tag in ("Arabic", "a", "ar_EG", "*"):
        assert places(routes=[{**route, "title": "Shop", "titles": {tag: "x"}}]), tag
    assert places(routes=[{**route, "title": "Shop", "titles": {"ar": ""}}])


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"rotues": []}, "", "there is no member 'rotues', did you mean 'routes'? (names of your own begin with x-)"),
        (
            {"routes": [{"path": "/", "tilte": "Shop"}]},
            "/routes/0",
            "there is no member 'tilte', did you mean 'title'? (names of your own begin with x-)",
        ),
        ({"zzzz": 1}, "", "there is no member 'zzzz' (names of your own begin with x-)"),
        (
            {"offline": {"reads": [{"graphql": "A", "ahead": {"document": "{a}", "x-a": 1}}]}},
            "/offline/reads/0/ahead",
            "there is no member 'x-a'",
        ),
        (
            {"q1": 1, "q2": 1, "q3": 1, "q4": 1, "q5": 1, "x-mine": 1},
            "",
            "there is no member 'q1'; there is no member 'q2'; there is no member 'q3'; nor 2 more "
            "(names of your own begin with x-)",
        ),
        (
            {"routes" * 100: 1},
            "",
            "there is no member 'routesroutesroutesroutesroutesroutesrout' (names of your own begin with x-)",
        ),
    ],
    ids=["top", "nested", "unlike", "no names of one's own", "many", "long"],
)
def test_a_misspelt_member_is_named_with_the_one_that_was_meant(changes: dict[str, Any], place: str, said: str) -> None:
    assert places(**changes)[place] == said
