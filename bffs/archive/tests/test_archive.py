"""Receipts of orders that are over: whose they are, how they are had, and how long they are kept."""

import base64
import hashlib
from pathlib import Path

import httpx
import pytest

from archive_bff.app import create_app, documents_place, years
from archive_bff.documents import Documents
from archive_bff.filing import FORGET, Filing
from archive_bff.links import LIFETIME_S, Links
from archive_bff.model import RECEIPT
from archive_bff.pdf import receipt_pdf
from bffs.archive.tests.archive_world import CLOSED, order, over, receipts
from bffs.archive.tests.conftest import Run
from bffs.kit.tests.store_world import TestClock
from portico.bff import EntityStore, Event, Parts, SettingsError
from portico.bff.agenda import MIGRATIONS, Agenda
from portico.bff.testing.client import BffClient
from portico.bff.testing.events import received
from portico.bff.testing.hub import InMemoryHub


async def ends(hub: InMemoryHub, *events: Event) -> list[str]:
    """Orders are over, and their documents are filed."""
    for event in events:
        await hub.emit(event, service="fulfilment")
    for customer in {event.entity.customer for event in events}:  # type: ignore[attr-defined]
        mine = [event for event in events if event.entity.customer == customer]  # type: ignore[attr-defined]
        await hub.told(customer, count=len(mine))
    return [event.subject for event in events]


async def download(person: BffClient, receipt: str) -> httpx.Response:
    link = await person.post(f"/receipts/{receipt}/link")
    assert link.status_code == 200, link.text
    return await person.get(link.json()["path"])


async def test_a_person_has_the_documents_of_their_own_orders(
    ada: BffClient, alan: BffClient, bff_hub: InMemoryHub
) -> None:
    done, cancelled, others = await ends(bff_hub, over(), over(reason="expired"), over("alan"))
    mine = await receipts(ada)
    assert [(one["id"], one["status"], one["reason"], one["filed"]) for one in mine] == [
        (cancelled, "cancelled", "expired", True),
        (done, "completed", None, True),
    ]
    assert mine[0]["customer"] is None
    assert [one["id"] for one in await receipts(alan)] == [others]
    document = await download(ada, done)
    assert (document.status_code, document.headers["content-type"]) == (200, "application/pdf")
    assert document.headers["content-disposition"] == f'attachment; filename="receipt-{done}.pdf"'
    assert "no-store" in document.headers["cache-control"]
    assert document.content.startswith(b"%PDF-")
    assert (await ada.post(f"/receipts/{others}/link")).status_code == 404


async def test_an_auditor_sees_all_of_them(noor: BffClient, bff_hub: InMemoryHub) -> None:
    mine, others = await ends(bff_hub, over(), over("alan"))
    assert [(one["id"], one["customer"]) for one in await receipts(noor)] == [(others, "alan"), (mine, "ada")]
    assert (await download(noor, mine)).content.startswith(b"%PDF-")
    first = (await noor.get("/receipts", params={"limit": 1})).json()
    assert [one["id"] for one in await receipts(noor, limit=1, cursor=first["nextCursor"])] == [mine]


async def test_a_link_is_for_one_person_and_nobody_else(
    anybody: BffClient, ada: BffClient, alan: BffClient, noor: BffClient, bff_hub: InMemoryHub
) -> None:
    [receipt] = await ends(bff_hub, over())
    path = (await ada.post(f"/receipts/{receipt}/link")).json()["path"]
    assert (await ada.get(path)).status_code == 200
    for other in (alan, noor):
        answer = await other.get(path)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "link-ended")
    assert (await anybody.get(path)).status_code == 401
    head, _, signature = path.rpartition(".")
    body, strange = head.rpartition(".")[2], base64.urlsafe_b64encode(b'{"alg":"HS256","crit":5}').decode()
    for forged in (
        f"{head}.{signature[::-1]}", f"{head}.", "/documents/x", "/documents/a.b.c",
        f"/documents/{strange}.{body}.{signature}",
    ):  # fmt: skip
        assert (await ada.get(forged)).status_code == 404


async def test_links_end_and_hold_over_a_restart(store_url: str) -> None:
    store = await EntityStore.open(store_url, service="archive")
    link = (await Links.open(store)).sign("r-1", "ada", 1_000_000)
    again = await Links.open(store)
    assert again.read(link, "ada", 1_000_000 + LIFETIME_S * 1000 - 1) == "r-1"
    assert again.read(link, "ada", 1_000_000 + LIFETIME_S * 1000) is None
    assert again.read(link, "alan", 1_000_000) is None
    async with store.unit_of_work(None) as uow:
        assert (await uow.query(RECEIPT)).items == ()
    await store.close()


