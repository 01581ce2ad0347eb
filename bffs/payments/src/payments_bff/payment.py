"""A payment: what one order costs, and how far taking it (and giving it back) is; a change returns a new payment."""

from enum import Enum

import msgspec
from msgspec.structs import replace

from portico.bff import EntityType


class Money(msgspec.Struct, frozen=True):
    """``minor`` units of ``currency`` (ISO 4217 code)."""

    minor: int
    currency: str


class PaymentStatus(Enum):
    """How far it is; what is decided stays."""

    REQUESTED = "requested"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundStatus(Enum):
    """Whether it goes back."""

    NONE = "none"
    REQUESTED = "requested"
    DONE = "done"


class Wanted(msgspec.Struct, frozen=True, rename="camel"):
    """What ``payment.requested`` and ``payment.refund-requested`` carry. ``id`` is the same for one order, always."""

    id: str
    order_id: str
    customer: str
    amount: Money


class Told(Wanted, frozen=True, rename="camel", omit_defaults=True):
    """What payments tell; ``reason`` says why one failed."""

    reason: str | None = None


class Payment(Wanted, frozen=True, rename="camel"):
    """A payment as it is kept."""

    status: PaymentStatus = PaymentStatus.REQUESTED
    refund: RefundStatus = RefundStatus.NONE
    reason: str | None = None

    def told(self) -> Told:
        """What others may know of it."""
        return Told(self.id, self.order_id, self.customer, self.amount, self.reason)

    def settled(self, *, paid: bool, reason: str | None) -> "Payment":
        """With its outcome."""
        status = PaymentStatus.SUCCEEDED if paid else PaymentStatus.FAILED
        return replace(self, status=status, reason=None if paid else reason or "declined")


PAYMENT = EntityType("payment", Payment)
"""Payments belong to the customer."""
