"""OpenFeature's own client (the OFREP provider) against a deployer in a process of its own."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

from manifest.tests.deployer_processes import deployer
from portico.manifest import DeployToken, Manifest, issue_token

ADA = EvaluationContext("ada", {"roles": ["tester"], "plan": "pro"})
FLAGS: dict[str, dict[str, Any]] = {
    "banner": {"variants": {"on": True, "off": False}, "rules": [{"roles": ["tester"], "variant": "on"}]},
    "greeting": {"variants": {"off": "Hello", "on": "Grüß Gott"}, "rules": [{"users": ["ada"], "variant": "on"}]},
    "limit": {"variants": {"off": 5, "on": 50}, "rules": [{"attributes": {"plan": ["pro"]}, "variant": "on"}]},
    "ratio": {"variants": {"off": 0.5, "on": 0.75}, "rules": [{"channels": ["live"], "variant": "on"}]},
    "theme": {"variants": {"off": {}, "on": {"colour": "red"}}, "rules": [{"variant": "on"}]},
    "half": {"variants": {"on": True, "off": False}, "rules": [{"percentages": {"on": 50, "off": 50}}]},
}


async def token(folder: Path) -> str:
    async with await Manifest.open(f"sqlite:///{folder}/manifest.db", folder / "assets") as manifest:
        _, secret = await issue_token(
            manifest.store.access,
            "sales",
            label="server",
            lifetime=timedelta(hours=1),
            now=datetime.now(UTC),
            by=DeployToken.operator(),
        )
    return secret


@pytest.fixture
def http(tmp_path: Path) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {asyncio.run(token(tmp_path))}"}
    with deployer(tmp_path) as url, httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        for key, flag in FLAGS.items():
            made = client.put(
                f"/deploy/flags/{key}", json=flag | {"defaultVariant": "off"}, headers={"If-None-Match": "*"}
            )
            assert made.status_code == 201, made.text
        yield client


@pytest.fixture
def client(http: httpx.Client) -> OpenFeatureClient:
    provider = OFREPProvider(
        str(http.base_url), headers_factory=lambda: {"Authorization": http.headers["authorization"]}, timeout=60
    )
    api.set_provider_and_wait(provider, "server")
    return api.get_client("server")


def test_every_kind_of_value_is_evaluated(client: OpenFeatureClient) -> None:
    assert client.get_boolean_value("banner", False, ADA) is True
    assert client.get_string_value("greeting", "", ADA) == "Grüß Gott"
    assert client.get_integer_value("limit", 0, ADA) == 50
    assert client.get_float_value("ratio", 0.0, ADA) == 0.75
    assert client.get_object_value("theme", {}, ADA) == {"colour": "red"}
    nobody = EvaluationContext()
    assert client.get_boolean_value("banner", True, nobody) is False
    assert client.get_string_value("greeting", "", nobody) == "Hello"


def test_reasons_and_errors_are_what_the_client_knows(http: httpx.Client, client: OpenFeatureClient) -> None:
    details = client.get_boolean_details("banner", False, ADA)
    assert (details.variant, details.reason, details.error_code) == ("on", "TARGETING_MATCH", None)
    assert client.get_boolean_details("banner", False).reason == "DEFAULT"
    assert client.get_boolean_details("half", False, ADA).reason == "SPLIT"
    unknown = client.get_boolean_details("other", True, ADA)
    assert (unknown.value, unknown.error_code) == (True, "FLAG_NOT_FOUND")
    assert client.get_boolean_details("half", False).error_code == "TARGETING_KEY_MISSING"
    assert client.get_string_details("banner", "", ADA).error_code == "TYPE_MISMATCH"
    wrong = EvaluationContext("ada", {"roles": "tester"})
    assert client.get_boolean_details("banner", False, wrong).error_code == "INVALID_CONTEXT"
    off = http.put(
        "/deploy/flags/banner",
        json=FLAGS["banner"] | {"defaultVariant": "off", "enabled": False},
        headers={"If-Match": '"1"'},
    )
    assert off.status_code == 200
    assert client.get_boolean_details("banner", True, ADA).reason == "DISABLED"
    assert client.get_boolean_value("banner", True, ADA) is False


def test_a_share_is_kept_when_it_is_raised(http: httpx.Client, client: OpenFeatureClient) -> None:
    """Through the wire: of 60 people, whoever has the flag at 20 % has it at 60 %, and at every asking."""

    def having() -> set[str]:
        return {who for who in map(str, range(60)) if client.get_boolean_value("half", False, EvaluationContext(who))}

    def share(percent: int, revision: int) -> None:
        rules = [{"percentages": {"on": percent, "off": 100 - percent}}]
        changed = http.put(
            "/deploy/flags/half",
            json=FLAGS["half"] | {"defaultVariant": "off", "rules": rules},
            headers={"If-Match": f'"{revision}"'},
        )
        assert changed.status_code == 200

    share(20, 1)
    some = having()
    assert having() == some
    share(60, 2)
    more = having()
    assert some < more
    assert 0 < len(some) < len(more) < 60
