"""Validation of GraphQL documents whose cost is bounded."""

from __future__ import annotations

from typing import Any

from graphql import (
    ASTValidationRule,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    ValidationContext,
    specified_rules,
)
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule


def rules(*, introspection: bool, comparisons: int) -> tuple[type[ASTValidationRule], ...]:
    """The rules of the specification and of Strawberry; merging fields may take that many comparisons."""
    merging = _merging(comparisons)
    return (
        *(merging if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules),
        # The rules that Strawberry adds itself when it validates.
        MaybeNullValidationRule,
        OneOfInputValidationRule,
        *(() if introspection else (NoSchemaIntrospectionCustomRule,)),
    )


def _merging(comparisons: int) -> type[ASTValidationRule]:
    class Merging(OverlappingFieldsCanBeMergedRule):
        """As in graphql-core, whose own budget of half a million steps is a second of the event loop."""

        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = comparisons

        def enter_selection_set(self, selection_set: SelectionSetNode, *rest: Any) -> None:
            try:
                super().enter_selection_set(selection_set, *rest)
            except ValidationAbortedError as aborted:
                if self.rule_context.remaining_complexity_budget >= 0:
                    raise
                message = f"Too many fields and fragments overlap; the limit is {comparisons} comparisons."
                raise GraphQLError(message) from aborted

    return Merging
