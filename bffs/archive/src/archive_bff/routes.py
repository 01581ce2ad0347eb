"""The REST API: list receipts, ask for a link, and follow it. A customer sees their own, an auditor all."""

import hashlib
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from starlette.responses import Response

from archive_bff.documents import Documents
from archive_bff.links import LIFETIME_S, Links
from archive_bff.model import RECEIPT, Kept, Receipt
from portico.bff import BffSettings, Call, EntityStore, Stored, UnitOfWork, require
from portico.bff.rest import Operation, get, post
from portico.problem import Problem

Limit = Annotated[int, msgspec.Meta(ge=1, le=100, description="How many at most")]
Cursor = Annotated[str, msgspec.Meta(max_length=500, description="`nextCursor` of the page before")]
Link = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Shown(Receipt, frozen=True, rename="camel"):
    """A receipt; `customer` (a sub) is there for auditors alone."""

    customer: str | None = None


class Receipts(msgspec.Struct, frozen=True, rename="camel"):
    """A page of receipts, newest order first."""

    items: tuple[Shown, ...]
    next_cursor: str | None


class Download(msgspec.Struct, frozen=True, rename="camel"):
    """Where a document is, below this API, for who asked, until `expiresAt`."""

    path: str
    expires_at: datetime


async def list_receipts(call: Call, *, cursor: Cursor | None = None, limit: Limit = 20) -> Receipts:
    """List receipts, newest order first: my own, or for auditors everybody's."""
    async with _reading(call) as uow:
        page = await uow.query(RECEIPT, limit=limit, after=cursor, descending=True)
    auditor = _is_auditor(call)
    items = (_shown(stored, with_customer=auditor) for stored in page.items)
    return Receipts(tuple(items), page.next_cursor)


async def make_link(call: Call, receipt_id: str) -> Download:
    """Make a link to a receipt's document. It holds for five minutes, for me alone."""
    kept = await _kept(call, receipt_id)
    if not kept.receipt.filed:
        raise Problem("not-filed", status=409, title="Not there yet", detail="The document is being made.")
    now = call.get(EntityStore).now()
    link = call.get(Links).sign(receipt_id, call.claims.sub, now)
    return Download(f"/documents/{link}", datetime.fromtimestamp(now // 1000 + LIFETIME_S, UTC))


async def follow_link(call: Call, link: Link) -> Response:
    """Follow a link to its document, as PDF. One that has ended or is somebody else's leads nowhere."""
    receipt = call.get(Links).read(link, call.claims.sub, call.get(EntityStore).now())
    if receipt is None:
        raise Problem("link-ended", status=404, title="Not found", detail="This link has ended or is not yours.")
    kept = await _kept(call, receipt)
    document = await call.get(Documents).get(kept.name)
    if hashlib.sha256(document).hexdigest() != kept.digest:
        raise Problem("document-damaged", status=500, title="Damaged", detail="The document is not what was filed.")
    headers = {
        "Content-Disposition": f'attachment; filename="receipt-{kept.receipt.id}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(document, media_type="application/pdf", headers=headers)


async def _kept(call: Call, receipt_id: str) -> Kept:
    async with _reading(call) as uow:
        stored = await uow.get(RECEIPT, receipt_id)
    if stored is None:
        raise Problem.not_found("There is no such receipt, or it is not yours.")
    return stored.entity


def _reading(call: Call) -> AbstractAsyncContextManager[UnitOfWork]:
    """What the caller reaches."""
    if _is_auditor(call):
        return call.get(EntityStore).system_unit_of_work("receipts for an auditor")
    return call.read()


def _is_auditor(call: Call) -> bool:
    return call.claims.has_role(call.get(BffSettings).auditor_role)


def _shown(stored: Stored[Kept], *, with_customer: bool) -> Shown:
    known = msgspec.structs.asdict(stored.entity.receipt)
    return Shown(**known, customer=stored.owner if with_customer else None)


ROUTES: Final[tuple[Operation, ...]] = (
    get("/receipts", list_receipts, access=require(), tags=["receipts"]),
    post("/receipts/{receipt_id}/link", make_link, access=require(), tags=["receipts"], problems=[404, 409]),
    get("/documents/{link}", follow_link, access=require(), tags=["documents"], problems=[404]),
)
