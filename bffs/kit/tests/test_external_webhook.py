"""A webhook is taken once, whoever repeats it and however many come together."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import msgspec
import pytest
from starlette.applications import Starlette

from bffs.kit.tests.store_world import NOTE, Note
from portico.bff import EntityStore, Event, Parts, SettingsError, UnitOfWork, create_bff, new_id
from portico.bff.external import WebhookMessage, new_webhook_secret, sign, webhook
from portico.bff.ids import system_clock
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer

SECRET, OLD = new_webhook_secret(), new_webhook_secret()


async def take(message: WebhookMessage, uow: UnitOfWork) -> None:
    """Every taking makes a row of its own, so that a second one would be seen."""
    note = message.entity(Note)
    await uow.put(NOTE, new_id(), note, owner="ada")
    uow.emit(Event("note.told", new_id(), note))


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_AA==", "hunter2!", "whsec_!!!!", "abc", "sk_live_123456789012345678901234567890"]
)
def test_what_is_no_secret_is_refused_at_the_start(secret: str) -> None:
    with pytest.raises(SettingsError, match="whsec_ and 24 to 64 bytes"):
        webhook("/hooks/notes", take, secrets=[SECRET, secret])


async def test_repetitions_and_equals_in_parallel_are_taken_once_and_told_as_one_event(
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    bff_hub: InMemoryHub,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
) -> None:
    route = webhook("/hooks/notes", take, secrets=[SECRET, OLD])
    app = create_bff(bff_settings, routes=[route], hub=bff_hub, keys=token_issuer.keys())
    async with bff_client(app) as client:

        async def send(id_: str, text: str, secret: str = SECRET) -> int:
            body = msgspec.json.encode(Note(text))
            headers = sign(secret, id_, system_clock(), body)
            return (await client.post("/hooks/notes", content=body, headers=headers)).status_code

        assert await asyncio.gather(*(send("m-1", "one") for _ in range(5))) == [204] * 5
        assert [await send("m-1", "one"), await send("m-2", "two", OLD)] == [204, 204]
        assert await send("m-3", "three", new_webhook_secret()) == 401
        told = await bff_hub.published("note.told", 2)
        assert [event.entity(Note).text for event in told] == ["one", "two"]
        parts: Parts = app.state.parts
        async with parts.get(EntityStore).system_unit_of_work("test") as uow:
            assert [stored.entity.text for stored in (await uow.query(NOTE)).items] == ["one", "two"]
