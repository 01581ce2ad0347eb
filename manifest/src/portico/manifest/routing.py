"""Which app's route a path belongs to. The browser runtime follows the same rule; both are held to
``manifest/schema/routing-vectors.json``.

**The rule.** Of all routes of a slot whose URLPattern matches the path, the most specific wins. Patterns are compared
segment by segment (between slashes, in the pattern's normalised form), from the left; at the first difference

    the pattern ends here, and not with a wildcard      > literal text
    > text, parameters and wildcards mixed              > one parameter (``:id``)
    > anything optional or repeated (``?``, ``+``, ``*`` after a parameter, wildcard or braces) > a wildcard (``*``)
    > the pattern ends here with a wildcard.

Equal so far: the one with more literal characters; then the one whose normalised text comes first by code point; then
the app whose name does. Two apps that claim patterns of the same shape (parameters' names aside) in one slot are
refused when they are promoted, so the last step never decides between two apps.

**What is left out of URLPattern.** Groups with a regular expression, and parameters whose names are not ASCII: this
process and a browser do not agree on either, and a pattern that one takes and the other does not breaks every page.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache

from urlpattern import URLPattern

MAX_GROUPS = 8
"""How many of ``:``, ``*`` and ``{`` a pattern may have: matching a long path tries every way to share it out."""

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_GROUP = re.compile(r"[:*{]")
_ODD_NAME = re.compile(r":(?![A-Za-z_])|:[A-Za-z_][A-Za-z0-9_]*[^\x00-#%-\x7f]")
"""A colon before what is no name, or a name that goes on with ``$`` or beyond ASCII."""
_TOKEN = re.compile(
    r"(?:\{(?P<braces>(?:\\.|[^\\}])*)\}|(?P<group>\*|:[A-Za-z_][A-Za-z0-9_]*))(?P<modifier>[?+*]?)|(?P<text>/|(?:\\.|[^/:*{\\])+)",
    re.DOTALL,
)
_KINDS = {"/": "slash", "*": "wildcard", ":": "parameter"}


class InvalidPattern(ValueError):
    """Not a pathname pattern that every implementation of URLPattern takes in the same sense."""


class Rank(IntEnum):
    """How specific one segment of a pattern is, the least specific first."""

    END_AFTER_WILDCARD = 0
    WILDCARD = 1
    OPTIONAL = 2
    PARAMETER = 3
    MIXED = 4
    LITERAL = 5
    END = 6


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pathname pattern.

    ``text`` is its normalised form, ``shape`` the same without the names of parameters (equal shapes match the same
    paths), ``specificity`` sorts: greater is more specific.
    """

    text: str
    shape: str
    specificity: tuple[tuple[Rank, ...], int]
    compiled: URLPattern

    def match(self, path: str) -> dict[str, str] | None:
        """Return the named groups (percent-encoded as in ``path``) when ``path`` (no query) matches, else ``None``."""
        result = self.compiled.exec({"pathname": path})
        if result is None:
            return None
        groups = result["pathname"]["groups"]
        return {name: value for name, value in groups.items() if value is not None}


@lru_cache(maxsize=4096)
def pattern_of(path: str) -> Pattern:
    """Compile a pathname pattern; raises ``InvalidPattern``."""
    if not path.startswith("/"):
        raise InvalidPattern(f"{path!r} does not begin with a slash")
    bare = _ESCAPED.sub("-", path)
    if "(" in bare:
        raise InvalidPattern(f"{path!r} has a group in parentheses; use literal text, :name, * and {{...}}? instead")
    if _ODD_NAME.search(bare):
        raise InvalidPattern(f"{path!r} has a parameter whose name is not of A-Z, a-z, 0-9 and _")
    if len(_GROUP.findall(bare)) > MAX_GROUPS:
        raise InvalidPattern(f"{path!r} has more than {MAX_GROUPS} of ':', '*' and '{{'")
    try:
        compiled = _compiled(path)
    except ValueError as error:
        raise InvalidPattern(f"{path!r} is not a URLPattern pathname: {error}") from error
    text = compiled.pathname
    if "(" in _ESCAPED.sub("-", text):  # what becomes of a wildcard right behind a parameter or another wildcard
        raise InvalidPattern(f"{path!r} has nothing between a wildcard and what is before it")
    parts = tuple(_parts(text))
    return Pattern(text, "".join(part.shape for part in parts), _specificity(parts), compiled)


def _compiled(path: str) -> URLPattern:
    # A component that is left out would be a pattern of its own, and compiling those takes most of the time.
    return URLPattern(
        {
            "pathname": path,
            "username": "",
            "password": "",
            "hostname": "",
            "port": "",
            "search": "",
            "hash": "",
        }
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a normalised pattern: ``kind`` is slash, literal, parameter, wildcard or brace."""

    kind: str
    shape: str
    optional: bool = False


def _parts(text: str) -> Iterable[_Part]:
    """Split a normalised pattern into parts; braces yield what they hold, marked optional when a modifier follows."""
    for token in _TOKEN.finditer(text):
        modifier = token["modifier"] or ""
        if token["braces"] is not None:  # they do not nest, and without a modifier they change nothing
            inside = _parts(token["braces"])
            if modifier:
                marked = (replace(part, optional=True) for part in inside)
                inside = (_Part("brace", "{"), *marked, _Part("brace", "}" + modifier))
            yield from inside
        else:
            piece = token["group"] or token["text"]
            kind = _KINDS.get(piece[0], "literal")
            yield _Part(kind, (":" if kind == "parameter" else piece) + modifier, bool(modifier))


def _specificity(parts: Sequence[_Part]) -> tuple[tuple[Rank, ...], int]:
    segments: list[list[_Part]] = []
    for part in parts:
        if part.kind == "slash":
            segments.append([_Part("slash", "/", part.optional)])
        elif part.kind != "brace":
            segments[-1].append(part)
    ranks = [_rank(segment) for segment in segments]
    end = Rank.END_AFTER_WILDCARD if ranks[-1] is Rank.WILDCARD else Rank.END
    literals = sum(len(_ESCAPED.sub("-", part.shape)) for part in parts if part.kind in {"literal", "slash"})
    return (*ranks, end), literals


def _rank(segment: Sequence[_Part]) -> Rank:
    kinds = {part.kind for part in segment[1:]}
    if any(part.optional for part in segment):
        return Rank.OPTIONAL
    if kinds <= {"literal"}:
        return Rank.LITERAL
    if kinds == {"wildcard"}:
        return Rank.WILDCARD
    if kinds == {"parameter"} and len(segment) == 2:
        return Rank.PARAMETER
    return Rank.MIXED


@dataclass(frozen=True, slots=True)
class Claim:
    """One route of one app: ``app`` (short name), ``slot`` and pattern ``path``; ``number`` is its place in the app."""

    app: str
    slot: str
    path: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two apps claim the same paths of one slot."""

    first: Claim
    second: Claim


def conflicts(claims: Iterable[Claim]) -> tuple[Conflict, ...]:
    """Return every pair of claims of different apps with one shape in one slot; the first claim comes first."""
    taken: dict[tuple[str, str], Claim] = {}
    found = []
    for claim in claims:
        first = taken.setdefault((claim.slot, pattern_of(claim.path).shape), claim)
        if first.app != claim.app:
            found.append(Conflict(first, claim))
    return tuple(found)


def most_specific_first(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Sort claims by the rule above: the first of a slot that matches a path is the one that has it."""
    by_name = sorted(claims, key=lambda claim: (pattern_of(claim.path).text, claim.app, claim.number))
    return tuple(sorted(by_name, key=lambda claim: pattern_of(claim.path).specificity, reverse=True))
