"""What couriers hear of orders: where each goes, that it is ready, and that nobody waits for it any more."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from courier_bff.job import Address, Job
from courier_bff.model import JOB, tell_of
from portico.bff import Listener, ReceivedEvent, UnitOfWork


class Portions(msgspec.Struct, frozen=True):
    """Of a line, couriers need how much there is to carry."""

    quantity: int


class HeardOrder(msgspec.Struct, frozen=True, rename="camel"):
    """What both an ``order.confirmed`` and an ``order.ready`` carry, as far as a courier is concerned."""

    id: str
    customer: str
    restaurant_id: str
    restaurant_name: str
    lines: tuple[Portions, ...]
    note: str = ""

    def job(self) -> Job:
        """The job that it will be, before anything is known of it."""
        count = sum(line.quantity for line in self.lines)
        return Job(self.id, self.customer, self.restaurant_id, self.restaurant_name, count, self.note)


class ConfirmedOrder(HeardOrder, frozen=True, rename="camel", kw_only=True):
    """What an ``order.confirmed`` carries besides."""

    address: Address


class CancelledOrder(HeardOrder, frozen=True, rename="camel"):
    """What an ``order.cancelled`` carries."""


def create_listener(fleet: str) -> Listener:
    """Declare the rules of a fleet's couriers."""
    listener = Listener()

    @listener.on("order.confirmed", id="confirmed", by=["fulfilment"], reads=ConfirmedOrder)
    async def expect(event: ReceivedEvent, uow: UnitOfWork) -> None:
        """Know where an order goes."""
        order = event.entity(ConfirmedOrder)
        await _change(uow, fleet, order, lambda job: job.bound_for(order.address))

    @listener.on("order.ready", id="ready", by=["kitchen"], reads=HeardOrder)
    async def offer(event: ReceivedEvent, uow: UnitOfWork) -> None:
        """Know that an order can be fetched."""
        at = datetime.fromtimestamp(event.timestamp / 1000, UTC)
        await _change(uow, fleet, event.entity(HeardOrder), lambda job: job.ready(at))

    @listener.on("order.cancelled", id="cancelled", by=["fulfilment"], reads=CancelledOrder)
    async def call_off(event: ReceivedEvent, uow: UnitOfWork) -> None:
        """Let go of an order that nobody waits for."""
        await _change(uow, fleet, event.entity(CancelledOrder), Job.cancel)

    return listener


async def _change(uow: UnitOfWork, fleet: str, order: HeardOrder, change: Callable[[Job], Job]) -> None:
    stored = await uow.get(JOB, order.id)
    before = stored.entity if stored else order.job()
    after = change(before)
    if stored is not None and after == before:
        return
    await uow.put(JOB, after.id, after, tenant=fleet)
    if stored is None or after.status is not before.status:
        tell_of(uow, fleet, after)
