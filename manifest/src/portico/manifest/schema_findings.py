"""What a schema's errors mean for who wrote the document: one finding each, in words."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from jsonschema.exceptions import ValidationError

from portico.manifest.errors import Finding
from portico.manifest.well_formed import pointer

_NAMED = 3
"""How many unknown members of one object are named; likeness is looked for among names up to `_LONG` alone."""
_LONG = 40


def findings_of(errors: Iterable[ValidationError]) -> Iterator[Finding]:
    """Follow ``allOf`` and ``$ref`` to the errors that say something; ``oneOf`` of two kinds of BFF stays whole."""
    for error in errors:
        if error.context and error.validator == "allOf":
            yield from findings_of(error.context)
        else:
            yield Finding(pointer(*error.absolute_path), _detail(error)[:300])


def _detail(error: ValidationError) -> str:
    if error.validator == "additionalProperties" and error.validator_value is False:
        return _unknown_members(error)
    if error.validator == "oneOf":
        return f"must have exactly one of: {' or '.join(_one_of(error))}"
    if error.validator == "not":
        return f"{error.instance!r} is kept: default is for the whole page, the others for the platform"
    return error.message


def _unknown_members(error: ValidationError) -> str:
    members: Any = error.instance
    schema: Any = error.schema
    known = list(schema.get("properties", {}))
    own = schema.get("patternProperties") is not None
    unknown = [name for name in members if name not in known and not (own and name.startswith("x-"))]
    said = [f"there is no member {name[:_LONG]!r}{_hint(name, known)}" for name in unknown[:_NAMED]]
    if len(unknown) > _NAMED:
        said.append(f"nor {len(unknown) - _NAMED} more")
    return "; ".join(said) + (" (names of your own begin with x-)" if own else "")


def _hint(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1) if len(name) <= _LONG else []
    return f", did you mean {near[0]!r}?" if near else ""


def _one_of(error: ValidationError) -> list[str]:
    choices: Any = error.validator_value
    return [name for choice in choices for name in choice["required"]]
