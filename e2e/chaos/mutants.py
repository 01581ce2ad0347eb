"""What the oracle must find: one wrong thing each, done to a copy of what a run has left."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import apsw
import pyarrow as pa
import pyarrow.parquet as pq

from e2e.chaos.oracle import ends_of
from e2e.chaos.orders import ENDS, Fate, Placed
from e2e.chaos.run import Aftermath
from e2e.chaos.stores import Stores

Harm = Callable[[Path, str], None]
"""Does something wrong to an order in a data folder."""


def mutated(aftermath: Aftermath, folder: Path, name: str) -> Stores:
    """A copy with the named mutant's harm done to it."""
    stores = copied(aftermath, folder)
    fate, harm, _ = MUTANTS[name]
    harm(stores.folder, _one(aftermath, fate).id)
    return stores


def copied(aftermath: Aftermath, folder: Path) -> Stores:
    """A copy of what the oracle reads."""
    copy = folder / "copy"
    copy.mkdir()
    for file in aftermath.stores.folder.glob("*.db*"):
        shutil.copy(file, copy)
    shutil.copytree(aftermath.stores.folder / "lake", copy / "lake")
    return Stores(copy)


def expected(name: str) -> str:
    """What the oracle's words must have in them."""
    return MUTANTS[name][2]


def _one(aftermath: Aftermath, fate: Fate) -> Placed:
    """An order that met its fate: where restaurants have little time, some expire."""
    ends = ends_of(aftermath.stores)
    return next(order for order in aftermath.placed if order.fate is fate and ends[order.id] == [ENDS[fate]])


def _sql(service: str, text: str) -> Harm:
    """A statement on a service's store; `?1` is the order's id."""

    def harm(folder: Path, order: str) -> None:
        connection = apsw.Connection(str(folder / f"bff-{service}.db"))
        try:
            connection.execute(text, (order,) if "?1" in text else ())
            assert connection.changes() > 0, f"nothing was changed: {text}"
        finally:
            connection.close()

    return harm


def _row(service: str, kind: str, change: str) -> Harm:
    return _sql(service, f"UPDATE entities SET data = {change} WHERE discriminator = '{kind}' AND pk = ?1")


def _lake(change: Callable[[pa.Table, int], pa.Table]) -> Harm:
    """The file of the lake with the order's submission, written anew with a change at the event's row."""

    def harm(folder: Path, order: str) -> None:
        for file in (folder / "lake").rglob("service=checkout/*.parquet"):
            table = pq.ParquetFile(file).read()
            subjects = table.column("subject").to_pylist()
            if order in subjects:
                pq.write_table(change(table, subjects.index(order)), file)
                return
        raise AssertionError("the lake has no such event")

    return harm


_PAYMENT: Final = (
    "(SELECT reference FROM sandbox_charges WHERE status = 'succeeded' AND (reference IN"
    " (SELECT reference FROM sandbox_refunds)) = {refunded} LIMIT 1)"
)