async def test_a_document_is_the_one_that_was_filed_or_none(
    ada: BffClient, bff_hub: InMemoryHub, tmp_path: Path
) -> None:
    [receipt] = await ends(bff_hub, over())
    [file] = (tmp_path / "documents").rglob("*.pdf")
    file.write_bytes(file.read_bytes() + b" ")
    assert (await download(ada, receipt)).status_code == 500


async def test_documents_are_there_after_a_restart(run: Run, bff_hub: InMemoryHub) -> None:
    async with run():
        [receipt] = await ends(bff_hub, over())
    async with run() as client:
        assert (await download(client.signed_in("ada"), receipt)).content.startswith(b"%PDF-")


async def test_a_bucket_keeps_them_as_well(run: Run, bff_hub: InMemoryHub, s3_place: str) -> None:
    async with run(ARCHIVE_DOCUMENTS=f"{s3_place.replace('s3://', 's3+http://')}/receipts") as client:
        [receipt] = await ends(bff_hub, over())
        assert (await download(client.signed_in("ada"), receipt)).content.startswith(b"%PDF-")


async def test_only_fulfilment_says_that_an_order_is_over(ada: BffClient, bff_hub: InMemoryHub) -> None:
    await bff_hub.emit(over(), service="kitchen")
    await bff_hub.settled()
    assert await receipts(ada) == []


async def test_a_store_of_documents_that_is_away_only_delays(store_url: str, tmp_path: Path) -> None:
    """The first attempt fails, the next one files it; and after the years it is gone, document and all."""
    clock = TestClock(int(CLOSED.timestamp() * 1000))
    store = await EntityStore.open(store_url, service="archive", migrations=MIGRATIONS, clock=clock)
    agenda, parts = Agenda(jitter=lambda: 1.0), Parts()
    filing = Filing(agenda, years=10)
    parts.add(store)
    blocked = tmp_path / "documents"
    documents = parts.add(Documents.at(str(blocked)))
    (blocked / "2026").write_text("in the way")
    event = over()
    await filing.listener.handle(store, received(event, service="fulfilment", timestamp=clock()))
    assert await agenda.run_due(parts) == 1
    (blocked / "2026").unlink()
    clock.advance(seconds=1)
    assert await agenda.run_due(parts) == 1
    async with store.system_unit_of_work("test") as uow:
        stored = await uow.get(RECEIPT, event.subject)
    assert stored is not None
    document = await documents.get(stored.entity.name)
    assert stored.entity.digest == hashlib.sha256(document).hexdigest()
    assert stored.owner == "ada"
    clock.advance(days=3659)
    assert await agenda.run_due(parts) == 0
    clock.advance(days=1)
    assert await agenda.run_due(parts) == 1
    assert list(blocked.rglob("*.pdf")) == []
    async with store.system_unit_of_work("test") as uow:
        assert await uow.get(RECEIPT, event.subject) is None
    await store.close()
    assert FORGET == "forget"


def test_a_document_made_again_is_the_same() -> None:
    receipt = order(reason="rejected")
    first = receipt_pdf(receipt, CLOSED)
    assert receipt_pdf(receipt, CLOSED) == first
    assert receipt_pdf(order(), CLOSED) != first


@pytest.mark.parametrize("setting", [{"ARCHIVE_YEARS": "0"}, {"ARCHIVE_YEARS": "101"}, {"ARCHIVE_YEARS": "ten"}])
def test_settings_that_make_no_sense_are_refused(bff_settings: dict[str, str], setting: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="ARCHIVE_YEARS"):
        create_app(bff_settings | setting)


def test_where_documents_are_kept() -> None:
    assert documents_place({"DATABASE_URL": "sqlite:////var/lib/a/bff.db"}) == "/var/lib/a/archive"
    assert documents_place({"DATABASE_URL": "postgresql://x", "ARCHIVE_DOCUMENTS": "s3://b"}) == "s3://b"
    with pytest.raises(SettingsError, match="ARCHIVE_DOCUMENTS"):
        documents_place({"DATABASE_URL": "postgresql://x"})
    assert years({}) == 10
