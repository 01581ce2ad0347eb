"""The GraphQL types, and how the domain's values become them."""

from datetime import datetime
from typing import Self

import strawberry

from portico.bff import Page
from tracking_bff import delivery

strawberry.enum(delivery.DeliveryStatus, description="How far an order is; it only goes forward.")
strawberry.enum(delivery.Reason, description="Why an order will not come.")


@strawberry.type(description="Whole minor units (cents) of one currency (ISO 4217).")
class Money:
    """See the domain's Money."""

    minor: int
    currency: str


@strawberry.type(description="That an order came so far, and when.")
class Step:
    """See the domain's Step."""

    status: delivery.DeliveryStatus
    at: datetime


@strawberry.type(description="Where an order is.")
class Delivery:
    """See the domain's Delivery."""

    id: strawberry.ID = strawberry.field(description="The order's id.")
    restaurant_name: str
    total: Money | None = strawberry.field(description="Null while a later step is known but not yet the order itself.")
    status: delivery.DeliveryStatus
    reason: delivery.Reason | None = strawberry.field(description="Why it will not come, where that is so.")
    courier_name: str | None = strawberry.field(description="Who brings it, once somebody does.")
    steps: list[Step] = strawberry.field(description="The steps so far, in order.")

    @classmethod
    def of(cls, value: delivery.Delivery) -> Self:
        """Map from the domain."""
        return cls(
            id=strawberry.ID(value.id),
            restaurant_name=value.restaurant_name,
            total=Money(minor=value.total.minor, currency=value.total.currency) if value.total else None,
            status=value.status,
            reason=value.reason,
            courier_name=value.courier_name,
            steps=[Step(status=step.status, at=step.at) for step in value.steps],
        )


@strawberry.type(description="Where a page ends.")
class PageInfo:
    """Cursor of the next page."""

    end_cursor: str | None
    has_next_page: bool


@strawberry.type(description="A page of deliveries, newest first.")
class DeliveryConnection:
    """Deliveries and where to go on."""

    nodes: list[Delivery]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[delivery.Delivery]) -> Self:
        """Map from the store's page."""
        return cls(
            nodes=[Delivery.of(stored.entity) for stored in page.items],
            page_info=PageInfo(end_cursor=page.next_cursor, has_next_page=page.next_cursor is not None),
        )
