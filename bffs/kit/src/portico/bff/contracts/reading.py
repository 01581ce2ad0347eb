"""Which events a service's rules hear, and what each of them reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from portico.bff.patterns import matches
from portico.bff.rule import Rule
from portico.schemas import SchemaFile, of_service

FIRST = 1
"""The version that an event is taken to have of whom no schema is known here."""


@dataclass(frozen=True, slots=True)
class Reading:
    """That a rule hears version ``version`` of the events of ``type`` that ``service`` tells."""

    rule: Rule
    service: str
    type: str
    version: int

    @property
    def message(self) -> str:
        """The name of the message: ``thing.changed/1``."""
        return f"{self.type}/{self.version}"


def readings(rules: Iterable[Rule], service: str, known: Sequence[SchemaFile]) -> Iterator[Reading]:
    """Yield what the rules of ``service`` hear, each version of it: a rule takes whatever is in the hub.

    ``known`` are the schemas of whoever tells something. Of a service that has none here, only what a rule names in
    full can be said.
    """
    for rule in rules:
        believed = sorted(rule.by if rule.by is not None else {one.service for one in known})
        for teller in believed:
            if teller == service and not rule.own:
                continue
            theirs = of_service(known, teller)
            for one in theirs:
                if matches(rule.pattern, one.type):
                    yield Reading(rule, teller, one.type, one.version)
            if not theirs and "*" not in rule.pattern:
                yield Reading(rule, teller, rule.pattern, FIRST)
