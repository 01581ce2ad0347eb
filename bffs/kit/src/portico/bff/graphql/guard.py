"""What a GraphQL field asks of the caller, as a Strawberry permission class."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, TypeVar, cast

import strawberry
from strawberry.permission import BasePermission

from portico.bff.authorizer import Requirement, identity_of
from portico.bff.call import Call
from portico.problem import Problem

F = TypeVar("F", bound=Callable[..., Any])


class Guard(BasePermission):
    """Lets a caller pass who meets the requirement; the Problem of one who does not becomes the field's error."""

    requirement: ClassVar[Requirement]

    def has_permission(self, source: Any, info: strawberry.Info[Call, Any], **kwargs: Any) -> bool:  # noqa: ARG002
        """Check the caller; raises the Problem."""
        try:
            self.requirement.check(identity_of(info.context.request.scope))
        except Problem as refusal:
            info.context.refused(f"{info.path.typename}.{info.field_name}", refusal)
            raise
        return True


@cache
def guard(requirement: Requirement) -> type[BasePermission]:
    """The permission class of a requirement: `@strawberry.field(permission_classes=[guard(require(role="cook"))])`.

    Every field of Query and Mutation needs one; public ones `guard(public())`. `field` and `mutation` put it there.
    """
    words = ("SignedIn" if requirement.signed_in else "Public", requirement.role, requirement.scope)
    name = "Guard" + "".join(word.title() for word in words if word)
    return type(name, (Guard,), {"requirement": requirement})


def field(requirement: Requirement, **options: Any) -> Callable[[F], F]:
    """`strawberry.field` for whoever meets the requirement: `@field(require(role="cook"))`."""
    return cast("Callable[[F], F]", strawberry.field(permission_classes=[guard(requirement)], **options))


def mutation(requirement: Requirement, **options: Any) -> Callable[[F], F]:
    """`strawberry.mutation` for whoever meets the requirement, as `field`."""
    return cast("Callable[[F], F]", strawberry.mutation(permission_classes=[guard(requirement)], **options))
