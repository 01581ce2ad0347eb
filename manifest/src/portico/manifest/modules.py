"""What a JavaScript module imports, read from its syntax tree (tree-sitter's grammar of ECMAScript).

A real parser, because a word in a string, a comment or a regular expression must not count, and a minified bundle has
no lines to go by. tree-sitter was chosen over es-module-lexer (WebAssembly without a Python package; it assumes valid
source) and esprima (ES2017): it has wheels for every platform, needs no Node, reads a megabyte in a quarter of a
second, and says where the source is not JavaScript.

It holds the interpreter's lock while it reads, so a server reads in another process: this file run by itself takes
paths on standard input, one JSON string a line, and answers each with a line of JSON (see ``module_graph``). For that
it imports nothing of ours.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser, Query, QueryCursor

_IMPORTS = """
(import_statement source: (string) @static)
(export_statement source: (string) @static)
(call_expression function: (import) arguments: (arguments) @dynamic)
"""
_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(\r\n|[\s\S]))")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_CONTINUATIONS = frozenset({"\n", "\r\n", "\r", "\u2028", "\u2029"})


class ModuleSyntaxError(ValueError):
    """The source is not an ECMAScript module; ``line`` and ``column`` (from 1) say where it stops being one."""

    def __init__(self, line: int, column: int, near: str) -> None:
        super().__init__(f"not JavaScript near {near!r}" if near else "not JavaScript")
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Import:
    """One import in a module: its specifier as a string value, where it stands (from 1), and whether it is a call."""

    specifier: str
    line: int
    column: int
    dynamic: bool = False


def imports_of(source: bytes) -> tuple[Import, ...]:
    """Return the imports of a module in the order of the text, ``export ... from`` and ``import("...")`` included.

    An ``import(...)`` of an expression has no specifier to check and is left out. Raises ``ModuleSyntaxError``. The
    work holds the interpreter's lock for a quarter of a second per megabyte: a server calls ``module_graph``.
    """
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source[: error.start]
        raise ModuleSyntaxError(
            before.count(b"\n") + 1, error.start - before.rfind(b"\n"), "bytes not UTF-8"
        ) from error
    root = Parser(_language()).parse(source).root_node
    if root.has_error:
        raise _syntax_error(source, root)
    found = QueryCursor(_query()).captures(root)
    specifiers = [(node, False) for node in found.get("static", ())]
    specifiers += [(literal, True) for node in found.get("dynamic", ()) for literal in _literal(node)]
    specifiers.sort(key=lambda pair: pair[0].start_byte)
    return tuple(Import(_value(source, node), *_place(source, node), dynamic) for node, dynamic in specifiers)


@cache
def _language() -> Language:
    return Language(tree_sitter_javascript.language())


@cache
def _query() -> Query:
    return Query(_language(), _IMPORTS)


def _literal(arguments: Node) -> Iterator[Node]:
    """Yield the first argument when it is a string, or a template without substitutions."""
    first = next((child for child in arguments.named_children if child.type != "comment"), None)
    if first is None or first.type not in {"string", "template_string"}:
        return
    if not any(child.type == "template_substitution" for child in first.named_children):
        yield first


def _value(source: bytes, node: Node) -> str:
    return _ESCAPE.sub(_unescape, source[node.start_byte + 1 : node.end_byte - 1].decode("utf-8"))


def _unescape(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    if code:
        return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else "\ufffd"
    return "" if escape[4] in _CONTINUATIONS else _SIMPLE.get(escape[4], escape[4])


def _place(source: bytes, node: Node) -> tuple[int, int]:
    line_start = node.start_byte - node.start_point.column
    return node.start_point.row + 1, len(source[line_start : node.start_byte].decode("utf-8", "replace")) + 1


def _syntax_error(source: bytes, root: Node) -> ModuleSyntaxError:
    """Descend to the first node that the grammar could not place."""
    node = root
    while not (node.is_error or node.is_missing):
        broken = next((child for child in node.children if child.has_error or child.is_missing), None)
        if broken is None:
            break
        node = broken
    near = source[node.start_byte : node.start_byte + 40].decode("utf-8", "replace").splitlines()
    return ModuleSyntaxError(*_place(source, node), near[0] if near else "")


def _answer(path: str) -> list[list[str | int]] | dict[str, str | int]:
    try:
        return [[one.specifier, one.line, one.column, one.dynamic] for one in imports_of(Path(path).read_bytes())]
    except ModuleSyntaxError as error:
        return {"line": error.line, "column": error.column, "detail": str(error)}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(json.loads(line))) + "\n")
        sys.stdout.flush()
