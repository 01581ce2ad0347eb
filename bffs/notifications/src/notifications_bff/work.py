"""What notifications do: hear of orders, and send each endpoint what it wants to hear until it has it."""

import logging
import random
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from notifications_bff.model import (
    DAYS,
    DELIVERY,
    ENDPOINT,
    OPERATOR,
    TYPES,
    Delivery,
    DeliveryStatus,
    Endpoint,
    Message,
    Said,
)
from portico.bff import EntityStore, Listener, Parts, ReceivedEvent, Stored, UnitOfWork
from portico.bff.agenda import Agenda
from portico.bff.events import rfc3339
from portico.bff.external import WebhookSender, next_attempt
from portico.bff.ids import derived_id

_log = logging.getLogger("notifications_bff")

DELIVER: Final = "deliver"
MOST_ENDPOINTS: Final = 100
"""From so many on no other is registered; those of one moment do not see each other, so there may be a few more."""
ALL_ENDPOINTS: Final = 200


class Work:
    """The rules of one application."""

    def __init__(self, agenda: Agenda, *, jitter: Callable[[], float] = random.random) -> None:
        self.listener = Listener()
        self._agenda = agenda
        self._jitter = jitter
        agenda.task(DELIVER)(self._deliver)
        for service, types in TYPES.items():
            for type_ in types:
                self.listener.on(type_, id=type_.replace(".", "-"), by=[service], reads=Said)(self._hear)

    async def resend(self, uow: UnitOfWork, delivery: Delivery) -> Delivery:
        """Send a message once more, from the first attempt on, under the id that it had."""
        again = replace(delivery, status=DeliveryStatus.WAITING, attempts=0, error="")
        await keep(uow, again)
        self._agenda.plan(uow, DELIVER, again.id, at=uow.now())
        return again

    async def _hear(self, event: ReceivedEvent, uow: UnitOfWork) -> None:
        """Plan a delivery for every endpoint that wants the event; ids follow from both, so it is one each."""
        message = Message(event.type, rfc3339(event.timestamp), event.entity(Said))
        body = msgspec.json.encode(message).decode()
        for stored in (await uow.query(ENDPOINT, limit=ALL_ENDPOINTS)).items:
            endpoint = stored.entity
            if event.type in endpoint.events and not endpoint.disabled:
                id_ = derived_id(event.timestamp, "delivery", endpoint.id, event.id)
                await keep(uow, Delivery(id_, endpoint.id, event.type, uow.now(), body))
                self._agenda.plan(uow, DELIVER, id_, at=uow.now())

    async def _deliver(self, parts: Parts, delivery_id: str) -> None:
        """Try once, and keep what came of it."""
        store = parts.get(EntityStore)
        async with store.system_unit_of_work("delivery") as uow:
            stored = await uow.get(DELIVERY, delivery_id)
            endpoint = await uow.get(ENDPOINT, stored.entity.endpoint) if stored else None
        if stored is None or stored.entity.status is not DeliveryStatus.WAITING:
            return
        delivery = stored.entity
        if endpoint is None or endpoint.entity.disabled:
            await self._record(store, stored, None, 0, "the endpoint is there no more, or disabled")
            return
        answer, error = await parts.get(WebhookSender).send(
            endpoint.entity.url, endpoint.entity.secret, delivery.id, delivery.body.encode()
        )
        await self._record(store, stored, endpoint.entity, answer, error)

    async def _record(
        self, store: EntityStore, begun: Stored[Delivery], endpoint: Endpoint | None, answer: int, error: str
    ) -> None:
        async with store.system_unit_of_work("delivery") as uow:
            tried, stored = begun.entity, await uow.get(DELIVERY, begun.entity.id)
            if stored is None or stored.version != begun.version:
                return  # sent again by hand meanwhile: that counts
            attempts = tried.attempts + (endpoint is not None)
            done = replace(tried, attempts=attempts, answer=answer, error=error)
            if 200 <= answer < 300:
                await keep(uow, replace(done, status=DeliveryStatus.DELIVERED))
            elif endpoint is None:
                await keep(uow, replace(done, status=DeliveryStatus.FAILED))
            elif answer != 410 and (due := next_attempt(attempts, uow.now(), self._jitter())) is not None:
                await keep(uow, done)
                self._agenda.plan(uow, DELIVER, done.id, at=due)
            else:
                await keep(uow, replace(done, status=DeliveryStatus.FAILED))
                why = "it says that it is gone (410)" if answer == 410 else f"{attempts} attempts failed"
                await _disable(uow, endpoint, why)
            await uow.commit()


async def keep(uow: UnitOfWork, delivery: Delivery) -> None:
    """Keep a delivery for its days."""
    ttl = delivery.created_at // 1000 + DAYS * 24 * 3600
    await uow.put(DELIVERY, delivery.id, delivery, ttl=ttl, claim_value=OPERATOR)


async def _disable(uow: UnitOfWork, endpoint: Endpoint, why: str) -> None:
    """Stop: who does not answer for days is told nothing more until an operator says so."""
    stored = await uow.get(ENDPOINT, endpoint.id)
    if stored is not None and not stored.entity.disabled:
        await uow.put(ENDPOINT, endpoint.id, replace(stored.entity, disabled=why), claim_value=OPERATOR)
        _log.warning("endpoint %s is disabled: %s", endpoint.id, why)
