"""What a module imports, read by a parser: on awkward sources, and on bundles as teams build them."""

from pathlib import Path

import pytest

from portico.manifest.modules import Import, ModuleSyntaxError, imports_of

ROOT = Path(__file__).parents[2]
BUNDLES = ROOT / "microapps" / "shared" / "dist"


def found(source: str) -> list[tuple[str, bool]]:
    return [(one.specifier, one.dynamic) for one in imports_of(source.encode())]


@pytest.mark.parametrize(
    ("source", "specifiers"),
    [
        ('import "a"; import b from "b"; import * as c from\n"c"; import {d as e} from "d";', ["a", "b", "c", "d"]),
        ('export * from "a"; export * as n from "b"; export {x as "odd name"} from "c"; export {y};', ["a", "b", "c"]),
        ('import data from "./d.json" with {type: "json"};', ["./d.json"]),
        ("import'a';import{b}from'b';export{c}from'c'", ["a", "b", "c"]),
        (r'import "\u0061\x62\u{63}\'d";', ["abc'd"]),
        ("import.meta.url; import.meta.resolve('x');", []),
        ('const s = "import \\"no\\""; // import "no"\n/* import "no" */ const r = /import "no"/; `import "no"`', []),
        ('const a = b / c / "import"; import "a"; if (x) /import("no")/g.test(z)', ["a"]),
        ("#!/usr/bin/env node\nimport 'a'", ["a"]),
        ("const r = /[\\p{L}--[a-z]]/v; class A { static { } #p; has(o) { return #p in o } } import 'a'", ["a"]),
        ("", []),
    ],
)
def test_static_imports(source: str, specifiers: list[str]) -> None:
    assert found(source) == [(specifier, False) for specifier in specifiers]


@pytest.mark.parametrize(
    ("source", "specifiers"),
    [
        ('import("a"); import(/* webpackChunk */ "b", {with: {}}); await import(`c`);', ["a", "b", "c"]),
        ("import(`./${name}.js`); import(a + 'b'); import(cond ? 'a' : 'b')", []),
        ("class A { m() { return import('a') } }; const f = () => import('b')", ["a", "b"]),
        ("`${import('a')}`", ["a"]),
    ],
)
def test_dynamic_imports_with_a_literal_specifier(source: str, specifiers: list[str]) -> None:
    assert found(source) == [(specifier, True) for specifier in specifiers]


def test_places_are_lines_and_characters_from_one() -> None:
    source = "/* é */ import 'a';\n\n  export * from 'b';\n"
    assert imports_of(source.encode()) == (Import("a", 1, 16), Import("b", 3, 17))


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [(b"const a = ;", 1, 9), (b"\n\nimport {a from 'x';", 3, 1), (b"let a = '\xff';", 1, 10), (b"{", 1, 1)],
)
def test_what_is_not_javascript_is_refused_with_its_place(source: bytes, line: int, column: int) -> None:
    with pytest.raises(ModuleSyntaxError) as refused:
        imports_of(source)
    assert (refused.value.line, refused.value.column) == (line, column)


def test_markup_is_not_javascript() -> None:
    with pytest.raises(ModuleSyntaxError):
        imports_of(b"<!doctype html><title>404</title><p>Not found")


@pytest.mark.parametrize(
    ("bundle", "specifiers"),
    [
        ("preact.js", set()),
        ("preact-hooks.js", {"preact"}),
        ("react.js", set()),
        ("react-dom-client.js", {"react", "react-dom"}),
    ],
)
def test_real_minified_bundles_are_read_right(bundle: str, specifiers: set[str]) -> None:
    assert {one.specifier for one in imports_of((BUNDLES / bundle).read_bytes())} == specifiers


def test_deep_nesting_is_read_without_recursion() -> None:
    depth = 20_000
    assert found("x = " + "[" * depth + "]" * depth + "; import 'a'") == [("a", False)]
