"""A BFF in a process of its own, over real HTTP, with the issuer's keys fetched from another server."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from bffs.kit.tests import bff_process
from bffs.kit.tests.bff_process import TARGET, start
from bffs.kit.tests.issuer_server import published_keys
from bffs.kit.tests.token_attacks import ATTACKS
from portico.bff.errors import SettingsError
from portico.bff.serve import load
from portico.bff.testing.tokens import TokenIssuer


@pytest.fixture
def jwks_url(token_issuer: TokenIssuer) -> Iterator[str]:
    """The issuer's keys on loopback."""

    with published_keys(token_issuer) as url:
        yield url


@pytest.fixture
def environment(bff_settings: dict[str, str], jwks_url: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | bff_settings | {"PORTICO_JWKS_URL": jwks_url}


@contextlib.asynccontextmanager
async def serving(environment: dict[str, str]) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    async with (
        bff_process.serving(environment) as (process, address),
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        yield process, client


async def test_forged_tokens_are_refused_by_a_bff_in_its_own_process(
    environment: dict[str, str], token_issuer: TokenIssuer
) -> None:
    async with serving(environment) as (_, client):
        good = await client.get("/notes", headers=token_issuer.headers("ada"))
        assert (good.status_code, good.json()) == (200, {"items": []})
        for name, forge in ATTACKS.items():
            headers = {"Authorization": f"Bearer {forge(token_issuer)}".strip()}
            for response in (
                await client.get("/notes", headers=headers),
                await client.post("/graphql", json={"query": "{ notes { id } }"}, headers=headers),
            ):
                assert response.status_code == 401, name
                assert response.headers["www-authenticate"].startswith("Bearer"), name
                assert response.headers["content-type"] == "application/problem+json", name
        assert (await client.get("/notes")).status_code == 401


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_cleanly_when_told_to_and_keeps_what_it_answered(
    number: signal.Signals, environment: dict[str, str], token_issuer: TokenIssuer
) -> None:
    headers = token_issuer.headers("ada") | {"Idempotency-Key": "k1"}
    async with serving(environment) as (process, client):
        first = await client.post("/notes", json={"text": "kept"}, headers=headers)
        assert first.status_code == 201
        process.send_signal(number)
        assert await process.wait() == 0
        assert process.stderr is not None
        assert b"Traceback" not in await process.stderr.read()
    async with serving(environment) as (_, client):
        again = await client.post("/notes", json={"text": "kept"}, headers=headers)
        assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")


async def test_an_answered_command_outlives_sigkill(environment: dict[str, str], token_issuer: TokenIssuer) -> None:
    headers = token_issuer.headers("ada")
    async with serving(environment) as (process, client):
        await client.post("/notes", json={"text": "kept"}, headers=headers)
        process.kill()
        await process.wait()
    async with serving(environment) as (_, client):
        assert [note["text"] for note in (await client.get("/notes", headers=headers)).json()["items"]] == ["kept"]


async def refusal_of(environment: dict[str, str], *arguments: str) -> str:
    process = await start(environment, *arguments)
    output, errors = await process.communicate()
    assert process.returncode == 2
    assert output == b""
    assert b"Traceback" not in errors
    return errors.decode().strip()


async def test_missing_settings_are_named_all_at_once_in_one_sentence(environment: dict[str, str]) -> None:
    bare = {name: value for name, value in environment.items() if name in {"PATH", "HOME"}}
    assert await refusal_of(bare, TARGET) == (
        "This BFF cannot start: PORTICO_APP is not set; PORTICO_ISSUER is not set; PORTICO_JWKS_URL is not set; "
        "DATABASE_URL is not set."
    )


async def test_a_database_that_cannot_be_opened_is_a_sentence(environment: dict[str, str]) -> None:
    assert "oracle" in await refusal_of(environment | {"DATABASE_URL": "oracle://x"}, TARGET, "--port", "0")


async def test_a_port_that_is_taken_is_a_sentence(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert await refusal_of(environment, TARGET, "--port", port) == (
            f"Port {port} on 127.0.0.1 cannot be used: Address already in use."
        )


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("notes", "module:callable"),
        (":create_app", "module:callable"),
        ("no_such_module:create_app", "no module 'no_such_module'"),
        ("bffs.kit.tests.notes_bff:nothing", "no callable 'nothing'"),
        ("bffs.kit.tests.notes_bff:__name__", "no callable '__name__'"),
    ],
)
def test_a_target_that_is_no_bff_is_a_sentence(target: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load(target)
