"""Receipts to look at: last month's orders of the demo people, kept as any order that is over."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

from archive_bff.filing import Filing
from archive_bff.model import RECEIPT
from archive_bff.order import Address, FinishedOrder, Line, Money
from portico.bff import BffSettings, ConflictError, EntityStore, Part, Parts
from portico.bff.ids import derived_id

_HOME: Final = {
    "ada": Address("Ada Lovelace", "12 Analytical Row", "1815", "London"),
    "alan": Address("Alan Turing", "2 Warrington Crescent", "1912", "London"),
}
_ORDERS: Final = (
    ("ada", 3, "beit-sitti", "Beit Sitti", (("Hummus حمّص", 1, 650), ("Kibbeh كبّة", 2, 820)), None),
    ("ada", 12, "da-mario", "Da Mario", (("Margherita", 2, 950),), None),
    ("ada", 20, "sushi-hanami", "Hanami", (("Maki", 3, 720),), "expired"),
    ("alan", 7, "da-mario", "Da Mario", (("Margherita", 1, 950),), None),
)


async def seed(store: EntityStore, filing: Filing) -> int:
    """Fill an empty store in one commit; return how many receipts were added."""
    async with store.system_unit_of_work("demo-data") as uow:
        if (await uow.query(RECEIPT, limit=1)).items:
            return 0
        for customer, days, restaurant, name, dishes, reason in _ORDERS:
            closed = datetime.fromtimestamp(uow.now() / 1000, UTC) - timedelta(days=days)
            placed = closed - timedelta(minutes=38)
            lines = tuple(Line(dish, quantity, Money(price, "EUR")) for dish, quantity, price in dishes)
            subtotal = sum(line.quantity * line.unit_price.minor for line in lines)
            order = FinishedOrder(
                id=derived_id(int(placed.timestamp() * 1000), "demo-receipt", customer, restaurant),
                customer=customer,
                placed_at=placed,
                restaurant_id=restaurant,
                restaurant_name=name,
                lines=lines,
                subtotal=Money(subtotal, "EUR"),
                delivery=Money(200, "EUR"),
                total=Money(subtotal + 200, "EUR"),
                address=_HOME[customer],
                status="cancelled" if reason else "completed",
                reason=reason,
            )
            await filing.keep(uow, order, closed)
        await uow.commit()
    return len(_ORDERS)


def demo_data(filing: Filing) -> Part:
    """Seeds the store where the settings ask for demo data, as a part of the application."""

    @contextlib.asynccontextmanager
    async def seeding(parts: Parts) -> AsyncIterator[None]:
        if parts.get(BffSettings).demo:
            with contextlib.suppress(ConflictError):  # of two processes that start together one fills it
                await seed(parts.get(EntityStore), filing)
        yield

    return seeding
