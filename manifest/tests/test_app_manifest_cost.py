"""The app manifest: what the worst one costs, taken or refused; 85 ms of a busy machine was the most measured."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from manifest.tests.counted_calls import counted
from portico.manifest import AppManifest, InvalidManifest
from portico.manifest.routing import pattern_of
from portico.manifest.unpacked import MAX_MANIFEST

BASE = {"name": "@sales/shop", "version": "1.0.0", "entry": "shop.js"}


MOST_CALLS = 250_000
"""Calls of functions, Python's and C's: what a document costs, the same on every machine and at every load."""


def document(**members: Any) -> bytes:
    return json.dumps({**BASE, **members}, separators=(",", ":")).encode()


def entries(count: int, entry: dict[str, Any]) -> bytes:
    names = range(0, count, 50)
    points = {f"n{n}": [{**entry, "key": f"k{i}"} for i in range(min(50, count - n))] for n in names}
    return document(mountPoints=points)


def shares(packages: int, each: int, name: str = "a{0}", file: str = "a.js") -> dict[str, Any]:
    made = {}
    for number in range(packages):
        package = name.format(number)
        made[package] = {"version": "1.0.0", "entries": {f"{package}/{n}": file for n in range(each)}}
    return {"shares": made}


def routes(count: int, rest: str) -> list[dict[str, Any]]:
    return [{"path": f"/{number}{rest}"} for number in range(count)]


GROUPS = "".join(f"/:{name}" for name in "abcdefgh") + "x" * 100
WORST: dict[str, Callable[[], bytes]] = {
    "routes and shares": lambda: document(routes=routes(100, GROUPS), imports=shares(4, 190)),
    "long routes": lambda: document(routes=routes(100, "{x}?" * 8 + "y" * 450)),
    "too many routes": lambda: document(routes=routes(3_800, "")),
    "too many routes for an app": lambda: document(routes=routes(200, GROUPS)),
    "bad routes": lambda: document(routes=routes(100, "{a}?" * 100)),
    "unknown members": lambda: document(routes=[{f"u{n}": 0 for n in range(180)}] * 5),
    "shares": lambda: document(imports=shares(5, 190)),
    "bad shares": lambda: document(imports=shares(5, 190, name="!{0}", file="")),
    "mount points": lambda: entries(240, {"label": "A", "href": "/"}),
    "bad mount points": lambda: entries(400, {}),
    "too many mount points": lambda: entries(1_500, {"label": "A", "href": "/"}),
    "objects that should differ": lambda: document(styles=[{"x": number} for number in range(200)]),
    "roles that should differ": lambda: document(routes=[{"path": "/", "roles": [{"a": n} for n in range(150)]}] * 3),
    "large roles": lambda: document(routes=[{"path": "/", "roles": [{"a": "x" * 500}] * 100}]),
    "needs": lambda: document(imports={"needs": {f"a{n}": ">=1 " * 60 for n in range(200)}}),
    "members": lambda: b"{" + b",".join(b'"a%d":0' % n for n in range(6_000)) + b',"z":0,"z":0}',
    "control characters": lambda: document(y=[["\x01"] * 90] * 10),
    "text": lambda: document(**{"x-a": "x" * 65_000}),
    "depth": lambda: b"[" * 30_000 + b"]" * 30_000,
    "digits": lambda: b'{"x-a":[' + b",".join([b"9" * 4_200] * 15) + b"]}",
}


def cost(content: bytes) -> int:
    """How many functions are called to parse a document, patterns compiled anew."""
    pattern_of.cache_clear()
    with counted("call", "c_call") as calls, suppress(InvalidManifest):
        AppManifest.parse(content)
    return calls.number


@pytest.mark.parametrize("make", WORST.values(), ids=WORST.keys())
def test_the_worst_document_costs_no_more_than_it_should(make: Callable[[], bytes]) -> None:
    content = make()
    assert len(content) <= MAX_MANIFEST
    AppManifest.parse(document())  # the schema is read once
    assert cost(content) < MOST_CALLS
