"""Calls that clients of import-map-deployer make, in the order of a scenario."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One request. ``files`` in a URL stands for the server whose files can be fetched."""

    method: str
    path: str
    body: Any = None
    params: tuple[tuple[str, str], ...] = ()


SKIP = (("skip_url_check", ""),)


def service(name: str, url: str, *params: tuple[str, str], skip: bool = True) -> Call:
    return Call("PATCH", "/services", {"service": name, "url": url}, (*(SKIP if skip else ()), *params))


def patch(body: Any, *, skip: bool = True) -> Call:
    return Call("PATCH", "/import-map.json", body, SKIP if skip else ())


def delete(name: str) -> Call:
    return Call("DELETE", f"/services/{name}")


SCENARIOS: dict[str, list[Call]] = {
    "a service with its folder": [service("a", "https://c.test/x/y/a.js")],
    "a service without a folder": [service("a", "/a.js")],
    "a service in a folder of this origin": [service("a", "/x/y/a.js")],
    "a service is set again": [service("a", "https://c.test/1/a.js"), service("a", "https://c.test/2/a.js")],
    "a folder stays when the service leaves it": [service("a", "https://c.test/1/a.js"), service("a", "/a.js")],
    "package levels": [service("a", "https://c.test/1/2/3/a.js", ("packageDirLevel", level)) for level in "1239"],
    "a fraction of a level": [service("a", "https://c.test/1/2/3/a.js", ("packageDirLevel", "2.7"))],
    "no level at all": [service("a", "https://c.test/1/2/a.js", ("packageDirLevel", ""))],
    "a level that is none": [service("a", "https://c.test/1/2/a.js", ("packageDirLevel", "two"))],
    "a query in the URL": [service("a", "https://c.test/x/a.js?v=1/2#b/c")],
    "dot segments in the URL": [service("a", "https://c.test/x/../y/./a.js")],
    "double slashes in the URL": [service("a", "https://c.test//x//a.js", ("packageDirLevel", "2"))],
    "the root of a server": [service("a", "https://c.test/a.js"), service("b", "http://c.test:8080/b.js")],
    "a scoped name": [service("@team/a", "https://c.test/x/a.js"), delete("%40team%2Fa")],
    "a deleted service": [service("a", "https://c.test/x/a.js"), service("b", "/b.js"), delete("a")],
    "an unknown service is deleted": [delete("nobody")],
    "no service": [Call("PATCH", "/services", {"url": "/a.js"}, SKIP)],
    "no url": [Call("PATCH", "/services", {"service": "a"}, SKIP)],
    "an empty name": [service("", "/a.js"), service("  ", "/a.js")],
    "imports are merged": [
        patch({"imports": {"a": "/a-1.mjs", "b": "/b-1.mjs"}}),
        patch({"imports": {"a": "/a-2.mjs", "c": "https://c.test/c.js"}}),
    ],
    "no folders for imports": [patch({"imports": {"a": "https://c.test/x/a.js"}})],
    "a folder among imports": [patch({"imports": {"a/": "https://c.test/x/"}})],
    "a folder without its slash": [patch({"imports": {"a/": "https://c.test/x"}})],
    "an import that is no text": [patch({"imports": {"a": 1}}), patch({"imports": {"a": None}})],
    "an import without a name": [patch({"imports": {"": "/a.js"}}), patch({"imports": {" ": "/a.js"}})],
    "scopes are replaced one by one": [
        patch({"scopes": {"https://c.test/1/": {"a": "/a.js", "b": "/b.js"}, "https://c.test/2/": {"a": "/a.js"}}}),
        patch({"scopes": {"https://c.test/1/": {"a": "/other.js"}}}),
    ],
    "scopes below this origin": [patch({"scopes": {"/lib/": {"a": "/a.js"}}})],
    "scopes that are no object": [patch({"scopes": "none"}), patch({"scopes": {"https://c.test/": "a"}})],
    "an empty scope": [patch({"scopes": {"https://c.test/": {}}})],
    "both at once": [patch({"imports": {"a": "/a.js"}, "scopes": {"https://c.test/": {"b": "/b.js"}}})],
    "a refused patch changes nothing": [
        patch({"imports": {"a": "/a.js"}}),
        patch({"imports": {"b": "/b.js"}, "scopes": {"https://c.test/": {}}}),
    ],
    "no JSON": [Call("PATCH", "/import-map.json", b"{", SKIP)],
    "no body": [Call("PATCH", "/import-map.json", b"", SKIP)],
    "JSON that says it is text": [Call("PATCH", "/import-map.json", b'{"imports": {"a": "/a.js"}}', SKIP)],
    "skipping, in words": [
        Call("PATCH", "/services", {"service": "a", "url": "files/missing.js"}, (("skip_url_check", word),))
        for word in ("true", "", "false", "1", "TRUE")
    ],
    "a URL that is there": [service("a", "files/there.js", skip=False)],
    "a URL that is not there": [service("a", "files/missing.js", skip=False)],
    "a URL that redirects": [service("a", "files/moved.js", skip=False)],
    "a URL that fails": [service("a", "files/broken.js", skip=False)],
    "a server that is not there": [service("a", "http://127.0.0.1:1/a.js", skip=False)],
    "a relative service without skipping": [service("a", "/a.js", skip=False)],
    "relative imports without skipping": [patch({"imports": {"a": "/a.js"}}, skip=False)],
}
