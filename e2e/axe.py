"""What axe, and the width of the page, say against a view."""

from __future__ import annotations

from playwright.sync_api import Page

from e2e.stack import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, { resultTypes: ['violations'] }))
  .violations.map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map(({ html }) => html)])"""


def check(page: Page) -> None:
    """Neither axe violations nor sideways scrolling."""
    # What fades in, maybe just while axe looks, is judged as it will be.
    page.emulate_media(reduced_motion="reduce")
    # Through the debugger's own world: the page's policy refuses scripts that it did not bring.
    page.evaluate(AXE.read_text())
    assert page.evaluate(RUN) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
