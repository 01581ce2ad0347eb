"""`portico doctor` and the shells' completion, as processes against a host that serves."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey

from host.tests.rollout_world import RolloutWorld, rollout_world
from portico.host.config import ProviderConfig
from portico.host.session.diagnosis import issuer_diagnosis
from portico.host.session.provider import Provider, ProviderHttp

KEY = ECKey.generate_key("P-256", {"kid": "1", "use": "sig", "alg": "ES256"})
PORTICO = Path(sys.executable).with_name("portico")


async def portico(*arguments: str, code: int = 0) -> str:
    """What the command prints; it ends with `code`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
    process = await asyncio.create_subprocess_exec(
        PORTICO, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    out, error = await process.communicate()
    assert process.returncode == code, (out, error)
    return out.decode()


async def doctor(world: RolloutWorld, *, code: int = 0) -> dict[str, dict[str, Any]]:
    """Its checks by name."""
    token = (world.config.data_dir / "deploy-token").read_text().strip()
    document = json.loads(await portico("doctor", "--url", world.url, "--token", token, "--json", code=code))
    assert document["ok"] == (code == 0)
    return {check["name"]: check for check in document["checks"]}


async def test_a_host_that_is_well_is_told_part_by_part(tmp_path: Path) -> None:
    async with rollout_world(tmp_path) as world:
        await world.promote(await world.shop("1"))
        checks = await doctor(world)
    assert {name: check["state"] for name, check in checks.items()} == {
        "reachable": "ok",
        "versions": "ok",
        "name": "ok",
        "token": "ok",
        "clock": "ok",
        "database": "ok",
        "sign-in": "warn",
        "security.txt": "warn",
        "event hub": "warn",
        "bff shop 1.0.0": "ok",
        "worker": "ok",
        "page headers": "ok",
    }
    assert "PORTICO_SECURITY_CONTACT" in checks["security.txt"]["next"]
    assert "OIDC_ISSUER" in checks["sign-in"]["next"]
    assert "NATS_URL" in checks["event hub"]["next"]


async def test_a_bff_that_is_away_fails_with_what_to_do(tmp_path: Path) -> None:
    async with rollout_world(tmp_path) as world:
        app = {"name": "@team/notes", "version": "1.0.0", "bff": {"url": "http://127.0.0.1:9"}}
        await world.promote(await world.publish({"app.json": app}))
        check = (await doctor(world, code=1))["bff notes 1.0.0"]
    assert check["state"] == "fail"
    assert "PORTICO_BFF_URLS" in check["next"]


async def test_a_provider_that_is_away_fails_with_what_to_do(tmp_path: Path) -> None:
    provider = ProviderConfig(issuer="http://127.0.0.1:9", client_id="portico", client_secret="none")
    async with rollout_world(tmp_path, provider=provider) as world:
        check = (await doctor(world, code=1))["issuer"]
    assert check["state"] == "fail"
    assert "http://127.0.0.1:9/.well-known/openid-configuration" in check["detail"]
    assert "OIDC_ISSUER" in check["next"]


@pytest.mark.parametrize(
    ("discovery", "keys", "state", "detail"),
    [
        ({}, {"keys": [KEY.as_dict(private=False)]}, "ok", "describes itself, and publishes 1 key"),
        ({"issuer": "http://localhost/other"}, {"keys": []}, "fail", "is about the issuer 'http://localhost/other'"),
        ({"jwks_uri": 7}, {"keys": []}, "fail", "jwks_uri"),
        ({}, {"keys": []}, "fail", "http://localhost/keys holds no key for any of"),
        ({}, [], "fail", ""),
    ],
)
async def test_what_is_wrong_with_a_provider_is_said(
    discovery: dict[str, Any], keys: object, state: str, detail: str
) -> None:
    issuer = "http://localhost"
    endpoints = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
    described = {"issuer": issuer, **{name: issuer + path for name, path in endpoints.items()}, **discovery}
    documents = {"/.well-known/openid-configuration": described, "/keys": keys}
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json=documents[request.url.path]))
    told = await issuer_diagnosis(Provider(issuer, http=ProviderHttp(issuer, transport), clock=time.time))
    assert told.state == state
    assert detail in told.detail


async def test_a_token_that_is_not_known_and_a_name_that_is_not_its_own(tmp_path: Path) -> None:
    async with rollout_world(tmp_path) as world:
        out = await portico("doctor", "--url", world.url, "--token", "portico_wrong", code=1)
        assert "fail  token: this deploy token is not known here" in out
        assert "next: ask an operator" in out
        other = world.url.replace("127.0.0.1", "127.0.0.2")
        out = await portico("doctor", "--url", other, "--token", "portico_wrong", code=5)
        assert "fail  " in out


async def test_nobody_there_is_exit_code_5() -> None:
    out = await portico("doctor", "--url", "http://127.0.0.1:9", "--token", "t", code=5)
    assert "fail  reachable: no answer from http://127.0.0.1:9" in out


@pytest.mark.parametrize(("shell", "line"), [("bash", "portico rel"), ("zsh", "portico rel"), ("fish", "portico rel")])
async def test_a_shell_is_given_what_completes_its_commands(shell: str, line: str) -> None:
    script = await portico("completion", shell)
    assert f"_PORTICO_COMPLETE={shell}_complete" in script
    asked = {
        "_PORTICO_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": "rel" if shell == "fish" else "1",
    }
    process = await asyncio.create_subprocess_exec(PORTICO, stdout=subprocess.PIPE, env={**os.environ, **asked})
    out, _ = await process.communicate()
    assert "releases" in out.decode()


@pytest.mark.parametrize("shell", ["bash"])
async def test_the_script_is_one_that_the_shell_reads(shell: str, tmp_path: Path) -> None:
    script = tmp_path / "completion"
    script.write_text(await portico("completion", shell))
    process = await asyncio.create_subprocess_exec(shell, "-n", str(script))
    assert await process.wait() == 0
