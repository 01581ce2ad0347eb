"""A REST contract: an OpenAPI 3 document in JSON, and the operations that a release uses of it (``GET /things/{id}``).

What a release was built against is its own contract; another contract breaks it where it asks for what the release
does not send, or leaves out what the release may read. Schemas that are put together (``oneOf``, ``anyOf``, ``allOf``)
are not looked into: nothing is said of them, rather than something wrong. Schemas that lead back to themselves, or that
many places name, are compared once: following each way to them would never end.
"""

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_USE = re.compile(r"([A-Z]+) (/\S*)")
_PARAMETER = re.compile(r"\{[^{}/]*\}")
_COMPOSED = ("oneOf", "anyOf", "allOf", "not")
_DEPTH = 12
_MOST_REFERENCES = 32
_MOST_COMPARED = 50_000
_NOTHING: Mapping[str, Any] = MappingProxyType({})

Document = Mapping[str, Any]


class _Schema:
    """A schema in its document, with references followed."""

    def __init__(self, document: Document, part: Any) -> None:
        self._document = document
        self.part = _followed(document, part)
        self.is_composed = any(name in self.part for name in _COMPOSED)
        self.required = frozenset(map(str, _list(self.part, "required")))

    @property
    def properties(self) -> dict[str, "_Schema"]:
        return {name: _Schema(self._document, inner) for name, inner in _members(self.part, "properties").items()}

    @property
    def items(self) -> "_Schema | None":
        return _Schema(self._document, self.part["items"]) if "items" in self.part else None


class _Seen:
    """The pairs of schemas that were compared for one operation, and how much is left to compare."""

    def __init__(self) -> None:
        self._pairs: set[tuple[int, int]] = set()
        self._left = _MOST_COMPARED

    def twice(self, now: _Schema, before: _Schema) -> bool:
        """Tell whether this pair was compared before; from now on it was. Raises ``ValueError`` when it is too much."""
        pair = id(now.part), id(before.part)  # both live as long as their documents
        if pair in self._pairs:
            return True
        self._pairs.add(pair)
        self._left -= 1 + sum(len(_members(one.part, "properties")) + len(one.required) for one in (now, before))
        if self._left < 0:
            raise ValueError(f"has more than {_MOST_COMPARED} schemas and properties to compare for one operation")
        return False


def read_openapi(text: str) -> Document:
    """Return the document; raises ``ValueError`` when it is not OpenAPI 3 in JSON."""
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise ValueError("is nested too deep") from error
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3."):
        raise ValueError("is not an OpenAPI 3 document: the member openapi must begin with 3.")
    if not isinstance(document.get("paths"), dict):
        raise ValueError("is not an OpenAPI 3 document: the member paths must be an object")
    return document


def is_use(text: str) -> bool:
    """Tell whether a text is a method and a path, such as ``GET /things/{id}``."""
    found = _USE.fullmatch(text)
    return found is not None and found[1].lower() in _METHODS


def misfits(contract: Document, use: str, built_against: Document | None = None) -> list[str]:
    """Return why a use does not fit a contract. ``built_against`` is the using release's own, if it has one."""
    operation = _operation(contract, use)
    if operation is None:
        return [f"{use} is not there"]
    before = None if built_against is None else _operation(built_against, use)
    if before is None or built_against is None:
        return []
    found = list(_asked(contract, operation, built_against, before))
    answers = _Schema(contract, _answer(contract, operation)), _Schema(built_against, _answer(built_against, before))
    found += _lost(*answers, "the answer", _Seen())
    return [f"{use}: {one}" for one in dict.fromkeys(found)]


def _operation(document: Document, use: str) -> Document | None:
    method, _, path = use.partition(" ")
    wanted = _PARAMETER.sub("{}", path)
    for template, item in document["paths"].items():
        if _PARAMETER.sub("{}", template) == wanted:
            shared = _followed(document, item)
            operation = shared.get(method.lower())
            if isinstance(operation, dict):
                return {**operation, "parameters": [*_list(shared, "parameters"), *_list(operation, "parameters")]}
    return None


def _asked(document: Document, operation: Document, old: Document, before: Document) -> Iterator[str]:
    """Find what must be sent now and did not have to be."""
    known = _required_parameters(old, before)
    for place, name in sorted(_required_parameters(document, operation) - known):
        yield f"the {place} parameter {name!r} is required now"
    body, body_before = _followed(document, operation.get("requestBody")), _followed(old, before.get("requestBody"))
    if body.get("required") is True and body_before.get("required") is not True:
        yield "a body is required now"
    bodies = _Schema(document, _json(document, body)), _Schema(old, _json(old, body_before))
    yield from _newly_required(*bodies, "the body", _Seen())


def _required_parameters(document: Document, operation: Document) -> set[tuple[str, str]]:
    parameters = (_followed(document, one) for one in operation["parameters"])
    return {
        (str(one.get("in")), str(one.get("name")))
        for one in parameters
        if one.get("required") is True and one.get("in") != "path"
    }


def _newly_required(now: _Schema, before: _Schema, where: str, seen: _Seen, depth: int = 0) -> Iterator[str]:
    if depth > _DEPTH or now.is_composed or before.is_composed or not before.part or seen.twice(now, before):
        return
    for name in sorted(now.required - before.required):
        yield f"{where} must have {name!r} now"
    known = before.properties
    for name, inner in now.properties.items():
        if name in known:
            yield from _newly_required(inner, known[name], f"{name!r} of {where}", seen, depth + 1)
    if now.items is not None and before.items is not None:
        yield from _newly_required(now.items, before.items, f"each item of {where}", seen, depth + 1)


def _lost(now: _Schema, before: _Schema, where: str, seen: _Seen, depth: int = 0) -> Iterator[str]:
    """Find properties of an answer that are gone."""
    if depth > _DEPTH or now.is_composed or before.is_composed or not now.part or seen.twice(now, before):
        return
    left = now.properties
    for name, inner in before.properties.items():
        if name in left:
            yield from _lost(left[name], inner, f"{name!r} of {where}", seen, depth + 1)
        else:
            yield f"{where} has no {name!r} any more"
    if now.items is not None and before.items is not None:
        yield from _lost(now.items, before.items, f"each item of {where}", seen, depth + 1)


def _answer(document: Document, operation: Document) -> Document:
    """Return the schema of the first successful answer in JSON, empty without one."""
    answers = _members(operation, "responses")
    first = next((answers[status] for status in sorted(answers) if status.startswith("2")), None)
    return _json(document, _followed(document, first))


def _json(document: Document, content: Document) -> Document:
    media = _followed(document, _members(content, "content").get("application/json"))
    return _followed(document, media.get("schema"))


def _followed(document: Document, part: Any) -> Document:
    """Return what a part or its reference within the document is; empty for what is not an object."""
    for _ in range(_MOST_REFERENCES):
        if not isinstance(part, dict):
            return _NOTHING
        reference = part.get("$ref")
        if not isinstance(reference, str):
            return part
        if not reference.startswith("#/"):
            return _NOTHING
        part = document
        for step in reference[2:].split("/"):
            part = part.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(part, dict) else None
    return _NOTHING


def _members(part: Document, name: str) -> dict[str, Any]:
    members = part.get(name)
    return members if isinstance(members, dict) else {}


def _list(part: Document, name: str) -> list[Any]:
    items = part.get(name)
    return items if isinstance(items, list) else []
