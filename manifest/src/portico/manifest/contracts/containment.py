"""Whether all that one schema lets through is valid against another: what a publisher may send, a consumer takes.

Sound: when nothing is found, every value that the one lets through is valid against the other (for the keywords of
``event_schema``). Not complete: two schemas that say the same in different ways (a pattern, an enumeration) may be told
apart. Then one of the two has to be written as the other is.
"""

from collections.abc import Iterable, Iterator
from math import inf
from typing import Any

from portico.manifest.contracts.event_schema import EventSchema, Part, Trials

_TYPES = ("array", "boolean", "null", "object", "string", "number")
_SMALL: dict[str, tuple[Any, ...]] = {"boolean": (False, True), "null": (None,)}
"""Types that have so few values that each can be tried."""
_LENGTHS = {
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
    "string": ("minLength", "maxLength"),
}
_MOST_STEPS = 20_000


def unfit(sent: EventSchema, taken: EventSchema) -> list[str]:
    """Return why something that ``sent`` lets through is not valid against ``taken``; empty when all of it is.

    Raises ``ValueError`` when the two are too large to compare.
    """
    try:
        return list(dict.fromkeys(_Comparison(sent, taken).between(sent.root, taken.root, "the data")))[:20]
    except RecursionError as error:
        raise ValueError("takes too long to compare; make the schema simpler") from error


class _Comparison:
    def __init__(self, sent: EventSchema, taken: EventSchema) -> None:
        self._sent = sent
        self._taken = taken
        self._assumed: set[tuple[int, int]] = set()
        self._left = _MOST_STEPS
        self._trials = Trials(self._count)

    def between(self, sent: Part, taken: Part, where: str) -> Iterator[str]:
        """Find where ``taken`` refuses what ``sent`` lets through."""
        sent, taken = self._sent.followed(sent), self._taken.followed(taken)
        if taken is True or taken == {} or sent is False:
            return
        self._count()
        if taken is False:
            yield f"{where} must not be there"
        elif isinstance(sent, dict) and isinstance(values := _values(sent), tuple):
            wrong = [value for value in values if self._lets_through(sent, value) and not self._takes(taken, value)]
            if wrong:
                yield f"{where} may be {_shown(wrong[0])}, which is not taken"
        elif isinstance(sent, dict) and "anyOf" in sent:
            # The keywords beside anyOf narrow every one of its schemas; to leave them out widens what is sent.
            for branch in sent["anyOf"]:
                yield from self.between(_narrowed(self._sent.followed(branch), sent), taken, where)
        else:
            yield from self._by_type({} if sent is True else sent, taken, where)

    def _by_type(self, sent: dict[str, Any], taken: dict[str, Any], where: str) -> Iterator[str]:
        for kind in _types(sent):
            if kind in _SMALL:
                yield from self._small(sent, taken, kind, where)
            elif "anyOf" in taken:
                yield from self._any_of(sent | {"type": kind}, taken, where)
            else:
                yield from self._one_type(sent, taken, kind, where)

    def _small(self, sent: dict[str, Any], taken: dict[str, Any], kind: str, where: str) -> Iterator[str]:
        if any(not self._takes(taken, value) for value in _SMALL[kind] if self._lets_through(sent, value)):
            yield f"{where} may be {kind}, which is not taken"

    def _any_of(self, sent: dict[str, Any], taken: dict[str, Any], where: str) -> Iterator[str]:
        """Find what fits none of ``anyOf``: one of its schemas must take all of it, and so must what is beside."""
        beside = {keyword: value for keyword, value in taken.items() if keyword != "anyOf"}
        yield from self.between(sent, beside, where)
        reasons: list[str] = []
        for branch in taken["anyOf"]:
            kept = set(self._assumed)
            reasons = list(self.between(sent, branch, where))
            if not reasons:
                return
            self._assumed = kept  # what was taken for granted on the way to a refusal is not
        yield f"{where} as {sent['type']} fits no schema of anyOf: {reasons[0]}"

    def _one_type(self, sent: dict[str, Any], taken: dict[str, Any], kind: str, where: str) -> Iterator[str]:
        if kind not in _types(taken) and not (kind == "integer" and "number" in _types(taken)):
            yield f"{where} may be {kind}, which is not taken"
        elif isinstance(_values(taken), tuple):
            yield f"{where} may be any {kind}; only certain values are taken"
        elif kind in {"integer", "number"}:
            yield from _numbers(sent, taken, where)
        else:
            yield from _lengths(sent, taken, kind, where)
            if kind == "string" and "pattern" in taken and taken["pattern"] != sent.get("pattern"):
                yield f"{where} must match {taken['pattern']!r}, which the publisher does not say in the same words"
            if kind == "array" and sent.get("maxItems") != 0:
                yield from self._again(sent.get("items", True), taken.get("items", True), f"each item of {where}")
            if kind == "object":
                yield from self._objects(sent, taken, where)

    def _objects(self, sent: dict[str, Any], taken: dict[str, Any], where: str) -> Iterator[str]:
        for name in sorted(set(taken.get("required", ())) - set(sent.get("required", ()))):
            yield f"{where} may be without {name!r}, which is required"
        ours, theirs = sent.get("properties", {}), taken.get("properties", {})
        self._count(len(ours) + len(theirs))
        others, other_taken = sent.get("additionalProperties", True), taken.get("additionalProperties", True)
        for name in sorted(ours.keys() | theirs.keys()):
            inner = f"{name!r} of {where}"
            for reason in self._again(ours.get(name, others), theirs.get(name, other_taken), inner):
                told = "" if name in ours else " (the publisher's schema does not name it, and lets others through)"
                yield reason + told
        yield from self._again(others, other_taken, f"any other member of {where}")

    def _again(self, sent: Part, taken: Part, where: str) -> Iterator[str]:
        """Compare two parts. Schemas may be recursive: a pair that is being compared holds if all else does."""
        pair = (id(self._sent.followed(sent)), id(self._taken.followed(taken)))
        if pair not in self._assumed:
            self._assumed.add(pair)
            yield from self.between(sent, taken, where)

    def _lets_through(self, sent: Part, value: Any) -> bool:
        return self._trials.may_be(self._sent.whole(sent), value)

    def _takes(self, taken: Part, value: Any) -> bool:
        return self._trials.is_certain(self._taken.whole(taken), value)

    def _count(self, steps: int = 1) -> None:
        self._left -= steps
        if self._left < 0:
            raise ValueError("takes too long to compare; make the schema simpler")


