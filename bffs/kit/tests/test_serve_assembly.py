"""Settings, parts and mounting of a BFF."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bffs.kit.tests import notes_bff
from portico.bff import BffSettings, Parts, create_bff
from portico.bff.errors import DeclarationError, SettingsError
from portico.bff.store import EntityStore
from portico.bff.testing.tokens import TokenIssuer

GOOD = {
    "PORTICO_APP": "notes",
    "PORTICO_ISSUER": "https://a.test, https://b.test,",
    "PORTICO_JWKS_URL": "https://a.test/jwks.json",
    "DATABASE_URL": "sqlite:////tmp/notes.db",
}


def test_settings_have_defaults_for_what_may_be_left_out() -> None:
    settings = BffSettings.from_mapping(GOOD)
    assert settings == BffSettings(
        app="notes",
        issuers=frozenset({"https://a.test", "https://b.test"}),
        jwks_url="https://a.test/jwks.json",
        audience="urn:portico:bff:notes",
        database_url="sqlite:////tmp/notes.db",
    )
    assert (settings.nats_url, settings.region, settings.demo, settings.introspection) == (None, "local", False, False)


def test_settings_are_read_from_their_keys() -> None:
    settings = BffSettings.from_mapping(
        GOOD
        | {
            "PORTICO_AUDIENCE": "me",
            "NATS_URL": "nats://hub",
            "PORTICO_REGION": "west",
            "PORTICO_DEMO": "1",
            "PORTICO_INTROSPECTION": "yes",
            "PORTICO_TOKEN_ALGORITHMS": "ES256, PS256",
        }
    )
    assert (settings.audience, settings.nats_url, settings.region) == ("me", "nats://hub", "west")
    assert settings.demo
    assert settings.introspection
    assert settings.algorithms == {"ES256", "PS256"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"PORTICO_APP": " "}, "PORTICO_APP is not set"),
        ({"PORTICO_DEMO": "perhaps"}, "PORTICO_DEMO is 'perhaps'; it must be 1 or 0"),
        ({"PORTICO_JWKS_URL": "file:///etc/passwd"}, "must be an http"),
        ({"PORTICO_JWKS_URL": "http://["}, "must be an http"),
        ({"PORTICO_JWKS_URL": "http://keys.test/"}, "keys must come over https"),
        ({"PORTICO_TOKEN_ALGORITHMS": "HS256"}, "PORTICO_TOKEN_ALGORITHMS: Token algorithms must be some of"),
        ({"PORTICO_ISSUER": " , "}, "PORTICO_ISSUER is not set"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(changes: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        BffSettings.from_mapping(GOOD | changes)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/k", "http://[::1]:8080/k", "http://localhost/k"])
def test_keys_may_come_in_the_clear_from_this_machine(url: str) -> None:
    assert BffSettings.from_mapping(GOOD | {"PORTICO_JWKS_URL": url}).jwks_url == url


def test_keys_may_come_in_the_clear_from_elsewhere_only_when_said_so() -> None:
    settings = {"PORTICO_JWKS_URL": "http://keys.test/", "PORTICO_INSECURE_JWKS": "1"}
    assert BffSettings.from_mapping(GOOD | settings).jwks_url == "http://keys.test/"


class Engine:
    """A part that knows whether it runs."""

    running = False


async def test_parts_open_after_the_store_in_order_and_close_in_reverse(bff_settings: dict[str, str]) -> None:
    happened: list[str] = []

    @asynccontextmanager
    async def first(parts: Parts) -> AsyncIterator[Engine]:
        assert EntityStore in parts
        happened.append("first opens")
        yield Engine()
        happened.append("first closes")

    @asynccontextmanager
    async def second(parts: Parts) -> AsyncIterator[None]:
        assert Engine in parts
        happened.append("second opens")
        yield
        happened.append("second closes")

    app = create_bff(bff_settings, parts=[first, second])
    assert happened == []
    async with app.router.lifespan_context(app):
        assert happened == ["first opens", "second opens"]
    assert happened == ["first opens", "second opens", "second closes", "first closes"]


async def test_a_part_that_fails_to_open_closes_those_before_it(bff_settings: dict[str, str]) -> None:
    closed = []

    @asynccontextmanager
    async def first(parts: Parts) -> AsyncIterator[None]:
        try:
            yield
        finally:
            closed.append("first")

    @asynccontextmanager
    async def second(parts: Parts) -> AsyncIterator[None]:
        raise OSError("broken")
        yield

    app = create_bff(bff_settings, parts=[first, second])
    with pytest.raises(OSError, match="broken"):
        async with app.router.lifespan_context(app):
            pass
    assert closed == ["first"]


def test_a_part_is_had_by_its_type_and_only_once() -> None:
    parts = Parts()
    engine = parts.add(Engine())
    assert parts.get(Engine) is engine
    with pytest.raises(DeclarationError, match="already a part of type Engine"):
        parts.add(Engine())
    with pytest.raises(DeclarationError, match="no part of type dict"):
        parts.get(dict)


async def test_it_works_mounted_below_a_path(token_issuer: TokenIssuer, bff_settings: dict[str, str]) -> None:
    bff = notes_bff.create_app(bff_settings, keys=token_issuer.keys())
    outer = Starlette(routes=[Mount("/api/notes", app=bff)])
    transport = httpx.ASGITransport(outer)
    headers = token_issuer.headers("ada")
    async with (
        bff.router.lifespan_context(bff),
        httpx.AsyncClient(transport=transport, base_url="http://host", headers=headers) as mounted,
        httpx.AsyncClient(transport=httpx.ASGITransport(bff), base_url="http://bff", headers=headers) as direct,
    ):
        key = {"Idempotency-Key": "k1"}
        first = await mounted.post("/api/notes/notes", json={"text": "hi"}, headers=key)
        assert first.status_code == 201
        again = await direct.post("/notes", json={"text": "hi"}, headers=key)
        assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
        assert (await mounted.get("/api/notes/notes")).json() == {"items": [first.json()]}
        answer = await mounted.post("/api/notes/graphql", json={"query": "{ notes { text } }"})
        assert answer.json() == {"data": {"notes": [{"text": "hi"}]}}
        assert (await mounted.get("/api/notes/openapi.json")).json()["servers"] == [{"url": "/api/notes"}]
        assert (await direct.get("/openapi.json")).json()["servers"] == [{"url": "/"}]
        assert (await mounted.get("/api/notes/nowhere")).status_code == 404
