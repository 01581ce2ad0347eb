"""The GraphQL types, and how the domain's values become them."""

from datetime import datetime
from typing import Self

import strawberry

from checkout_bff import basket, money, order
from checkout_bff.commands import BasketView
from portico.bff import Page

strawberry.enum(order.OrderStatus, description="How far an order is.")
strawberry.enum(order.CancelReason, description="Why an order was cancelled.")


@strawberry.type(description="Whole minor units (cents) of one currency (ISO 4217).")
class Money:
    """See the domain's Money."""

    minor: int
    currency: str

    @classmethod
    def of(cls, value: money.Money) -> Self:
        """Map from the domain."""
        return cls(minor=value.minor, currency=value.currency)


@strawberry.type(description="Portions of one dish; without prices when it is sold no more.")
class BasketLine:
    """A priced line of a basket."""

    dish_id: strawberry.ID
    name: str
    quantity: int
    unit_price: Money | None
    total: Money | None

    @classmethod
    def of(cls, priced: basket.PricedLine) -> Self:
        """Map from the domain."""
        return cls(
            dish_id=strawberry.ID(priced.line.dish_id),
            name=priced.dish.name if priced.dish else priced.line.name,
            quantity=priced.line.quantity,
            unit_price=Money.of(priced.dish.unit_price) if priced.dish else None,
            total=Money.of(priced.total) if priced.total else None,
        )


@strawberry.type(description="What the person means to order, at today's prices.")
class Basket:
    """A priced basket."""

    version: int = strawberry.field(description="Grows with every change; tells a repeated answer from a new one.")
    restaurant_name: str = strawberry.field(description="Who cooks it all; empty for an empty basket.")
    count: int = strawberry.field(description="How many portions.")
    lines: list[BasketLine]
    subtotal: Money
    fee: Money = strawberry.field(description="What the restaurant asks for bringing an order.")
    delivery: Money = strawberry.field(description="What the person pays of that: less, the more is in the basket.")
    total: Money

    @classmethod
    def of(cls, view: BasketView) -> Self:
        """Map from the domain."""
        priced = view.priced
        return cls(
            version=view.version,
            restaurant_name=priced.basket.restaurant_name,
            count=priced.count,
            lines=[BasketLine.of(line) for line in priced.lines],
            subtotal=Money.of(priced.subtotal),
            fee=Money.of(priced.fee),
            delivery=Money.of(priced.delivery),
            total=Money.of(priced.total),
        )


@strawberry.type(description="Where an order goes.")
class Address:
    """See the domain's Address."""

    name: str = strawberry.field(description="The name on the door.")
    street: str
    postal_code: str
    city: str

    @classmethod
    def of(cls, value: order.Address) -> Self:
        """Map from the domain."""
        return cls(name=value.name, street=value.street, postal_code=value.postal_code, city=value.city)


@strawberry.type(description="Portions of a dish at the price it had when the order was placed.")
class OrderLine:
    """See the domain's OrderLine."""

    dish_id: strawberry.ID
    name: str
    quantity: int
    unit_price: Money
    total: Money

    @classmethod
    def of(cls, line: order.OrderLine) -> Self:
        """Map from the domain."""
        return cls(
            dish_id=strawberry.ID(line.dish_id),
            name=line.name,
            quantity=line.quantity,
            unit_price=Money.of(line.unit_price),
            total=Money.of(line.total),
        )


@strawberry.type(description="A placed order.")
class Order:
    """See the domain's Order."""

    id: strawberry.ID
    placed_at: datetime
    status: order.OrderStatus
    reason: order.CancelReason | None = strawberry.field(description="Why it was cancelled, where that is so.")
    restaurant_name: str
    count: int = strawberry.field(description="How many portions.")
    lines: list[OrderLine]
    subtotal: Money
    delivery: Money
    total: Money
    address: Address
    note: str

    @classmethod
    def of(cls, value: order.Order) -> Self:
        """Map from the domain."""
        return cls(
            id=strawberry.ID(value.id),
            placed_at=value.placed_at,
            status=value.status,
            reason=value.reason,
            restaurant_name=value.restaurant_name,
            count=value.count,
            lines=[OrderLine.of(line) for line in value.lines],
            subtotal=Money.of(value.subtotal),
            delivery=Money.of(value.delivery),
            total=Money.of(value.total),
            address=Address.of(value.address),
            note=value.note,
        )


@strawberry.type(description="Where a page ends.")
class PageInfo:
    """Cursor of the next page."""

    end_cursor: str | None
    has_next_page: bool


@strawberry.type(description="A page of orders, newest first.")
class OrderConnection:
    """Orders and where to go on."""

    nodes: list[Order]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[order.Order]) -> Self:
        """Map from the store's page."""
        return cls(
            nodes=[Order.of(stored.entity) for stored in page.items],
            page_info=PageInfo(end_cursor=page.next_cursor, has_next_page=page.next_cursor is not None),
        )