def _values(part: dict[str, Any]) -> tuple[Any, ...] | None:
    """Return the only values that a part can let through, ``None`` when it does not list them."""
    if "const" in part:
        return (part["const"],)
    return tuple(part["enum"]) if "enum" in part else None


def _narrowed(branch: Part, beside: dict[str, Any]) -> Part:
    """Return a schema of ``anyOf`` with the type that stands beside it, where it has none itself."""
    if isinstance(branch, dict) and "type" not in branch and "type" in beside:
        return {**branch, "type": beside["type"]}
    return {"type": beside["type"]} if branch is True and "type" in beside else branch


def _types(part: dict[str, Any]) -> tuple[str, ...]:
    named = part.get("type", _TYPES)
    return (named,) if isinstance(named, str) else tuple(named)


def _numbers(sent: dict[str, Any], taken: dict[str, Any], where: str) -> Iterator[str]:
    lowest = max((sent.get("minimum", -inf), 0), (sent.get("exclusiveMinimum", -inf), 1))
    if lowest < max((taken.get("minimum", -inf), 0), (taken.get("exclusiveMinimum", -inf), 1)):
        yield f"{where} may be smaller than what is taken"
    highest = min((sent.get("maximum", inf), 0), (sent.get("exclusiveMaximum", inf), -1))
    if highest > min((taken.get("maximum", inf), 0), (taken.get("exclusiveMaximum", inf), -1)):
        yield f"{where} may be larger than what is taken"


def _lengths(sent: dict[str, Any], taken: dict[str, Any], kind: str, where: str) -> Iterable[str]:
    fewest, most = _LENGTHS[kind]
    if sent.get(fewest, 0) < taken.get(fewest, 0):
        yield f"{where} may be shorter than {fewest} {taken[fewest]}"
    if sent.get(most, inf) > taken.get(most, inf):
        yield f"{where} may be longer than {most} {taken[most]}"


def _shown(value: Any) -> str:
    return repr(value)[:60]
