"""Schemas of what apps tell each other: a part of JSON Schema 2020-12 that can be compared for certain.

Validation: https://json-schema.org/draft/2020-12/json-schema-validation. What is not in ``KEYWORDS`` and says something
of the data is refused, because two schemas that use it could not be compared.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from portico.manifest.well_formed import pointer

Part = dict[str, Any] | bool
"""A schema, or a part of one that is a schema itself."""

NOTES = frozenset(
    {"$comment", "$id", "$schema", "default", "deprecated", "description", "examples", "format", "readOnly", "title"}
    | {"writeOnly"}
)
"""Keywords that say nothing of which data is valid (``format`` is an annotation in 2020-12)."""
NAMED = frozenset({"$defs", "properties"})
"""Keywords whose members are schemas by names."""
NESTED = frozenset({"additionalProperties", "items"})
"""Keywords that hold one schema."""
BOUNDS = frozenset(
    {"exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maxProperties", "maximum", "minItems"}
    | {"minLength", "minProperties", "minimum"}
)
KEYWORDS = NOTES | NAMED | NESTED | BOUNDS | {"$ref", "anyOf", "const", "enum", "pattern", "required", "type"}
_WITH_REF = frozenset({"$defs", "$ref"})
_LARGEST = 64 * 1024
_MOST_PARTS = 1_000
_MOST_VALUES = 1_000
_DEPTH = 32


@dataclass(frozen=True, slots=True, eq=False)
class EventSchema:
    """A schema that was read: ``root`` is the document, in which references lead to ``#/$defs/<name>``."""

    root: Part

    def followed(self, part: Part) -> Part:
        """Return a part with its reference followed; a reference stands alone, and leads to one that is not one."""
        while isinstance(part, dict) and "$ref" in part:
            part = cast("dict[str, Part]", cast("dict[str, Any]", self.root)["$defs"])[part["$ref"][len("#/$defs/") :]]
        return part

    def whole(self, part: Part) -> Part:
        """Return a part as a schema of its own, with what its references lead to."""
        definitions = self.root.get("$defs", {}) if isinstance(self.root, dict) else {}
        return part if isinstance(part, bool) else {**part, "$defs": definitions}


def read_event_schema(text: str) -> EventSchema:
    """Return the schema; raises ``ValueError`` saying what is wrong and where (a JSON Pointer)."""
    if len(text) > _LARGEST:
        raise ValueError(f"is longer than {_LARGEST} characters")
    try:
        document = json.loads(text, parse_constant=_no_number)
        if not isinstance(document, dict):
            raise ValueError("is not a JSON Schema: it must be an object")
        parts = list(_parts(document, ""))
        Draft202012Validator.check_schema(document)
    except SchemaError as error:
        raise ValueError(f"{pointer(*error.absolute_path) or '/'}: {error.message[:200]}") from error
    except RecursionError as error:
        raise ValueError("is nested too deep") from error
    except OverflowError as error:
        raise ValueError(f"holds a pattern that cannot be read: {error}") from error
    for place, part in parts:
        _check(part, place, document)
    return EventSchema(document)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _no_match(_: Validator, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    """Let no text match: a pattern of somebody's is never run, it could take for ever."""
    if isinstance(value, str):
        yield ValidationError(f"must match {pattern!r}")


class Trials:
    """Tries single values; each schema that a value is held against is told to ``spend``, which may raise.

    Alternatives within alternatives double the work at each level: a small document could ask for years of it.
    """

    def __init__(self, spend: Callable[[], None]) -> None:
        def counted(keyword: str) -> Callable[..., Iterator[ValidationError]]:
            original = Draft202012Validator.VALIDATORS[keyword]

            def check(*given: Any) -> Iterator[ValidationError]:
                spend()
                yield from original(*given) or ()

            return check

        counting = {keyword: counted(keyword) for keyword in ("$ref", *sorted(NESTED), "properties", "anyOf", "enum")}
        self._spend = spend
        self._lenient = extend(Draft202012Validator, {**counting, "pattern": None})  # type: ignore[no-untyped-call]
        self._strict = extend(Draft202012Validator, {**counting, "pattern": _no_match})  # type: ignore[no-untyped-call]

    def may_be(self, schema: Part, value: Any) -> bool:
        """Tell whether a value may be valid; patterns are taken to match."""
        self._spend()
        return cast("bool", self._lenient(schema).is_valid(value))

    def is_certain(self, schema: Part, value: Any) -> bool:
        """Tell whether a value is valid for certain; patterns are taken not to match."""
        self._spend()
        return cast("bool", self._strict(schema).is_valid(value))


def _parts(part: Any, place: str, depth: int = 0, counted: list[int] | None = None) -> Iterator[tuple[str, Part]]:
    counted = counted if counted is not None else [0]
    counted[0] += 1
    if counted[0] > _MOST_PARTS or depth > _DEPTH:
        raise ValueError(f"has more than {_MOST_PARTS} parts, or more than {_DEPTH} levels")
    yield place, part
    if not isinstance(part, dict):
        return
    for keyword in sorted(NESTED & part.keys()):
        yield from _parts(part[keyword], f"{place}/{keyword}", depth + 1, counted)
    for keyword in sorted(NAMED & part.keys()):
        for name, inner in part[keyword].items() if isinstance(part[keyword], dict) else ():
            yield from _parts(inner, place + pointer(keyword, name), depth + 1, counted)
    for number, inner in enumerate(part["anyOf"]) if isinstance(part.get("anyOf"), list) else ():
        yield from _parts(inner, f"{place}/anyOf/{number}", depth + 1, counted)


def _check(part: Part, place: str, document: dict[str, Any]) -> None:
    """Raise ``ValueError`` for what the comparison could not take into account."""
    if isinstance(part, bool):
        return
    for keyword in part:
        if keyword not in KEYWORDS and not keyword.startswith("x-"):
            raise ValueError(f"{place}/{keyword}: the keyword {keyword[:50]!r} cannot be compared; see docs/reference")
    for keyword in ("$defs", "$id", "$schema"):
        if keyword in part and place:
            raise ValueError(f"{place}/{keyword}: {keyword} stands at the top of the schema alone")
    for keyword in ("enum", "required"):
        if len(part.get(keyword, ())) > _MOST_VALUES:
            raise ValueError(f"{place}/{keyword}: more than {_MOST_VALUES} values")
    if "$ref" in part:
        _check_reference(part, place, document)


def _check_reference(part: dict[str, Any], place: str, document: dict[str, Any]) -> None:
    seen: set[str] = set()
    if beside := {keyword for keyword in part if keyword not in NOTES and not keyword.startswith("x-")} - _WITH_REF:
        raise ValueError(f"{place}: {min(beside)!r} stands beside $ref; put it into the definition")
    while "$ref" in part:
        reference = part["$ref"]
        name = reference.removeprefix("#/$defs/")
        if name == reference or name not in document.get("$defs", {}) or "/" in name or "~" in name or "%" in name:
            raise ValueError(f"{place}/$ref: {reference[:100]!r} is not #/$defs/<name> of this schema")
        if reference in seen:
            raise ValueError(f"{place}/$ref: {reference[:100]!r} leads back to itself")
        seen.add(reference)
        target = document["$defs"][name]
        part = target if isinstance(target, dict) else {}
