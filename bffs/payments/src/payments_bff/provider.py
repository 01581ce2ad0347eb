"""The provider's API, and nothing of it elsewhere (an anti-corruption layer)."""

from typing import Literal

import msgspec

from payments_bff.payment import Money, Payment
from portico.bff.external import ExternalRefused, ExternalService


class NewCharge(msgspec.Struct, frozen=True):
    """What is asked; ``reference`` is ours and finds the charge again."""

    reference: str
    amount: int
    currency: str


class Charge(msgspec.Struct, frozen=True):
    """What the provider has: ``pending`` means that it does not know yet itself."""

    id: str
    reference: str
    amount: int
    currency: str
    status: Literal["succeeded", "declined", "pending"]
    reason: str | None = None


class NewRefund(msgspec.Struct, frozen=True):
    """The whole of a charge goes back."""

    reference: str


class Refund(msgspec.Struct, frozen=True):
    """What the provider has of a charge after a refund: ``refunded`` is what went back of it."""

    reference: str
    currency: str
    refunded: int


class NotOurs(Exception):
    """The provider answers with another charge, or another amount, than what was asked for."""


class Provider:
    """Speaks to the provider. Each raises ``ExternalUnavailable`` where nothing is known, and ``NotOurs``."""

    def __init__(self, service: ExternalService) -> None:
        self.service = service

    async def charge(self, payment: Payment) -> Charge:
        """Take the money, once however often it is asked. A refusal is a charge that was declined: if what the
        provider has says so as well."""
        asked = NewCharge(payment.id, payment.amount.minor, payment.amount.currency)
        try:
            answer = await self.service.call("POST", "/charges", body=asked, idempotency_key=payment.id)
        except ExternalRefused as error:
            if error.status != 402:
                raise
            declined = Charge("", payment.id, asked.amount, asked.currency, "declined")
            return await self.find(payment) or declined
        return _checked(answer.entity(Charge), payment)

    async def find(self, payment: Payment) -> Charge | None:
        """What the provider knows of a payment; None: nothing was taken."""
        try:
            answer = await self.service.call("GET", f"/charges/{payment.id}")
        except ExternalRefused as error:
            if error.status != 404:
                raise
            return None
        return _checked(answer.entity(Charge), payment)

    async def refund(self, payment: Payment) -> None:
        """Give the money back, once however often it is asked."""
        asked = NewRefund(payment.id)
        answer = await self.service.call("POST", "/refunds", body=asked, idempotency_key=f"refund-{payment.id}")
        refund = answer.entity(Refund)
        if (refund.reference, Money(refund.refunded, refund.currency)) != (payment.id, payment.amount):
            raise NotOurs(f"gave back {payment.id} over {payment.amount}, the provider answers {refund}")


def _checked(charge: Charge, payment: Payment) -> Charge:
    if (charge.reference, Money(charge.amount, charge.currency)) != (payment.id, payment.amount):
        raise NotOurs(f"asked for {payment.id} over {payment.amount}, the provider answers {charge}")
    return charge
