"""`@portico/sdk/flags` and `/log` in a page of a real host: flags as it evaluates them, beacons that it takes."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page

from host.tests.real_servers import free_ports, serving
from portico.host.app import create_app
from portico.host.config import HostConfig
from portico.host.prepare import prepare

pytestmark = pytest.mark.asyncio(loop_scope="session")

FLAGS = "async () => { const { flags } = await import('@portico/sdk/flags'); %s }"
LOG = """async () => {
  const { log, measure } = await import('@portico/sdk/log');
  const { events } = await import('@portico/sdk');
  await measure('@home/lamps', 'count', () => 7);
  log.error('@home/lamps', new TypeError('dark'), { lamps: 3 });
  events.emit('failure', { app: '@home/rooms', slot: 'main', phase: 'mount', error: new Error('no door') });
  dispatchEvent(new PageTransitionEvent('pagehide'));
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[HostConfig]:
    [port] = free_ports(1)
    config = HostConfig(base_url=f"http://127.0.0.1:{port}", data_dir=tmp_path / "data")
    await prepare(config, ())
    async with serving(create_app(config), port):
        yield config


async def put(site: HostConfig, variant: str, **precondition: str) -> str:
    document = {"team": "home", "variants": {"on": "new", "off": "old"}, "defaultVariant": variant, "rules": []}
    token = (site.data_dir / "deploy-token").read_text().strip()
    async with httpx.AsyncClient(base_url=site.base_url, headers={"Authorization": f"Bearer {token}"}) as http:
        answer = await http.put("/deploy/flags/form", json=document, headers=precondition)
    assert answer.is_success, answer.text
    return answer.headers["etag"]


async def test_flags_are_the_hosts_and_follow_when_it_says_that_something_changed(page: Page, site: HostConfig) -> None:
    tag = await put(site, "off", **{"If-None-Match": "*"})
    await page.goto(site.base_url)
    assert await page.evaluate(FLAGS % "await flags.ready(); return flags.value('form', '')") == "old"
    await put(site, "on", **{"If-Match": tag})
    changed = """
        const { events } = await import('@portico/sdk');
        const heard = new Promise((resolve) => flags.subscribe(() => resolve(flags.value('form', ''))));
        events.emit('channel-changed', { revision: 0 });
        return heard;
    """
    assert await page.evaluate(FLAGS % changed) == "new"
    await page.reload()
    assert await page.evaluate(FLAGS % "return flags.value('form', '')") == "new"  # kept: known before anybody asked


async def test_what_pages_tell_is_in_the_hosts_log(
    page: Page, page_errors: list[str], site: HostConfig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portico.rum")
    await page.goto(site.base_url + "/?who=ada")
    async with page.expect_response("**/_portico/rum") as answer:
        await page.evaluate(LOG)
    assert (await answer.value).status == 204
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "portico.rum"]
    told = {line["message"]: line for line in lines}
    assert {"TypeError: dark", "Error: no door"} <= told.keys()
    assert told["TypeError: dark"]["fields"] == {"lamps": 3}
    assert (told["Error: no door"]["app"], told["Error: no door"]["fields"]) == ("@home/rooms", {"phase": "mount"})
    assert {line["path"] for line in lines} == {"/"}
    assert page_errors == []
