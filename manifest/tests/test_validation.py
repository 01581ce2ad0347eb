"""What is refused before anything changes, and the place that is named."""

from typing import Any

import pytest

from manifest.tests.manifest_world import PLATFORM, app_files, library_files, release_of
from portico.manifest import Finding
from portico.manifest.specifiers import resolve
from portico.manifest.validation import check_channel, check_release

NEEDS: dict[str, Any] = {"imports": {"needs": {"signals": "^11.0.0"}}}


def release_places(files: dict[str, bytes]) -> list[str]:
    release = release_of(files)
    return [finding.pointer for finding in check_release(release.manifest, release.files)]


def channel_findings(*apps: dict[str, bytes]) -> list[Finding]:
    return check_channel([release_of(files) for files in apps], PLATFORM)


def test_a_whole_release_passes() -> None:
    files = app_files(source="import './lib/a.js'; import 'signals'") | {"lib/a.js": b"import '../shop.js'"}
    assert release_places(files) == []


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"entry": "other.js"}, "/entry"),
        ({"styles": ["shop.css"]}, "/styles/0"),
        (
            {"mountPoints": {"nav": [{"key": "a", "label": "A", "href": "/", "icon": "a.svg"}]}},
            "/mountPoints/nav/0/icon",
        ),
        (
            {"imports": {"shares": {"kit": {"version": "1.0.0", "entries": {"kit/a": "a.js"}}}}},
            "/imports/shares/kit/entries/kit~1a",
        ),
    ],
)
def test_a_file_that_the_manifest_names_must_be_there(members: dict[str, Any], place: str) -> None:
    assert release_places(app_files() | app_files(**members)) == [place]


@pytest.mark.parametrize(
    "specifier",
    [
        "./missing.js",
        "../shop.js",
        "./shop.js?v=2",
        "./shop.js#x",
        "/a/other/d/x.js",
        "https://cdn.test/x.js",
        "//cdn.test/x.js",
        "data:text/javascript,1",
        "./",
    ],
)
def test_an_import_that_is_neither_bare_nor_a_file_of_the_release_is_refused(specifier: str) -> None:
    assert release_places(app_files(source=f"\nimport '{specifier}';")) == ["file:shop.js:2:8"]


@pytest.mark.parametrize(
    ("path", "specifier", "file"),
    [
        ("a/b.js", "./c.js", "a/c.js"),
        ("a/b.js", "../c.js", "c.js"),
        ("a/b.js", "../../c.js", None),
        ("b.js", "./x%20y.js", "x y.js"),
    ],
)
def test_relative_specifiers_are_resolved_as_urls_are(path: str, specifier: str, file: str | None) -> None:
    assert resolve(path, specifier) == file


def test_apps_that_fit_together_pass() -> None:
    shop = app_files(source="import 'signals/hooks'; import '@portico/sdk'; import('@crm/account')", **NEEDS)
    assert channel_findings(shop, app_files("@crm/account"), library_files()) == []


def test_one_route_cannot_be_two_apps() -> None:
    shop = app_files(routes=[{"path": "/"}, {"path": "/things/:id"}])
    account = app_files("@crm/account", routes=[{"path": "/things/:name"}, {"path": "/", "slot": "side"}])
    (finding,) = channel_findings(shop, account)
    assert finding.pointer == "/routes/0/path"
    assert "@sales/shop" in finding.detail
    assert "@crm/account" in finding.detail


def sharing(name: str, package: str) -> dict[str, bytes]:
    shares = {package: {"version": "1.0.0", "entries": {package: "kit.js"}}}
    return app_files(name, imports={"shares": shares}) | {"kit.js": b""}


def test_what_is_below_an_apps_name_and_the_platform_is_theirs() -> None:
    assert channel_findings(app_files(), sharing("@evil/kit", "@sales/shop/evil"))
    other = {"lit": PLATFORM["@portico/sdk"]}
    assert check_channel([release_of(sharing("@evil/kit", "lit/evil"))], other)


def test_names_that_only_begin_alike_are_other_packages() -> None:
    assert channel_findings(sharing("@base/libs", "react"), sharing("@base/more", "react-dom")) == []


def test_an_apps_name_cannot_be_shared_by_another() -> None:
    thief = app_files(
        "@evil/kit", imports={"shares": {"@sales/shop": {"version": "1.0.0", "entries": {"@sales/shop": "kit.js"}}}}
    )
    assert channel_findings(thief, app_files())


def test_a_need_that_nobody_shares_is_refused() -> None:
    (finding,) = channel_findings(app_files(**NEEDS))
    assert finding.pointer == "/imports/needs/signals"
    assert "no release in the channel shares" in finding.detail


def test_a_need_for_another_version_is_refused() -> None:
    (finding,) = channel_findings(app_files(**NEEDS), library_files("10.9.0"))
    assert finding.pointer == "/imports/needs/signals"
    assert "@base/libs shares 10.9.0" in finding.detail


def test_an_app_may_need_what_it_shares_itself_and_what_the_platform_has() -> None:
    imports = {
        "needs": {"kit": "1.x", "@portico/sdk": "*"},
        "shares": {"kit": {"version": "1.5.0", "entries": {"kit": "shop.js"}}},
    }
    assert channel_findings(app_files(imports=imports)) == []


@pytest.mark.parametrize("source", ["import 'nowhere'", "export * from 'nowhere'", "import('nowhere')"])
def test_a_specifier_that_nothing_answers_to_is_refused_with_its_line(source: str) -> None:
    (finding,) = channel_findings(app_files(source=f"// first\n{source}"))
    assert finding.pointer.startswith("file:shop.js:2:")
    assert "'nowhere'" in finding.detail
    assert "@sales/shop 1.0.0" in finding.detail
