"""An auditor sees what a person did, and what they were refused; nobody else does."""

from __future__ import annotations

import csv
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import expect

from e2e.api import SUBMIT, Api
from e2e.axe import check
from e2e.pages.audit import AuditPage
from e2e.pages.shell import Shell
from e2e.tests.conftest import NewPerson


def test_an_auditor_sees_what_a_person_did(person: NewPerson, tmp_path: Path) -> None:
    ada = person("Ada Lovelace")
    order = Api(ada).graphql(SUBMIT, {"input": Api(ada).fill_basket()}, key=str(uuid4())).json()
    order_id = order["data"]["submitOrder"]["id"]
    ada.goto("/audit")
    expect(ada.get_by_role("heading", level=1)).to_have_text("This page is not open to you")
    expect(Shell(ada).navigation.get_by_role("link", name="Audit")).to_have_count(0)
    assert Api(ada).get("/checkout/audit").status == 403

    noor = person("Noor Haddad", color_scheme="dark", accept_downloads=True)
    Shell(noor).go("Audit")
    audit = AuditPage(noor).look_for(who="ada").settled()
    expect(audit.row("put", order_id, "checkout").first).to_be_visible()
    expect(audit.row("sign-in", "session", "host").first).to_be_visible()
    expect(audit.row("open, refused", "/audit", "host").first).to_be_visible()
    expect(audit.row("call, refused", "read_audit", "checkout").first).to_be_visible()
    check(noor)

    audit.look_for(who="ada", outcome="refused").settled()
    expect(audit.row("put")).to_have_count(0)
    expect(audit.row("open, refused").first).to_be_visible()
    noor.set_viewport_size({"width": 320, "height": 640})
    check(noor)

    audit.look_for(who="", entity=order_id, outcome="").settled()
    with noor.expect_download() as download:
        audit.export.click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert {("ada", "put", "allowed", order_id)} <= {
        (row["actor"], row["action"], row["outcome"], row["key"]) for row in rows
    }
    audit.look_for(who="noor", entity="", outcome="").settled()
    expect(audit.row("read", f"entity={order_id}", "checkout").first).to_be_visible()
