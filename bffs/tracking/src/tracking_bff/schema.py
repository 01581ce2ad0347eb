"""The GraphQL API: resolvers parse, dispatch and map."""

from typing import Any, Final

import strawberry

from portico.bff import Call, InvalidQuery, require
from portico.bff.graphql import BffSchema, field
from tracking_bff import model
from tracking_bff.answers import Delivery, DeliveryConnection

MAX_PAGE: Final = 50

Info = strawberry.Info[Call, Any]


@strawberry.type
class Query:
    """What a person sees of their own."""

    @field(require(), description="Where my orders are, newest first; at most 50 at once.")
    async def deliveries(self, info: Info, first: int = 10, after: str | None = None) -> DeliveryConnection:
        """Read a page of deliveries."""
        if not 1 <= first <= MAX_PAGE:
            raise InvalidQuery(f"first must be between 1 and {MAX_PAGE}")
        async with info.context.read() as uow:
            return DeliveryConnection.of(await model.deliveries(uow, first=first, after=after))

    @field(require(), description="Where one of my orders is; null when I have no such order.")
    async def delivery(self, info: Info, id: strawberry.ID) -> Delivery | None:  # noqa: A002 - the argument's name
        """Read a delivery."""
        async with info.context.read() as uow:
            found = await model.delivery(uow, id)
        return Delivery.of(found) if found else None


def create_schema() -> BffSchema:
    """Make the schema of the tracking API."""
    return BffSchema(query=Query)
