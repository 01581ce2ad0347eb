"""Rows of the audit stay for a month at least, so nobody may write as many as they like."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from portico.audit import Wanted
from portico.host.audit.host_audit import HostAudit
from portico.host.sessions_database import open_sessions


@dataclass(frozen=True)
class Someone:
    sub: str
    id: str = "5" * 64
    tenant: str | None = None


async def test_a_person_who_is_refused_page_after_page_does_not_fill_the_audit_nor_hide_others(tmp_path: Path) -> None:
    database = await open_sessions(f"sqlite:///{tmp_path / 'sessions.db'}")
    try:
        audit = HostAudit(database, lambda: 1_800_000_000.0)
        for number in range(500):
            await audit.refused(Someone("eve"), "open", f"/reports/{number}", "role-required")
        await audit.refused(Someone("ada"), "open", "/reports/1", "role-required")
        eve = await audit.trail.find(Wanted(actor="eve"), limit=200)
        ada = await audit.trail.find(Wanted(actor="ada"), limit=200)
        assert 10 <= len(eve.items) < 200
        assert len(ada.items) == 1
    finally:
        await database.close()
