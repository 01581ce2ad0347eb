"""What a page asks for at once: the entry and all that it imports, and nothing that it might import later."""

from manifest.tests.manifest_world import PLATFORM, app_files, library_files, release_of
from portico.manifest import Snapshot, import_map, preloads

SHOP = release_of(
    app_files(source="import './a.js'; import 'signals/hooks'; import '@portico/sdk'; import('./later.js')")
    | {
        "a.js": b"import './b.js'; export * from './shop.js'",
        "b.js": b"import './a.js'",
        "later.js": b"",
        "unused.js": b"",
    }
)
LIBS = release_of(library_files())


def test_static_imports_are_followed_across_releases_each_once_and_nothing_else() -> None:
    snapshot = Snapshot.of("live", 1, [SHOP, LIBS])
    mapped = import_map(snapshot, PLATFORM)
    found = preloads(snapshot, mapped, SHOP, "shop.js")
    assert [module.url for module in found] == [
        SHOP.url("shop.js"),
        SHOP.url("a.js"),
        LIBS.url("hooks.js"),
        PLATFORM["@portico/sdk"].url,
        SHOP.url("b.js"),
        LIBS.url("lib.js"),
    ]
    assert all(mapped.integrity[module.url] == module.integrity for module in found)
