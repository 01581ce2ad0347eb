"""Flags for people: a real OpenFeature client asks a running host with the session of who signed in."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.flag_evaluation import FlagEvaluationDetails

from host.tests.real_servers import free_ports, serving
from portico.host.app import create_app
from portico.host.config import HostConfig
from portico.host.prepare import prepare

BULK = "/ofrep/v1/evaluate/flags"
RULES = [{"roles": ["operator"], "variant": "on"}, {"users": ["alan"], "variant": "on"}]
CLAIMED = EvaluationContext("alan", {"roles": ["operator"], "tenant": "north"})


@dataclass
class Site:
    url: str
    token: str

    async def put(self, key: str, rules: list[dict[str, Any]]) -> None:
        document = {
            "team": "sales", "variants": {"on": True, "off": False}, "defaultVariant": "off", "rules": rules,
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {self.token}", "If-None-Match": "*"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30) as http:
            answer = await http.put(f"/deploy/flags/{key}", json=document)
            assert answer.status_code == 201, answer.text

    async def sign_in(self, sub: str) -> dict[str, str]:
        """Sign in at the development provider; the Cookie header of the session."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, follow_redirects=True, timeout=30) as person:
            found = re.search(r'name="request" value="([^"]*)"', (await person.get("/auth/sign-in")).text)
            assert found
            done = await person.post("/dev-idp/pick", data={"request": html.unescape(found[1]), "sub": sub})
            assert done.status_code == 200
            return {"Cookie": f"portico={person.cookies['portico']}"}

    async def ask(
        self, key: str, headers: dict[str, str], context: EvaluationContext | None = None
    ) -> FlagEvaluationDetails[bool]:
        """Evaluate through OpenFeature's own client, which blocks."""
        domain = uuid4().hex
        api.set_provider_and_wait(OFREPProvider(self.url, headers_factory=lambda: headers, timeout=30), domain)
        client = api.get_client(domain)
        return await asyncio.to_thread(client.get_boolean_details, key, False, context)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    [port] = free_ports(1)
    config = HostConfig(base_url=f"http://127.0.0.1:{port}", data_dir=tmp_path / "data")
    await prepare(config, ())
    async with serving(create_app(config), port):
        yield Site(config.base_url, (config.data_dir / "deploy-token").read_text().strip())


async def test_a_session_decides_whatever_the_page_claims(site: Site) -> None:
    await site.put("banner", RULES)
    grace, ada, alan = [await site.sign_in(sub) for sub in ("grace", "ada", "alan")]
    for context in (None, EvaluationContext("ada"), CLAIMED):
        assert [(await site.ask("banner", who, context)).value for who in (grace, ada, alan)] == [True, False, True]
    nobody = await site.ask("banner", {}, CLAIMED)
    assert (nobody.value, nobody.variant, nobody.reason) == (False, "off", "DEFAULT")


async def test_a_share_follows_the_person_to_every_device(site: Site) -> None:
    """Two sessions of one person are one side; a browser that says its own key stays on one side too."""
    await site.put("half", [{"percentages": {"on": 50, "off": 50}}])
    here, there = await site.sign_in("ada"), await site.sign_in("ada")
    first = await site.ask("half", here)
    assert first.reason == "SPLIT"
    assert (await site.ask("half", there, CLAIMED)).variant == first.variant
    unknown = await site.ask("half", {})
    assert (unknown.value, unknown.error_code) == (False, "TARGETING_KEY_MISSING")
    browsers = [{"Cookie": f"portico-visitor={number:022d}"} for number in range(12)]
    sides = [(await site.ask("half", one)).variant for one in browsers]
    assert sides == [(await site.ask("half", one, CLAIMED)).variant for one in browsers]
    assert set(sides) == {"on", "off"}


async def test_signing_out_ends_what_the_person_had(site: Site) -> None:
    await site.put("banner", RULES)
    grace = await site.sign_in("grace")
    async with httpx.AsyncClient(base_url=site.url, headers=grace, timeout=30) as http:
        before = await http.post(BULK, json={})
        unchanged = await http.post(BULK, json={}, headers={"If-None-Match": before.headers["etag"]})
        assert unchanged.status_code == 304
        await http.post("/auth/sign-out", headers={"Sec-Fetch-Site": "same-origin", "X-Portico": "1"})
        after = await http.post(BULK, json={}, headers={"If-None-Match": before.headers["etag"]})
    assert [one["value"] for one in before.json()["flags"]] == [True]
    assert [one["value"] for one in after.json()["flags"]] == [False]


async def test_an_answer_is_for_one_person_and_of_this_site_alone(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url) as http:
        answer = await http.post(BULK, json={}, headers={"Origin": "https://elsewhere.example"})
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
        assert (await http.get(BULK)).status_code == 405
