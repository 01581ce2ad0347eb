"""The one place where the domain's refusals become Problems, and so GraphQL errors with a code."""

from collections.abc import Mapping
from typing import Any, Final

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver

from checkout_bff.errors import BasketEmpty, CheckoutError, InvalidOrder, NotInBasket, OtherRestaurant, TotalChanged
from portico.problem import Problem

_CONFLICTS: Final = (BasketEmpty, NotInBasket, OtherRestaurant, TotalChanged)
"""Refused because of how things are now (409), not because of what was sent (422)."""

_POINTERS: Final[Mapping[str, str]] = {
    "name": "/input/address/name",
    "street": "/input/address/street",
    "postal_code": "/input/address/postalCode",
    "city": "/input/address/city",
    "note": "/input/note",
}


class Refusals(FieldExtension):
    """For a mutation whose resolver may raise a CheckoutError."""

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        """Run the resolver; a refusal becomes the Problem that says it."""
        try:
            return await next_(source, info, **kwargs)
        except CheckoutError as error:
            raise problem_of(error) from error


def problem_of(error: CheckoutError) -> Problem:
    """Return the Problem of a refusal: same code, the sentence for the person, and the fields where it names some."""
    extensions: dict[str, Any] = {}
    if isinstance(error, InvalidOrder):
        extensions["errors"] = [{"pointer": _POINTERS[fault.field], "detail": fault.detail} for fault in error.faults]
    return Problem(
        error.code,
        status=409 if isinstance(error, _CONFLICTS) else 422,
        title="Not possible",
        detail=str(error),
        extensions=extensions,
    )
