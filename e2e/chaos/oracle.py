"""What must be true when all is quiet: every order has one end that all views show, money and events are all there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from e2e.chaos.orders import ENDS, Fate, Placed
from e2e.chaos.stores import Charge, Stores

COMPLETED: Final = "completed"
FAILED: Final = "payment-failed"
_NOT: Final = (FAILED, "rejected", "expired")
Row = Mapping[str, Any] | None
"""What a view has of an order; None: nothing."""


def findings(stores: Stores, placed: Iterable[Placed], *, late: bool = False) -> list[str]:
    """Everything that is not as it must be, in words; nothing when all is well.

    `late` says that restaurants had little time to answer, so that any order may have expired.
    """
    orders = {order.id: order for order in placed}
    ends = ends_of(stores)
    return [
        *_wrong_ends(orders, ends, late=late),
        *_wrong_views(stores, orders, ends),
        *_wrong_report(stores, orders, ends),
        *_wrong_money(stores, orders, ends),
        *_left_over(stores),
        *_wrong_lake(stores),
    ]


def ends_of(stores: Stores) -> dict[str, list[str]]:
    """By the events that fulfilment told: how each order ended, and why."""
    ends: dict[str, list[str]] = {}
    cases = stores.entities("fulfilment", "case-order")
    for event in stores.told("fulfilment"):
        if event.type == "order.completed":
            ends.setdefault(event.subject, []).append(COMPLETED)
        elif event.type == "order.cancelled":
            ends.setdefault(event.subject, []).append(_why(cases.get(event.subject, {}).get("decided", {})))
    return ends


def _why(decided: Mapping[str, int]) -> str:
    return next((end for rule, end in (("fail", FAILED), ("reject", "rejected")) if rule in decided), "expired")


def _wrong_ends(orders: Mapping[str, Placed], ends: Mapping[str, list[str]], *, late: bool) -> Iterator[str]:
    for id_, order in orders.items():
        told = ends.get(id_, [])
        allowed = {ENDS[order.fate]} | ({"expired"} if late and order.fate is not Fate.TOO_DEAR else set())
        if len(told) != 1:
            yield f"order {id_} ({order.fate.value}) has {len(told)} ends: {told}"
        elif told[0] not in allowed:
            yield f"order {id_} was to end as one of {sorted(allowed)}, and ended as {told[0]}"
    for id_ in ends.keys() - orders.keys():
        yield f"order {id_} has an end, and nobody placed it"


def _of_order(row: Row) -> str:
    if row is None:
        return "nothing"
    return str(row["status"] if row["status"] == COMPLETED else row.get("reason") or row["status"])


def _of_delivery(row: Row) -> str:
    if row is None:
        return "nothing"
    last = row["steps"][-1]
    return str(last["status"] if last["status"] == COMPLETED else last.get("reason") or last["status"])


def _of_journey(row: Row) -> str:
    if row is None or (row.get("completedAt") and row.get("cancelledAt")):
        return "nothing" if row is None else "both ends"
    if row.get("completedAt"):
        return COMPLETED
    return str(row["reason"]) if row.get("cancelledAt") else "no end"


def _of_receipt(row: Row) -> str:
    if row is None or not row["receipt"]["filed"]:
        return "nothing" if row is None else "no document"
    return _of_order(row["receipt"])


def _status(row: Row) -> str:
    return "nothing" if row is None else str(row["status"])


def _presence(row: Row) -> str:
    return "nothing" if row is None else "there"


_VIEWS: Final[tuple[tuple[str, str, Callable[[Row], str], Mapping[str, str]], ...]] = (
    ("checkout", "order", _of_order, {}),
    ("tracking", "delivery", _of_delivery, {}),
    ("insights", "journey", _of_journey, {}),
    ("archive", "receipt", _of_receipt, {}),
    ("kitchen", "task", _status, {COMPLETED: "ready", FAILED: "nothing"}),
    ("courier", "job", _status, {COMPLETED: "delivered", **dict.fromkeys(_NOT, "cancelled")}),
    ("ratings", "completed-order", _presence, {COMPLETED: "there", **dict.fromkeys(_NOT, "nothing")}),
)  # fmt: skip
"""Service, kind, what a row says of the order, and how it calls each end; without a name of its own: as it is."""


def _wrong_views(stores: Stores, orders: Mapping[str, Placed], ends: Mapping[str, list[str]]) -> Iterator[str]:
    for service, kind, says, names in _VIEWS:
        rows = stores.entities(service, kind)
        for id_ in orders:
            for end in ends.get(id_, [])[:1]:
                expected, shown = names.get(end, end), says(rows.get(id_))
                if shown != expected:
                    yield f"{service} shows order {id_} as {shown!r}; it ended as {end}, which is {expected!r} there"


def _wrong_report(stores: Stores, orders: Mapping[str, Placed], ends: Mapping[str, list[str]]) -> Iterator[str]:
    """The dashboard's sums of the days on which orders were placed; demo data are of days before."""
    journeys = stores.entities("insights", "journey")
    days = {_day(journeys[id_]["placedAt"]) for id_ in orders if journeys.get(id_, {}).get("placedAt")}
    shares = [sums for sk, sums in stores.shares("insights", "day", "*").items() if sk.split(":")[1] in days]
    first = [ends[id_][0] for id_ in orders if ends.get(id_)]
    expected = {
        "orders": len(orders),
        COMPLETED: first.count(COMPLETED),
        "cancelled": dict(Counter(end for end in first if end != COMPLETED)),
        "revenue": sum(orders[id_].total for id_ in orders if ends.get(id_, [])[:1] == [COMPLETED]),
    }
    cancelled: Counter[str] = Counter()
    for sums in shares:
        cancelled.update(sums["cancelled"])
    shown = {
        "orders": sum(sums["orders"] for sums in shares),
        COMPLETED: sum(sums["completed"] for sums in shares),
        "cancelled": dict(cancelled),
        "revenue": sum(sums["revenue"].get("EUR", 0) for sums in shares),
    }
    if shown != expected:
        yield f"insights add up to {shown}, and it was {expected}"