MUTANTS: Final[Mapping[str, tuple[Fate, Harm, str]]] = {
    "an event is not in the lake": (
        Fate.DELIVER,
        _lake(lambda table, at: pa.concat_tables([table.slice(0, at), table.slice(at + 1)])),
        "the lake lacks order.submitted",
    ),
    "an event is twice in the lake": (
        Fate.DELIVER,
        _lake(lambda table, at: pa.concat_tables([table, table.slice(at, 1)])),
        "2 times",
    ),
    "the lake has what nobody told": (
        Fate.DELIVER,
        _sql("checkout", "DELETE FROM outbox WHERE subject = ?1"),
        "which no service told",
    ),
    "an event waits": (
        Fate.DELIVER,
        _sql("kitchen", "UPDATE outbox SET published_at = NULL WHERE subject = ?1"),
        "were not published",
    ),
    "charged twice": (
        Fate.DELIVER,
        _sql(
            "payments-sandbox",
            "INSERT INTO sandbox_charges SELECT key || '-2', reference, id || '-2', amount, currency, status"
            f" FROM sandbox_charges WHERE reference = {_PAYMENT.format(refunded=0)}",
        ),
        "was charged and refunded [(",
    ),
    "not given back": (
        Fate.REJECT,
        _sql("payments-sandbox", f"DELETE FROM sandbox_refunds WHERE reference = {_PAYMENT.format(refunded=1)}"),
        "the ledger's balance",
    ),
    "given back twice": (
        Fate.REJECT,
        _sql(
            "payments-sandbox",
            "INSERT INTO sandbox_refunds SELECT key || '-2', reference, amount"
            f" FROM sandbox_refunds WHERE reference = {_PAYMENT.format(refunded=1)}",
        ),
        "was charged and refunded",
    ),
    "charged for no order": (
        Fate.DELIVER,
        _sql("payments-sandbox", "INSERT INTO sandbox_charges VALUES ('k', 'nobody', 'ch', 1, 'EUR', 'succeeded')"),
        "that no order has",
    ),
    "two ends": (
        Fate.DELIVER,
        _sql(
            "fulfilment",
            "INSERT INTO outbox (id, type, subject, partition_key, region, envelope, created_at, published_at)"
            " SELECT id || '-2', 'order.cancelled', subject, partition_key, region, envelope, created_at, published_at"
            " FROM outbox WHERE type = 'order.completed' AND subject = ?1",
        ),
        "has 2 ends",
    ),
    "no end": (
        Fate.REJECT,
        _sql("fulfilment", "DELETE FROM outbox WHERE type = 'order.cancelled' AND subject = ?1"),
        "has 0 ends",
    ),
    "another end": (
        Fate.REJECT,
        _row("fulfilment", "case-order", "json_remove(data, '$.decided.reject')"),
        "ended as expired",
    ),
    "checkout shows another state": (
        Fate.DELIVER,
        _row("checkout", "order", "json_set(data, '$.status', 'delivered')"),
        "checkout shows",
    ),
    "tracking lacks the end": (
        Fate.DELIVER,
        _row("tracking", "delivery", "json_remove(data, '$.steps[#-1]')"),
        "tracking shows",
    ),
    "the kitchen still cooks": (
        Fate.DELIVER,
        _row("kitchen", "task", "json_set(data, '$.status', 'accepted')"),
        "kitchen shows",
    ),
    "a courier still has it": (
        Fate.DELIVER,
        _row("courier", "job", "json_set(data, '$.status', 'picked-up')"),
        "courier shows",
    ),
    "there is no receipt": (
        Fate.DELIVER,
        _sql("archive", "DELETE FROM entities WHERE discriminator = 'receipt' AND pk = ?1"),
        "archive shows",
    ),
    "insights have both ends": (
        Fate.DELIVER,
        _row("insights", "journey", "json_set(data, '$.cancelledAt', 1)"),
        "both ends",
    ),
    "insights count twice": (
        Fate.DELIVER,
        _sql(
            "insights",
            "UPDATE entities SET data = json_set(data, '$.orders', data ->> 'orders' + 1)"
            " WHERE discriminator = 'day' AND pk = '*' AND sk = (SELECT max(sk) FROM entities"
            " WHERE discriminator = 'day' AND pk = '*')",
        ),
        "insights add up to",
    ),
    "it cannot be rated": (
        Fate.DELIVER,
        _sql("ratings", "DELETE FROM entities WHERE discriminator = 'completed-order' AND pk = ?1"),
        "ratings shows",
    ),
    "a fault": (
        Fate.DELIVER,
        _sql(
            "tracking",
            "INSERT INTO faults (id, rule, event_id, event_type, partition_key, error, message, envelope, created_at)"
            " VALUES ('f', 'delivery', 'e', 'order.ready', ?1, 'ValueError', 'no', '{}', 1)",
        ),
        "tracking has a fault",
    ),
}
"""By what is wrong: which order is taken, the harm, and what must be said of it."""
