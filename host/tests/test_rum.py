"""What pages tell of themselves: written down as lines of JSON, counted, and held to bounds."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from portico.host.peers import Peers
from portico.host.rum import PATH, Counts, RumEndpoint
from portico.host.rum.counts import Label
from portico.problem import exception_handlers

HOST = "http://portico.test"
OURS = {"Sec-Fetch-Site": "same-origin"}
RECORD = {"kind": "log", "app": "@home/lamps", "level": "warn", "message": "A lamp flickers", "at": 120.5}


@dataclass
class World:
    counts: Counts = field(default_factory=Counts)
    now: float = 0.0

    async def apps(self) -> frozenset[str]:
        return frozenset({"@home/lamps"})

    def client(self) -> httpx.AsyncClient:
        endpoint = RumEndpoint(self.counts, base_url=HOST, peers=Peers(()), apps=self.apps, clock=lambda: self.now)
        app = Starlette(routes=endpoint.routes, exception_handlers=exception_handlers)
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HOST, headers=OURS)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def page(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


def batch(*records: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"path": "/lamps", "revision": 7, "records": list(records or (RECORD,)), **more}


async def test_records_become_lines_of_json_and_counts(
    world: World, page: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portico.rum")
    measured = {**RECORD, "kind": "measure", "level": "info", "ms": 41.5, "fields": {"rows": 3}}
    answer = await page.post(PATH, json=batch(RECORD, measured, dropped=2))
    assert answer.status_code == 204
    levels = [record.levelno for record in caplog.records]
    lines = [json.loads(record.getMessage()) for record in caplog.records]
    assert levels == [logging.WARNING, logging.INFO]
    assert lines == [{"event": "rum", "path": "/lamps", "revision": 7, **one} for one in (RECORD, measured)]
    assert world.counts.lines == {Label("@home/lamps", "warn"): 1, Label("@home/lamps", "info"): 1}
    assert (world.counts.dropped, world.counts.refused) == (2, 0)


async def test_one_record_is_one_line_whatever_it_says(
    page: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody writes a line of their own into the log."""
    forged = {**RECORD, "message": 'x"}\n{"event": "rum", "level": "error"}\r\x1b[2J\u2028\x9b2J\x85\u202e'}
    assert (await page.post(PATH, json=batch(forged))).status_code == 204
    (record,) = caplog.records
    said = record.getMessage()
    assert said.isascii()
    assert said.isprintable()
    assert json.loads(said)["message"] == forged["message"]


async def test_apps_that_are_not_there_are_counted_as_one(world: World, page: httpx.AsyncClient) -> None:
    for number in range(5):
        await page.post(PATH, json=batch({**RECORD, "app": f"@made/up{number}"}))
    assert world.counts.lines == {Label("other", "warn"): 5}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "truncated"),
        (batch({**RECORD, "level": "fatal"}), "$.records[0].level"),
        (batch({**RECORD, "message": "x" * 501}), "$.records[0].message"),
        (batch({**RECORD, "fields": {f"f{number}": 1 for number in range(13)}}), "$.records[0].fields"),
        (batch({**RECORD, "fields": {"who": ["ada"]}}), "$.records[0].fields"),
        (batch(*[RECORD] * 51), "$.records"),
        ({"path": "/", "revision": 1, "records": []}, "$.records"),
        (b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "nested too deeply"),
        (b'{"path":"\xff"}', "not UTF-8"),
    ],
)
async def test_what_is_no_batch_is_refused_with_its_place(
    world: World, page: httpx.AsyncClient, body: Any, why: str
) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await page.post(PATH, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert why in answer.json()["errors"][0]["detail"]
    assert (dict(world.counts.lines), world.counts.refused) == ({}, 1)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_other_sites_and_other_types_are_refused(
    page: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    given = {"Content-Type": "application/json", **headers}
    assert (await page.post(PATH, content=json.dumps(batch()), headers=given)).status_code == status


async def test_an_old_browser_says_by_its_origin_where_it_is(world: World) -> None:
    async with world.client() as client:
        del client.headers["Sec-Fetch-Site"]
        assert (await client.post(PATH, json=batch(), headers={"Origin": HOST})).status_code == 204
        assert (await client.post(PATH, json=batch(), headers={"Origin": "http://other.test"})).status_code == 403
        assert (await client.post(PATH, json=batch())).status_code == 403


async def test_more_than_a_beacon_holds_and_more_than_pages_send_is_refused(
    world: World, page: httpx.AsyncClient
) -> None:
    large = await page.post(PATH, content=b" " * 70_000, headers={"Content-Type": "application/json"})
    assert large.status_code == 413
    answers = [(await page.post(PATH, json=batch())).status_code for _ in range(25)]
    assert answers.count(204) == 19
    assert answers[-1] == 429
    world.now = 60.0
    assert (await page.post(PATH, json=batch())).status_code == 204
