"""Which parts of an event are personal, and whose: said by the JSON Schema of its data.

``x-person`` at the top of a schema points to the person that the event is about (``"/owner"``). ``x-personal`` marks a
property, or the items of an array: ``true`` for that person's, or a pointer to whose it is. Where a person is erased, a
marked property is left out, or is ``x-erased`` or an empty value of its type when the schema requires it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from portico.lake.errors import UnsupportedLake

Path = tuple[str, ...]

_EMPTY: Final[Mapping[str, Any]] = {
    "string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}, "null": None,
}  # fmt: skip
_ITEM: Final = "*"
_DEEPEST: Final = 32
_NOWHERE: Final = frozenset({
    "additionalProperties", "patternProperties", "propertyNames", "unevaluatedProperties", "dependentSchemas",
    "prefixItems", "additionalItems", "unevaluatedItems", "contains", "if", "then", "else", "not",
})  # fmt: skip
"""What a schema may say as well of places that have no name: a mark there would be no mark, so it is refused."""


class _Absent:
    """Nothing stands in its place."""


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class PersonalField:
    """A property at ``path`` (``*`` is every item), whose it is (None: the event's person), what is left there."""

    path: Path
    person: Path | None
    instead: object


@dataclass(frozen=True, slots=True)
class PersonalFields:
    """What is personal in the data of one version of an event."""

    person: Path | None = None
    fields: tuple[PersonalField, ...] = ()


EVERYTHING: Final = PersonalFields(None, (PersonalField((), None, {}),))
"""Of an event without a schema, all its data may be personal."""


def personal_fields(name: str, schema: Mapping[str, Any]) -> PersonalFields:
    """Read the marks of a JSON Schema. Raises ``UnsupportedLake`` with the place of a mark that means nothing."""
    person = schema.get("x-person")
    about = None if person is None else _pointer(person, f"{name}: x-person")
    fields = {field.path: field for field in _marked(name, schema, schema, (), 0, required=True)}
    for path in fields:
        if any(path[:length] in fields for length in range(len(path))):
            raise UnsupportedLake(f"{name}: {'/'.join(path)} is marked, and what it is a part of as well: mark one")
    return PersonalFields(about, tuple(fields.values()))


def _marked(
    name: str, root: Mapping[str, Any], schema: Mapping[str, Any], path: Path, depth: int, *, required: bool
) -> Iterator[PersonalField]:
    if depth > _DEEPEST:
        raise UnsupportedLake(f"{name}: {'/'.join(path[:4])} refers to itself; mark the property that holds it")
    schema = {**_resolved(name, root, schema), **schema}
    mark = schema.get("x-personal")
    if mark is not None and mark is not False:
        owner = None if mark is True else _pointer(mark, f"{name}: x-personal of {'/'.join(path)}")
        yield PersonalField(path, owner, schema.get("x-erased", _empty(schema) if required else ABSENT))
        return
    for below, one, one_required in _parts(schema):
        yield from _marked(name, root, one, (*path, *below), depth + 1, required=one_required if below else required)
    for keyword in sorted(_NOWHERE & schema.keys()):
        if _holds_mark(schema[keyword]):
            where = "/".join((*path, keyword))
            raise UnsupportedLake(f"{name}: a mark below {where} cannot be followed; mark the property that holds it")


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any], bool]]:
    """What a schema says of the same value, of its properties and its items, and whether they are required."""
    needed = schema.get("required", ())
    found: list[tuple[Path, object, bool]] = [((_ITEM,), schema.get("items"), True)]
    found += [((key,), one, key in needed) for key, one in schema.get("properties", {}).items()]
    found += [((), one, True) for group in ("allOf", "anyOf", "oneOf") for one in schema.get(group, ())]
    yield from ((path, one, required) for path, one, required in found if isinstance(one, Mapping))


def _holds_mark(schema: object) -> bool:
    parts = schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list) else ()
    marked = isinstance(schema, Mapping) and schema.get("x-personal", False) is not False
    return marked or any(_holds_mark(part) for part in parts)


def _resolved(name: str, root: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(_DEEPEST):
        target = schema.get("$ref")
        if target is None:
            return schema
        found: Any = root
        for part in str(target).removeprefix("#").split("/")[1:]:
            found = found.get(part) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            break
        schema = found
    raise UnsupportedLake(f"{name}: $ref {schema.get('$ref')!r} leads nowhere in this file")


def _empty(schema: Mapping[str, Any]) -> object:
    type_ = schema.get("type")
    if isinstance(type_, list):
        type_ = "null" if "null" in type_ else type_[0]
    return _EMPTY.get(str(type_))


def _pointer(text: object, where: str) -> Path:
    if not isinstance(text, str) or not text.startswith("/"):
        raise UnsupportedLake(f"{where} is {text!r}: write true, or a JSON Pointer such as /owner")
    return tuple(text.split("/")[1:])


def value_at(data: object, path: Path) -> object:
    """Follow a path of plain keys; None when it leads nowhere."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def places(data: object, path: Path, done: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """Yield where a path leads in this data: the whole path, the object or array, and the key in it."""
    if not path:
        return
    key, rest = path[0], path[1:]
    found: list[str | int] = []
    if key == _ITEM and isinstance(data, list):
        found = list(range(len(data)))
    elif isinstance(data, dict) and key in data:
        found = [key]
    for one in found:
        if rest:
            yield from places(data[one], rest, (*done, str(one)))  # type: ignore[index]
        else:
            yield (*done, str(one)), data, one
