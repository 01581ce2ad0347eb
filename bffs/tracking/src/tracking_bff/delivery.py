"""A delivery: where one order is, put together from what several services say of it, in whatever order they are heard.

``merge`` is associative, commutative and idempotent, so the same events end in the same delivery in any order, any
number of times.
"""

from datetime import datetime
from enum import Enum
from functools import reduce

import msgspec


class DeliveryStatus(Enum):
    """How far the order is, in this order; an order that will not come ends with CANCELLED."""

    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    READY = "ready"
    PICKED_UP = "picked-up"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    EXPIRED = "expired"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Reason(Enum):
    """Why an order will not come: what ended it, or the restaurant's own words for it."""

    PAYMENT_FAILED = "payment-failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SOLD_OUT = "sold-out"
    TOO_BUSY = "too-busy"
    CLOSING = "closing"


_RANK = {status: rank for rank, status in enumerate(DeliveryStatus)}


class Money(msgspec.Struct, frozen=True):
    """``minor`` units of ``currency`` (ISO 4217 code)."""

    minor: int
    currency: str


class Step(msgspec.Struct, frozen=True):
    """That the order came so far, when, and why, if it will not come."""

    status: DeliveryStatus
    at: datetime
    reason: Reason | None = None


class Delivery(msgspec.Struct, frozen=True, rename="camel"):
    """One order of ``customer`` (a ``sub``); ``total`` is None until the order's own event was heard.

    ``courier_name`` is who brings it, once that is known.
    """

    id: str
    customer: str
    restaurant_name: str
    steps: tuple[Step, ...]
    total: Money | None = None
    courier_name: str | None = None

    @property
    def status(self) -> DeliveryStatus:
        """The furthest step; it never goes back, whatever is heard late."""
        return self.steps[-1].status

    @property
    def reason(self) -> Reason | None:
        """Why it will not come, as exactly as that is known: the restaurant's reason says more than that it had one."""
        said = {step.reason for step in self.steps if step.reason is not None}
        own = said - {Reason.REJECTED}
        return min(own or said, key=lambda reason: reason.value, default=None)

    def merge(self, other: "Delivery") -> "Delivery":
        """What both know of the same order. Raises ValueError for another one."""
        if (self.id, self.customer) != (other.id, other.customer):
            raise ValueError("these are two orders")
        totals = [one.total for one in (self, other) if one.total is not None]
        couriers = [one.courier_name for one in (self, other) if one.courier_name is not None]
        return Delivery(
            id=self.id,
            customer=self.customer,
            restaurant_name=min(self.restaurant_name, other.restaurant_name),
            steps=_earliest((*self.steps, *other.steps)),
            total=min(totals, key=lambda money: (money.currency, money.minor), default=None),
            courier_name=min(couriers, default=None),
        )

    def further_than(self, other: "Delivery | None") -> bool:
        """Whether this came further than the other, or is the first that is heard of the order."""
        return other is None or _RANK[self.status] > _RANK[other.status]


def _earliest(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Each step once, at the first time it is told of, in the order in which an order goes."""

    def take(kept: dict[DeliveryStatus, Step], step: Step) -> dict[DeliveryStatus, Step]:
        known = kept.get(step.status)
        return kept if known is not None and _order(known) <= _order(step) else {**kept, step.status: step}

    first = reduce(take, steps, dict[DeliveryStatus, Step]())
    return tuple(first[status] for status in DeliveryStatus if status in first)


def _order(step: Step) -> tuple[datetime, str]:
    return step.at, step.reason.value if step.reason else ""
