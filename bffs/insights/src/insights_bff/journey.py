"""A journey: what is known of one order, put together from what several services say of it, in whatever order.

``merge`` is associative, commutative and idempotent, so the same events end in the same journey in any order, any
number of times; and what a journey adds to the day it belongs to follows from the journey alone.
"""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec.structs import fields

from insights_bff.sums import Sums

ENDS: Final = ("completed", "cancelled")


class Money(msgspec.Struct, frozen=True):
    """``minor`` units of ``currency`` (ISO 4217 code)."""

    minor: int
    currency: str


class Journey(msgspec.Struct, frozen=True, rename="camel"):
    """One order, as far as it is known; times are in milliseconds since the epoch, None: not heard of yet."""

    id: str
    restaurant_id: str | None = None
    restaurant_name: str | None = None
    placed_at: int | None = None
    accepted_at: int | None = None
    ready_at: int | None = None
    delivered_at: int | None = None
    completed_at: int | None = None
    cancelled_at: int | None = None
    reason: str | None = None
    total: Money | None = None
    paid: Money | None = None
    refunded: Money | None = None
    payment_failed: bool | None = None

    def merge(self, other: "Journey") -> "Journey":
        """What both know of the same order. Raises ValueError for another one."""
        if self.id != other.id:
            raise ValueError("these are two orders")
        known: dict[str, Any] = {
            field.name: _first(getattr(self, field.name), getattr(other, field.name)) for field in fields(self)
        }
        return Journey(**known)

    @property
    def day(self) -> str | None:
        """The day it counts for: the one on which it was placed, in UTC (``2026-05-01``)."""
        return None if self.placed_at is None else datetime.fromtimestamp(self.placed_at / 1000, UTC).date().isoformat()

    @property
    def sums(self) -> Sums:
        """What it adds to its day; nothing while nobody has said when it was placed."""
        if self.placed_at is None:
            return Sums()
        over = self.completed_at is not None
        return Sums(
            orders=1,
            completed=int(over),
            revenue=_money(self.total) if over else {},
            cancelled={self.reason or "unknown": 1} if self.cancelled_at is not None else {},
            accept=self._took(self.accepted_at),
            ready=self._took(self.ready_at),
            deliver=self._took(self.delivered_at),
            paid=_money(self.paid),
            refunded=_money(self.refunded),
            failed=int(self.payment_failed or False),
        )

    def _took(self, until: int | None) -> tuple[int, int]:
        """How many (one, or none), and how many milliseconds: not less than none, whatever two machines' clocks say."""
        if until is None or self.placed_at is None:
            return 0, 0
        return 1, max(0, until - self.placed_at)


def _money(amount: Money | None) -> dict[str, int]:
    return {amount.currency: amount.minor} if amount is not None else {}


def _first(one: object, other: object) -> object:
    """What is known by one of both; of two, the lesser: which one does not matter, as long as it is always the same."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other, key=_order)


def _order(value: object) -> tuple[str, int]:
    if isinstance(value, Money):
        return value.currency, value.minor
    return (value, 0) if isinstance(value, str) else ("", value if isinstance(value, int) else 0)
