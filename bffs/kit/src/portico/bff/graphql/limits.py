"""How much one GraphQL document may ask for, measured before anything is validated or run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

INTROSPECTION = frozenset({"__schema", "__type"})

MAX_ERRORS = 10
"""How many errors of one document are told."""


class Limits(msgspec.Struct, frozen=True):
    """Limits of one document and its variables; a document is refused before anything costly is done with it.

    Depth, fields and aliases are those of one operation, with every fragment expanded where it is spread; below
    `__schema` and `__type` the depth is counted apart, for standard introspection queries have 15 levels. Selections
    are fields, fragment spreads and inline fragments of all operations together, expanded likewise. Comparisons are
    the steps of finding out whether fields of the same name can be merged, which is quadratic. Lines are limited
    because every error looks for its place among them. Values are those of the variables, with lists' and objects'
    members.
    """

    depth: int = 10
    introspection_depth: int = 15
    fields: int = 500
    aliases: int = 30
    selections: int = 1000
    comparisons: int = 8000
    values: int = 1000
    tokens: int = 1000
    lines: int = 1000
    bytes: int = 32 * 1024


class _Size(msgspec.Struct, frozen=True):
    depth: int = 0
    introspection_depth: int = 0
    fields: int = 0
    aliases: int = 0
    selections: int = 0


def exceeded(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """What of the limits the document exceeds, in any of its operations or in all of them together."""
    measure = _Measure(document)
    errors: list[GraphQLError] = []
    selections = 0
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            try:
                size = measure.selection(operation.selection_set)
            except _CycleError:
                return [GraphQLError("A fragment spreads itself.")]
            selections += size.selections
            errors += _errors_of(operation, size, limits)
    if selections > limits.selections:
        errors.append(
            GraphQLError(f"The document has too many selections: {selections}; the limit is {limits.selections}.")
        )
    return errors[:MAX_ERRORS]


def too_many_values(variables: Mapping[str, Any] | None, limit: int) -> bool:
    """Whether variables have more values than the limit; no more of them are looked at than that."""
    count = 0
    waiting: list[Iterable[object]] = [variables.values()] if variables else []
    while waiting:
        for value in waiting.pop():
            count += 1
            if count > limit:
                return True
            if isinstance(value, dict):
                waiting.append(value.values())
            elif isinstance(value, list):
                waiting.append(value)
    return False


def _errors_of(operation: OperationDefinitionNode, size: _Size, limits: Limits) -> list[GraphQLError]:
    return [
        GraphQLError(f"The operation has too many {what}: {found}; the limit is {limit}.", [operation])
        for what, found, limit in (
            ("levels", size.depth, limits.depth),
            ("levels of introspection", size.introspection_depth, limits.introspection_depth),
            ("fields", size.fields, limits.fields),
            ("aliases", size.aliases, limits.aliases),
        )
        if found > limit
    ]


class _CycleError(Exception):
    pass


class _Measure:
    """Sizes of selections. Each fragment is measured once, so that fragments of fragments are cheap to weigh."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[str, _Size] = {}
        self._open: set[str] = set()

    def selection(self, selection: SelectionSetNode | None) -> _Size:
        depth = introspection_depth = fields = aliases = selections = 0
        for node in selection.selections if selection else ():
            match node:
                case FieldNode():
                    size = self._field(node)
                case InlineFragmentNode():
                    size = self.selection(node.selection_set)
                case FragmentSpreadNode():
                    size = self._fragment(node.name.value)
                case _:
                    continue
            depth = max(depth, size.depth)
            introspection_depth = max(introspection_depth, size.introspection_depth)
            fields += size.fields
            aliases += size.aliases
            selections += size.selections + 1
        return _Size(depth, introspection_depth, fields, aliases, selections)

    def _field(self, node: FieldNode) -> _Size:
        below = self.selection(node.selection_set)
        depth, introspection_depth = below.depth + 1, below.introspection_depth
        if node.name.value in INTROSPECTION:
            depth, introspection_depth = 0, max(depth, introspection_depth)
        aliases = below.aliases + (node.alias is not None)
        return _Size(depth, introspection_depth, below.fields + 1, aliases, below.selections)

    def _fragment(self, name: str) -> _Size:
        if name in self._open:
            raise _CycleError
        if name not in self._known and name in self._fragments:
            self._open.add(name)
            self._known[name] = self.selection(self._fragments[name].selection_set)
            self._open.discard(name)
        return self._known.get(name, _Size())
