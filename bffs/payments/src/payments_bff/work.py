"""What payments do: hear what is wanted, ask the provider until it is known, tell what became of it."""

from typing import Final

import msgspec
from msgspec.structs import asdict, replace

from payments_bff.payment import PAYMENT, Payment, PaymentStatus, RefundStatus, Wanted
from payments_bff.provider import Charge, Provider
from portico.bff import EntityStore, Event, Listener, Parts, ReceivedEvent, Stored, UnitOfWork
from portico.bff.agenda import Agenda
from portico.bff.external import WebhookMessage

CHARGE: Final = "charge"
CHECK: Final = "check"
REFUND: Final = "refund"
PENDING_MS: Final = 30_000
"""So long after a charge that was pending it is asked for, should the webhook be lost."""


class Said(msgspec.Struct, frozen=True):
    """As much of a webhook as is used: which payment to ask about. What else it claims is not believed."""

    reference: str


class Webhook(msgspec.Struct, frozen=True):
    """The provider's message."""

    type: str
    data: Said


class Work:
    """The rules of one application. The provider is asked by the agenda, never while an event or a webhook waits."""

    def __init__(self, agenda: Agenda) -> None:
        self.listener = Listener()
        self._agenda = agenda
        self.listener.on("payment.requested", id="charge", by=["fulfilment"], reads=Wanted)(self._want)
        self.listener.on("payment.refund-requested", id="refund", by=["fulfilment"], reads=Wanted)(self._want_back)
        agenda.task(CHARGE)(self._charge)
        agenda.task(CHECK)(self._check)
        agenda.task(REFUND)(self._refund)

    async def hear(self, message: WebhookMessage, uow: UnitOfWork) -> None:
        """A webhook: something happened to a charge; look what."""
        reference = message.entity(Webhook).data.reference
        if await uow.get(PAYMENT, reference) is not None:
            self._agenda.plan(uow, CHECK, reference, at=uow.now())

    async def _want(self, event: ReceivedEvent, uow: UnitOfWork) -> None:
        wanted = event.entity(Wanted)
        if await uow.get(PAYMENT, wanted.id) is None:
            await _keep(uow, Payment(**asdict(wanted)))
            self._agenda.plan(uow, CHARGE, wanted.id, at=uow.now())

    async def _want_back(self, event: ReceivedEvent, uow: UnitOfWork) -> None:
        wanted = event.entity(Wanted)
        stored = await uow.get(PAYMENT, wanted.id)
        if stored is None or stored.entity.status is not PaymentStatus.SUCCEEDED:
            raise LookupError(f"payment {wanted.id} is to be given back and was never taken")
        if stored.entity.refund is RefundStatus.NONE:
            await _keep(uow, replace(stored.entity, refund=RefundStatus.REQUESTED))
            self._agenda.plan(uow, REFUND, wanted.id, at=uow.now())

    async def _charge(self, parts: Parts, payment_id: str) -> None:
        if payment := await _waiting(parts, payment_id):
            await self._settle(parts, payment, await parts.get(Provider).charge(payment))

    async def _check(self, parts: Parts, payment_id: str) -> None:
        """Look what is true; also of what failed, for money that was taken all the same is to be given back."""
        stored = await _read(parts.get(EntityStore), payment_id)
        if stored is None or stored.entity.status is PaymentStatus.SUCCEEDED:
            return
        payment, provider = stored.entity, parts.get(Provider)
        charge = await provider.find(payment)
        if charge is None and payment.status is PaymentStatus.REQUESTED:
            charge = await provider.charge(payment)  # it is not known there (any more), and nobody else may ask again
        if charge is not None:
            await self._settle(parts, payment, charge)

    async def _settle(self, parts: Parts, payment: Payment, charge: Charge) -> None:
        """Keep the outcome and tell it, if nobody else has meanwhile; look again where it is still pending."""
        async with parts.get(EntityStore).system_unit_of_work("provider") as uow:
            stored = await uow.get(PAYMENT, payment.id)
            if stored is None or not _is_news(charge, stored.entity):
                return
            if charge.status == "pending":
                # The webhook may have been quicker than this answer: then it is looked at now.
                self._agenda.plan(uow, CHECK, payment.id, at=uow.now() + PENDING_MS, or_sooner=True)
            else:
                settled = stored.entity.settled(paid=charge.status == "succeeded", reason=charge.reason)
                await _keep(uow, settled)
                _tell(uow, f"payment.{settled.status.value}", settled)
            await uow.commit()

    async def _refund(self, parts: Parts, payment_id: str) -> None:
        store = parts.get(EntityStore)
        payment = await _read(store, payment_id)
        if payment is None or payment.entity.refund is not RefundStatus.REQUESTED:
            return
        await parts.get(Provider).refund(payment.entity)
        async with store.system_unit_of_work("provider") as uow:
            stored = await uow.get(PAYMENT, payment_id)
            if stored is None or stored.entity.refund is not RefundStatus.REQUESTED:
                return
            await _keep(uow, replace(stored.entity, refund=RefundStatus.DONE))
            _tell(uow, "payment.refunded", stored.entity)
            await uow.commit()


def _is_news(charge: Charge, payment: Payment) -> bool:
    """What failed may turn out to have been taken; what was taken stays so."""
    late = payment.status is PaymentStatus.FAILED and charge.status == "succeeded"
    return payment.status is PaymentStatus.REQUESTED or late


async def _waiting(parts: Parts, payment_id: str) -> Payment | None:
    """The payment, if its outcome is not known yet."""
    stored = await _read(parts.get(EntityStore), payment_id)
    return stored.entity if stored and stored.entity.status is PaymentStatus.REQUESTED else None


async def _read(store: EntityStore, payment_id: str) -> Stored[Payment] | None:
    async with store.system_unit_of_work("provider") as uow:
        return await uow.get(PAYMENT, payment_id)


async def _keep(uow: UnitOfWork, payment: Payment) -> None:
    await uow.put(PAYMENT, payment.id, payment, owner=payment.customer)


def _tell(uow: UnitOfWork, type_: str, payment: Payment) -> None:
    """What became of a payment is told under one id, and in order with the rest of its order."""
    uow.emit(Event(type_, payment.id, payment.told(), partition_key=payment.order_id, identity=(payment.id, type_)))
