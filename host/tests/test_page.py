"""What a page view holds, decided without any I/O."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from portico.host.page import Decision, active_releases, boot, decide, script_json
from portico.host.security import page_policy
from portico.manifest import AppManifest, InvalidManifest, Release, Snapshot
from portico.manifest.modules import Import
from portico.manifest.release import ReleaseFile, integrity_of, make_release


@dataclass(frozen=True)
class Somebody:
    sub: str = "u1"
    name: str = "Some Body"
    roles: tuple[str, ...] = ()


def release(app: str, **manifest: object) -> Release:
    document = {"name": f"@team/{app}", "version": "1.0.0", "entry": f"{app}.js", **manifest}
    parsed = AppManifest.from_document(document)
    files = [ReleaseFile(f"{app}.{kind}", 0, "text/plain", integrity_of(b"")) for kind in ("js", "css")]
    return make_release(parsed, files, created_at=datetime(2026, 1, 1, tzinfo=UTC), creator="test")


NAV = release("nav", routes=[{"path": "/*", "slot": "header", "access": "public"}])
SHOP = release(
    "shop",
    styles=["shop.css"],
    routes=[
        {"path": "/", "access": "public", "title": "Start"},
        {"path": "/things/:id", "title": "Thing"},
        {"path": "/admin", "roles": ["admin", "owner"]},
    ],
    mountPoints={
        "nav": [
            {"key": "late", "order": 20, "label": "Late", "href": "/late"},
            {"key": "early", "order": 10, "label": "Early", "href": "/"},
            {"key": "mine", "order": 5, "label": "Mine", "href": "/mine", "signedIn": True},
            {"key": "admin", "order": 1, "label": "Admin", "href": "/admin", "roles": ["admin"]},
        ]
    },
    bff={"app": "shop_bff:create_app", "api": "rest"},
)
SNAPSHOT = Snapshot.of("live", 7, [SHOP, NAV])


@pytest.mark.parametrize(
    ("path", "person", "status"),
    [
        ("/", None, 200),
        ("/", Somebody(), 200),
        ("/things/1", None, 401),
        ("/things/1", Somebody(), 200),
        ("/admin", None, 401),
        ("/admin", Somebody(), 403),
        ("/admin", Somebody(roles=("owner",)), 200),
        ("/nothing", None, 404),
        ("/nothing", Somebody(roles=("admin",)), 404),
        ("/things/1/more", Somebody(), 404),
    ],
)
def test_the_status_follows_from_route_and_person(path: str, person: Somebody | None, status: int) -> None:
    assert decide(SNAPSHOT, person, path).status == status


def test_only_what_a_manifest_changes_is_said_of_how_an_app_is_shown() -> None:
    """Most apps leave these as they are, and every page carries every registration."""
    drawer = release(
        "drawer",
        routes=[{"path": "/*", "slot": "tools", "access": "public"}],
        isolation="shadow",
        activation="manual",
        transition=True,
        trustedTypes=["vue"],
        prefetch=["shop"],
    )
    document = boot(Snapshot.of("live", 1, [SHOP, drawer]), None, Decision(200, None), load_timeout_ms=1)
    apps = document["apps"]
    assert isinstance(apps, list)
    said = {"isolation", "activation", "transition", "trustedTypes", "prefetch", "modules"}
    assert {app["app"]: {name: app[name] for name in said & set(app)} for app in apps} == {
        "shop": {},
        "drawer": {
            "isolation": "shadow",
            "activation": "manual",
            "transition": True,
            "trustedTypes": ("vue",),
            "prefetch": ("shop",),
        },
    }


def test_a_page_names_the_modules_that_an_entry_imports_statically() -> None:
    def module(path: str, *imports: Import) -> ReleaseFile:
        return ReleaseFile(path, 0, "text/javascript", integrity_of(path.encode()), imports)

    files = [
        module("app.js", Import("./part.js", 1, 1), Import("signals", 1, 1), Import("./later.js", 1, 1, dynamic=True)),
        module("part.js", Import("./deep/er.js", 1, 1), Import("./app.js", 1, 1)),
        module("deep/er.js"),
        module("later.js"),
    ]
    parsed = AppManifest.from_document(
        {"name": "@team/app", "version": "1.0.0", "entry": "app.js", "routes": [{"path": "/app", "access": "public"}]}
    )
    made = make_release(parsed, files, created_at=datetime(2026, 1, 1, tzinfo=UTC), creator="test")
    document = boot(Snapshot.of("live", 1, [made]), None, Decision(200, None), load_timeout_ms=1)
    apps = document["apps"]
    assert isinstance(apps, list)
    assert apps[0]["modules"] == (made.url("part.js"), made.url("deep/er.js"))


def test_an_app_that_is_activated_by_hand_is_not_preloaded_and_cannot_fill_main() -> None:
    drawer = release("drawer", routes=[{"path": "/*", "slot": "tools", "access": "public"}], activation="manual")
    assert active_releases(Snapshot.of("live", 1, [SHOP, drawer]), None, "/") == [SHOP]
    with pytest.raises(InvalidManifest, match="follows the address"):
        release("drawer", routes=[{"path": "/*", "access": "public"}], activation="manual")


def names(person: Somebody | None) -> dict[str, list[str]]:
    document = boot(SNAPSHOT, person, Decision(200, None), load_timeout_ms=1)
    apps = document["apps"]
    assert isinstance(apps, list)
    return {app["app"]: [route["path"] for route in app["routes"]] for app in apps}


def test_only_routes_that_this_person_may_open_are_sent() -> None:
    assert names(None) == {"nav": ["/*"], "shop": ["/"]}
    assert names(Somebody()) == {"nav": ["/*"], "shop": ["/", "/things/:id"]}
    assert names(Somebody(roles=("admin",)))["shop"] == ["/", "/things/:id", "/admin"]


def test_a_less_specific_route_of_another_app_does_not_answer_for_a_guarded_one() -> None:
    """A team that claims everything gets what nobody else claims, and nothing else."""
    grab = release("grab", routes=[{"path": "/*", "access": "public", "title": "Mine"}])
    snapshot = Snapshot.of("live", 8, [SHOP, NAV, grab])
    assert decide(snapshot, None, "/things/1").status == 401
    assert decide(snapshot, Somebody(), "/admin").status == 403
    assert decide(snapshot, None, "/nothing") == Decision(200, "Mine")


@pytest.mark.parametrize(
    ("person", "keys"),
    [
        (None, ["early", "late"]),
        (Somebody(), ["mine", "early", "late"]),
        (Somebody(roles=("admin",)), ["admin", "mine", "early", "late"]),
    ],
)
def test_mount_point_entries_are_for_this_person_and_in_order(person: Somebody | None, keys: list[str]) -> None:
    points = boot(SNAPSHOT, person, Decision(200, None), load_timeout_ms=1)["mountPoints"]
    assert isinstance(points, dict)
    assert [entry["key"] for entry in points["nav"]] == keys


def test_a_path_activates_what_the_person_may_open_in_the_shells_slots() -> None:
    assert [each.app for each in active_releases(SNAPSHOT, Somebody(), "/things/1")] == ["nav", "shop"]
    assert [each.app for each in active_releases(SNAPSHOT, None, "/things/1")] == ["nav"]


def test_json_in_a_script_element_cannot_end_it() -> None:
    evil = {"name": "</script><script>alert(1)</script>\u2028<!--"}
    text = script_json(evil)
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text) == evil


def test_the_page_policy_allows_no_inline_code_and_names_the_frameworks_policies() -> None:
    policy = page_policy("n0nce", trusted_types=["vue"], form_targets=["https://id.example"])["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'nonce-n0nce' 'strict-dynamic'" in policy
    assert "trusted-types default portico portico-worker vue 'allow-duplicates'" in policy
    assert "form-action 'self' https://id.example" in policy
    assert "default-src 'none'" in policy


def test_titles_and_labels_are_in_the_persons_language_where_the_manifest_has_them() -> None:
    shop = release(
        "shop",
        routes=[
            {"path": "/shop", "access": "public", "title": "Shop", "titles": {"ar": "المتجر"}},
            {"path": "/late", "access": "public", "title": "Late"},
        ],
        mountPoints={"nav": [{"key": "shop", "label": "Shop", "labels": {"ar": "المتجر"}, "href": "/shop"}]},
    )
    snapshot = Snapshot.of("live", 1, [shop])
    for language, title in (("ar", "المتجر"), ("en", "Shop"), ("fr", "Shop")):
        document = boot(snapshot, None, Decision(200, None), load_timeout_ms=1, language=language)
        assert decide(snapshot, None, "/shop", language) == Decision(200, title)
        assert decide(snapshot, None, "/late", language) == Decision(200, "Late")
        assert [route["title"] for route in document["apps"][0]["routes"]] == [title, "Late"]  # type: ignore[index]
        assert document["mountPoints"]["nav"][0]["label"] == title  # type: ignore[index]
