"""GraphQL documents, parsed, measured and validated once and then remembered."""

from __future__ import annotations

import re
from collections import OrderedDict

import msgspec
from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    validate,
)

from portico.bff.graphql.limits import INTROSPECTION, MAX_ERRORS, Limits, exceeded
from portico.bff.graphql.rules import rules

_LINE_BREAK = re.compile(r"\r\n|[\n\r]")


class Operation(msgspec.Struct, frozen=True):
    """One operation of a document: `kind` is query, mutation or subscription; `roots` are its root fields."""

    name: str | None
    kind: str
    roots: frozenset[str]


class Prepared(msgspec.Struct, frozen=True):
    """A document ready to run, or the errors that keep it from running."""

    document: DocumentNode | None
    operations: tuple[Operation, ...]
    errors: tuple[GraphQLError, ...]

    def select(self, name: str | None) -> Operation | None:
        """The operation to run: the named one, or the only one when there is no name."""
        if name is None:
            return self.operations[0] if len(self.operations) == 1 else None
        return next((operation for operation in self.operations if operation.name == name), None)


class Documents:
    """Prepares documents for one schema and remembers the `size` most recently used, good and bad."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool, size: int = 256) -> None:
        self._schema = schema
        self._limits = limits
        self._introspection = introspection
        self._size = size
        self._known: OrderedDict[str, Prepared] = OrderedDict()
        self._rules = rules(introspection=introspection, comparisons=limits.comparisons)

    def prepare(self, text: str) -> Prepared:
        """The prepared document of a text."""
        if (known := self._known.get(text)) is not None:
            self._known.move_to_end(text)
            return known
        prepared = self._prepare(text)
        self._known[text] = prepared
        if len(self._known) > self._size:
            self._known.popitem(last=False)
        return prepared

    def _prepare(self, text: str) -> Prepared:
        lines = len(_LINE_BREAK.findall(text)) + 1
        if lines > self._limits.lines:
            return _refused(
                GraphQLError(f"The document has too many lines: {lines}; the limit is {self._limits.lines}.")
            )
        try:
            document = parse(text, max_tokens=self._limits.tokens)
            errors = self._hidden(document) or exceeded(document, self._limits) or self._validate(document)
        except GraphQLError as error:
            return _refused(error)
        except RecursionError:
            return _refused(GraphQLError("The document is nested too deeply."))
        if errors:
            return _refused(*errors)
        return Prepared(document=document, operations=tuple(_operations(document)), errors=())

    def _hidden(self, document: DocumentNode) -> list[GraphQLError]:
        """Without introspection, the error of the first field that asks for it: there is no more to find out."""
        if self._introspection or (field := _introspection(document)) is None:
            return []
        # The words of graphql-core's rule, which would have looked at the whole document first.
        name = field.name.value
        words = f"GraphQL introspection has been disabled, but the requested query contained the field '{name}'."
        return [GraphQLError(words, field)]

    def _validate(self, document: DocumentNode) -> list[GraphQLError]:
        if unknown := [node for node in document.definitions if not isinstance(node, ExecutableDefinitionNode)]:
            return [GraphQLError("A document has operations and fragments only.", unknown[:1])]
        # A suggestion ("Did you mean ...?") tells of the schema what introspection would.
        return validate(
            self._schema, document, self._rules, max_errors=MAX_ERRORS, hide_suggestions=not self._introspection
        )


def _refused(*errors: GraphQLError) -> Prepared:
    return Prepared(document=None, operations=(), errors=errors)


def _introspection(document: DocumentNode) -> FieldNode | None:
    """The first field of the document that asks for the schema, in any operation or fragment, used or not."""
    waiting: list[SelectionSetNode] = [
        node.selection_set for node in reversed(document.definitions) if isinstance(node, ExecutableDefinitionNode)
    ]
    while waiting:
        inner: list[SelectionSetNode] = []
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode) and node.name.value in INTROSPECTION:
                return node
            if isinstance(node, (FieldNode, InlineFragmentNode)) and node.selection_set is not None:
                inner.append(node.selection_set)
        waiting += reversed(inner)
    return None


def _operations(document: DocumentNode) -> list[Operation]:
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return [
        Operation(
            name=node.name.value if node.name else None,
            kind=node.operation.value,
            roots=frozenset(_roots(node.selection_set, fragments)),
        )
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    ]


def _roots(selection: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> set[str]:
    names: set[str] = set()
    for node in selection.selections:
        match node:
            case FieldNode():
                names.add(node.name.value)
            case InlineFragmentNode():
                names |= _roots(node.selection_set, fragments)
            case FragmentSpreadNode():
                names |= _roots(fragments[node.name.value].selection_set, fragments)
    return names
