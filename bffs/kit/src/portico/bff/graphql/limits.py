"""How much one GraphQL document may ask for, measured before anything is validated or run."""

from __future__ import annotations

from collections.abc import Mapping

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

_INTROSPECTION = frozenset({"__schema", "__type"})


class Limits(msgspec.Struct, frozen=True):
    """Limits of one document. Fields and aliases are counted with every fragment expanded where it is spread.

    Introspection (`__schema`, `__type`) is not measured: it is off outside development.
    """

    depth: int = 10
    fields: int = 500
    aliases: int = 30
    tokens: int = 2000
    bytes: int = 64 * 1024


class _Size(msgspec.Struct, frozen=True):
    depth: int = 0
    fields: int = 0
    aliases: int = 0


def exceeded(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """What of the limits the document exceeds, in any of its operations."""
    measure = _Measure(document)
    errors: list[GraphQLError] = []
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            try:
                size = measure.selection(operation.selection_set)
            except _CycleError:
                return [GraphQLError("A fragment spreads itself.")]
            errors += [
                GraphQLError(f"The operation has too many {what}: {found}; the limit is {limit}.", [operation])
                for what, found, limit in (
                    ("levels", size.depth, limits.depth),
                    ("fields", size.fields, limits.fields),
                    ("aliases", size.aliases, limits.aliases),
                )
                if found > limit
            ]
    return errors


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
        depth = fields = aliases = 0
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
            fields += size.fields
            aliases += size.aliases
        return _Size(depth, fields, aliases)

    def _field(self, node: FieldNode) -> _Size:
        if node.name.value in _INTROSPECTION:
            return _Size()
        below = self.selection(node.selection_set)
        return _Size(below.depth + 1, below.fields + 1, below.aliases + (node.alias is not None))

    def _fragment(self, name: str) -> _Size:
        if name in self._open:
            raise _CycleError
        if name not in self._known and name in self._fragments:
            self._open.add(name)
            self._known[name] = self.selection(self._fragments[name].selection_set)
            self._open.discard(name)
        return self._known.get(name, _Size())
