"""From an order's end to its document: the rule plans it, the agenda makes it, and years later takes it away."""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Final

from msgspec.structs import replace

from archive_bff.documents import Documents
from archive_bff.model import RECEIPT, Kept, Receipt
from archive_bff.order import FinishedOrder
from archive_bff.pdf import receipt_pdf
from portico.bff import EntityStore, Listener, Parts, ReceivedEvent, UnitOfWork
from portico.bff.agenda import Agenda

FILE: Final = "file"
FORGET: Final = "forget"
_YEAR_MS: Final = 366 * 24 * 3600 * 1000


class Filing:
    """The rules of one application, which keeps documents for so many ``years``."""

    def __init__(self, agenda: Agenda, years: int) -> None:
        self.listener = Listener()
        self._agenda = agenda
        self._years = years
        agenda.task(FILE)(self._file)
        agenda.task(FORGET)(self._forget)
        for end in ("completed", "cancelled"):
            rule = self.listener.on(f"order.{end}", id=end, by=["fulfilment"], reads=FinishedOrder)
            rule(self._hear)

    async def _hear(self, event: ReceivedEvent, uow: UnitOfWork) -> None:
        """Keep the order, and plan its document. An order has one end; were there two, the first would stay."""
        order = event.entity(FinishedOrder)
        if await uow.get(RECEIPT, order.id) is None:
            await self.keep(uow, order, datetime.fromtimestamp(event.timestamp / 1000, UTC))

    async def keep(self, uow: UnitOfWork, order: FinishedOrder, closed: datetime) -> None:
        """With this commit, keep an order that ended then and plan its document, and the end of keeping it."""
        receipt = Receipt(
            order.id, order.restaurant_name, order.placed_at, closed, order.status, order.reason, order.total
        )
        name = f"{closed:%Y/%m}/{hashlib.sha256(order.id.encode()).hexdigest()[:32]}.pdf"
        await uow.put(RECEIPT, order.id, Kept(receipt, order, name), owner=order.customer)
        self._agenda.plan(uow, FILE, order.id, at=uow.now())
        self._agenda.plan(uow, FORGET, order.id, at=int(closed.timestamp() * 1000) + self._years * _YEAR_MS)

    @staticmethod
    async def _file(parts: Parts, order_id: str) -> None:
        """Make the document and put it where it is kept. Done again, it makes the same bytes."""
        store = parts.get(EntityStore)
        async with store.system_unit_of_work("filing receipts") as uow:
            stored = await uow.get(RECEIPT, order_id)
        if stored is None or stored.entity.receipt.filed:
            return
        kept = stored.entity
        document = await asyncio.to_thread(receipt_pdf, kept.order, kept.receipt.closed_at)
        await parts.get(Documents).put(kept.name, document)
        filed = replace(kept, receipt=replace(kept.receipt, filed=True), digest=hashlib.sha256(document).hexdigest())
        async with store.system_unit_of_work("filing receipts") as uow:
            await uow.put(RECEIPT, order_id, filed, version=stored.version)
            uow.tell(person=kept.order.customer, type="archive.receipt-filed", data={"id": order_id})
            await uow.commit()

    @staticmethod
    async def _forget(parts: Parts, order_id: str) -> None:
        """Take away what has been kept long enough: the document first, so that none is left that nobody knows of."""
        store = parts.get(EntityStore)
        async with store.system_unit_of_work("end of retention") as uow:
            stored = await uow.get(RECEIPT, order_id)
            if stored is None:
                return
            await parts.get(Documents).delete(stored.entity.name)
            await uow.delete(RECEIPT, order_id)
            await uow.commit()
