"""What the tests of the archive share: orders that are over."""

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from archive_bff.order import Address, FinishedOrder, Line, Money
from portico.bff import Event, new_id
from portico.bff.testing.client import BffClient

PLACED = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
CLOSED = datetime(2026, 3, 1, 19, 10, tzinfo=UTC)


def order(customer: str = "ada", reason: str | None = None) -> FinishedOrder:
    lines = (Line("Hummus حمّص", 2, Money(650, "EUR")), Line("Ramen ラーメン", 1, Money(1200, "EUR")))
    address = Address("Ada Lovelace", "12 Analytical Row", "1815", "London")
    status = "cancelled" if reason else "completed"
    return FinishedOrder(
        id=new_id(),
        customer=customer,
        placed_at=PLACED,
        restaurant_id="beit-sitti",
        restaurant_name="Beit Sitti بيت ستي",
        lines=lines,
        subtotal=Money(2500, "EUR"),
        delivery=Money(200, "EUR"),
        total=Money(2700, "EUR"),
        address=address,
        status=status,
        reason=reason,
    )


def over(customer: str = "ada", reason: str | None = None, **changes: Any) -> Event:
    ended = replace(order(customer, reason), **changes)
    return Event(f"order.{ended.status}", ended.id, ended)


async def receipts(person: BffClient, **query: Any) -> list[dict[str, Any]]:
    answer = await person.get("/receipts", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found
