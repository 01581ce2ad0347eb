"""The one place where the domain's refusals become Problems, and so GraphQL errors with a code."""

from typing import Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver

from courier_bff.errors import CourierError, UnknownJob
from portico.problem import Problem


class Refusals(FieldExtension):
    """For a mutation whose resolver may raise a CourierError."""

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        """Run the resolver; a refusal becomes the Problem that says it."""
        try:
            return await next_(source, info, **kwargs)
        except CourierError as error:
            status = 404 if isinstance(error, UnknownJob) else 409
            raise Problem(error.code, status=status, title="Not possible", detail=str(error)) from error
