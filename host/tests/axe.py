"""What axe says against a page."""

from __future__ import annotations

from playwright.async_api import Page

from host.tests.runtime_site import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, { resultTypes: ['violations'] }))
  .violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(' ')}`)"""


async def violations(page: Page) -> list[str]:
    """Each broken rule with the first nodes that break it."""
    # What fades in, maybe just while axe looks, is judged as it will be.
    await page.emulate_media(reduced_motion="reduce")
    await page.evaluate(AXE.read_text())
    found: list[str] = await page.evaluate(RUN)
    return found