def _day(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()


def _wrong_money(stores: Stores, orders: Mapping[str, Placed], ends: Mapping[str, list[str]]) -> Iterator[str]:
    """Completed: charged once. Failed: never. Else: charged once, given back whole. Nothing else is in the ledger."""
    taken: dict[str, list[Charge]] = {}
    for charge in stores.charges():
        taken.setdefault(charge.reference, []).append(charge)
    payments: dict[str, list[str]] = {}
    for reference, payment in stores.entities("payments", "payment").items():
        payments.setdefault(payment["orderId"], []).append(reference)
    for id_, order in orders.items():
        references = payments.get(id_, [])
        if len(references) != 1:
            yield f"order {id_} has {len(references)} payments"
            continue
        paid = [charge for charge in taken.pop(references[0], []) if charge.succeeded]
        end = (ends.get(id_) or ["no end"])[0]
        kept, back = (0, 0) if end == FAILED else (order.total, 0 if end == COMPLETED else order.total)
        was = [(charge.amount, charge.refunded) for charge in paid]
        if was != ([] if end == FAILED else [(kept, back)]):
            yield f"order {id_} ({end}, {order.total}) was charged and refunded {was}"
    for reference in taken:
        yield f"the ledger has a charge {reference} that no order has"
    balance = sum(charge.amount - charge.refunded for charge in stores.charges() if charge.succeeded)
    expected = sum(order.total for order in orders.values() if ends.get(order.id, [])[:1] == [COMPLETED])
    if balance != expected:
        yield f"the ledger's balance is {balance}, completed orders come to {expected}"


def _left_over(stores: Stores) -> Iterator[str]:
    for service in stores.services:
        waiting = [event.id for event in stores.told(service) if not event.published]
        if waiting:
            yield f"{service} has {len(waiting)} events that were not published"
        for fault in stores.faults(service):
            yield f"{service} has a fault: {fault}"


def _wrong_lake(stores: Stores) -> Iterator[str]:
    """Each event of each service is in the lake, once, and nothing else is."""
    answer = stores.lake("SELECT id, type, subject, service, fault FROM events")
    if answer.more:
        yield "the lake has more events than this oracle reads"
    count = Counter(str(row[0]) for row in answer.rows)
    kept = {str(row[0]): (row[1], row[2], row[3]) for row in answer.rows}
    for row in answer.rows:
        if row[4] is not None:
            yield f"the lake has what is no event: {row}"
    for id_, times in count.items():
        if times > 1:
            yield f"the lake has event {id_} {times} times"
    told = {event.id: event for service in stores.services for event in stores.told(service)}
    for id_, event in told.items():
        found = kept.get(id_)
        if found is None:
            yield f"the lake lacks {event.type} {id_} of {event.service}"
        elif (found[0], found[2]) != (event.type, event.service):
            yield f"the lake has {found} for {event.type} {id_} of {event.service}"
    for id_ in kept.keys() - told.keys():
        yield f"the lake has {kept[id_]} {id_}, which no service told"
