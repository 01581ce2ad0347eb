"""From a flag's document to a value. Everything that is wrong is named by its place before anything is kept."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

from jsonschema.exceptions import ValidationError

from portico.manifest.errors import Finding
from portico.manifest.flags.errors import InvalidFlag
from portico.manifest.flags.flag import Flag, Rule
from portico.manifest.schemas import validator
from portico.manifest.well_formed import malformations, pointer

WHOLE = 10_000
"""All of the people, in hundredths of a percent."""

_SHOWN = 50
_OWN_CONDITIONS = {"targetingKey": "users", "roles": "roles", "channel": "channels"}
_FINEST = 1e-6
"""How far a share may be from whole hundredths: JSON's 0.07 is not seven hundredths to the last bit."""


def parse_flag(key: str, team: str, document: Any) -> Flag:
    """Return the flag that the document (of ``flag.schema.json``) describes; raises ``InvalidFlag``."""
    _refuse(malformations(document))
    _refuse(map(_finding, validator("flag").iter_errors(document)))
    _refuse(_meaning(key, document))
    return flag_from(key, team, document)


def flag_from(key: str, team: str, document: Mapping[str, Any]) -> Flag:
    """Read a document that was checked when it was kept."""
    return Flag(
        key=key,
        team=team,
        variants=MappingProxyType(dict(document["variants"])),
        default=document["defaultVariant"],
        rules=tuple(map(_rule, document.get("rules", ()))),
        enabled=document.get("enabled", True),
        description=document.get("description", ""),
    )


def _rule(document: Mapping[str, Any]) -> Rule:
    shares = {name: round(percent * 100) for name, percent in document.get("percentages", {}).items()}
    wanted = {name: tuple(values) for name, values in document.get("attributes", {}).items()}
    return Rule(
        variant=document.get("variant"),
        percentages=MappingProxyType(shares),
        roles=frozenset(document.get("roles", ())),
        users=frozenset(document.get("users", ())),
        channels=frozenset(document.get("channels", ())),
        candidate_of=frozenset(document.get("candidateOf", ())),
        attributes=MappingProxyType(wanted),
    )


def _refuse(findings: Iterable[Finding]) -> None:
    if found := set(islice(findings, _SHOWN)):
        raise InvalidFlag(sorted(found, key=lambda finding: (finding.pointer, finding.detail)))


def _finding(error: ValidationError) -> Finding:
    detail = "must have exactly one of: variant or percentages" if error.validator == "oneOf" else error.message
    return Finding(pointer(*error.absolute_path), detail[:300])


def _meaning(key: str, document: Mapping[str, Any]) -> Iterator[Finding]:
    """Find what a schema cannot say."""
    variants = document["variants"]
    if document.get("key", key) != key:
        yield Finding("/key", f"{document['key']!r} was sent to the address of {key!r}")
    kinds = {_kind(value) for value in variants.values()}
    if len(kinds) > 1:
        yield Finding("/variants", f"are of more than one kind ({', '.join(sorted(kinds))}); clients ask for one")
    if document["defaultVariant"] not in variants:
        yield Finding("/defaultVariant", _unknown(document["defaultVariant"], variants))
    everyone: int | None = None
    for number, rule in enumerate(document.get("rules", ())):
        if everyone is not None:
            yield Finding(pointer("rules", number), f"is never asked: rule {everyone} holds for everyone")
        elif _rule(rule).is_unconditional:
            everyone = number
        yield from _rule_meaning(number, rule, variants)


def _rule_meaning(number: int, rule: Mapping[str, Any], variants: Mapping[str, Any]) -> Iterator[Finding]:
    if "variant" in rule and rule["variant"] not in variants:
        yield Finding(pointer("rules", number, "variant"), _unknown(rule["variant"], variants))
    shares = rule.get("percentages", {})
    for name, percent in shares.items():
        if name not in variants:
            yield Finding(pointer("rules", number, "percentages", name), _unknown(name, variants))
        if abs(percent * 100 - round(percent * 100)) > _FINEST:
            yield Finding(pointer("rules", number, "percentages", name), "is finer than a hundredth of a percent")
    total = sum(round(percent * 100) for percent in shares.values())
    if shares and total != WHOLE:
        detail = f"add up to {total / 100:g}, not 100; name the variant of everyone else too"
        yield Finding(pointer("rules", number, "percentages"), detail)
    for name in _OWN_CONDITIONS.keys() & rule.get("attributes", {}).keys():
        yield Finding(pointer("rules", number, "attributes", name), f"has a condition of its own: {_own(name)}")


def _own(name: str) -> str:
    return _OWN_CONDITIONS[name]


def _unknown(name: str, variants: Mapping[str, Any]) -> str:
    return f"{name!r} is none of the variants ({', '.join(sorted(variants))})"


def _kind(value: Any) -> str:
    """Return what OpenFeature's clients would ask for."""
    match value:
        case bool():
            return "boolean"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "array"
        case _:
            return "object"
