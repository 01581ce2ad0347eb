"""A GraphQL contract: the schema in its definition language, and the operations that a release sends.

A use fits when the operation is valid against the schema (https://spec.graphql.org/draft/#sec-Validation): that is all
a server asks, so a schema breaks exactly those operations that are not valid against it any more.
"""

from graphql import (
    GraphQLError,
    GraphQLSchema,
    NoUnusedFragmentsRule,
    build_ast_schema,
    parse,
    specified_rules,
    validate,
    validate_schema,
)

_MOST_TOKENS = 20_000
_RULES = [rule for rule in specified_rules if rule is not NoUnusedFragmentsRule]  # a file may hold what others use


def read_schema(text: str) -> GraphQLSchema:
    """Return the schema; raises ``ValueError`` saying what is wrong and where."""
    try:
        schema = build_ast_schema(parse(text, max_tokens=_MOST_TOKENS))
        wrong = validate_schema(schema)
    except (GraphQLError, TypeError, RecursionError) as error:
        raise ValueError(_said(error)) from error
    if wrong:
        raise ValueError(_said(wrong[0]))
    return schema


def misfits(schema: GraphQLSchema, text: str) -> list[str]:
    """Return what of a document of operations does not fit the schema, each with its line and column."""
    try:
        return [_said(error) for error in validate(schema, parse(text, max_tokens=_MOST_TOKENS), _RULES, max_errors=20)]
    except (GraphQLError, RecursionError) as error:
        return [_said(error)]


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "is nested too deep"
    if isinstance(error, GraphQLError) and error.locations:
        first = error.locations[0]
        return f"{error.message} (line {first.line}, column {first.column})"
    return str(error)
