"""A GraphQL contract: the schema in its definition language, and the operations that a release sends.

A use fits when the operation is valid against the schema (https://spec.graphql.org/draft/#sec-Validation): that is all
a server asks, so a schema breaks exactly those operations that are not valid against it any more.

The library looks for a similar name for each one that is not there, among all that are: minutes for a small document
that wants it so. It is told not to, and reading a schema ends at the first thing that is wrong.
"""

from typing import NoReturn

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoUnusedFragmentsRule,
    ParallelVisitor,
    TokenKind,
    build_ast_schema,
    parse,
    specified_rules,
    validate,
    validate_schema,
    visit,
)
from graphql.validation import SDLValidationContext
from graphql.validation.specified_rules import specified_sdl_rules

_MOST_TOKENS = 20_000
_LONGEST_NAME = 200
_RULES = [rule for rule in specified_rules if rule is not NoUnusedFragmentsRule]  # a file may hold what others use


def read_schema(text: str) -> GraphQLSchema:
    """Return the schema; raises ``ValueError`` saying what is wrong and where."""
    try:
        document = _parsed(text)
        _check_definitions(document)
        schema = build_ast_schema(document, assume_valid_sdl=True)
        wrong = validate_schema(schema)
    except (GraphQLError, TypeError, RecursionError) as error:
        raise ValueError(_said(error)) from error
    if wrong:
        raise ValueError(_said(wrong[0]))
    return schema


def misfits(schema: GraphQLSchema, text: str) -> list[str]:
    """Return what of a document of operations does not fit the schema, each with its line and column."""
    try:
        document = _parsed(text)
        return [_said(error) for error in validate(schema, document, _RULES, max_errors=20, hide_suggestions=True)]
    except (GraphQLError, RecursionError) as error:
        return [_said(error)]


class _Definitions(SDLValidationContext):
    @property
    def hide_suggestions(self) -> bool:
        return True


def _parsed(text: str) -> DocumentNode:
    document = parse(text, max_tokens=_MOST_TOKENS)
    token = document.loc.start_token if document.loc else None
    while token is not None:
        if token.kind is TokenKind.NAME and len(token.value or "") > _LONGEST_NAME:
            where = f"line {token.line}, column {token.column}"
            raise GraphQLError(f"a name is longer than {_LONGEST_NAME} characters ({where})")
        token = token.next
    return document


def _check_definitions(document: DocumentNode) -> None:
    """Do as the library's own ``validate_sdl``; raises ``GraphQLError`` for the first thing that is wrong."""
    context = _Definitions(document, None, _refuse)
    visit(document, ParallelVisitor([rule(context) for rule in specified_sdl_rules]))


def _refuse(error: GraphQLError) -> NoReturn:
    raise error


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "is nested too deep"
    if isinstance(error, GraphQLError) and error.locations:
        first = error.locations[0]
        return f"{error.message} (line {first.line}, column {first.column})"
    return str(error)
