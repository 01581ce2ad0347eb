"""A BFF that folds in what others tell, and can be made to die between any two of its steps."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.applications import Starlette

from portico.bff import Call, EntityType, Event, Listener, NatsHub, ReceivedEvent, UnitOfWork, create_bff, public
from portico.bff.deliveries import Arrival, Consumer, Places, Reader
from portico.bff.entity import Reach
from portico.bff.hub import Message
from portico.bff.rest import get


class Thing(msgspec.Struct, frozen=True):
    """What another service owns."""

    number: int


class Heard(msgspec.Struct, frozen=True):
    """The numbers heard of one subject, in the order in which they took effect."""

    numbers: list[int]


class Echo(msgspec.Struct, frozen=True):
    """That a number was heard."""

    number: int


HEARD = EntityType("heard", Heard, reach=Reach.EVERYONE)


class Doom:
    """Kills this process at its n-th step; 0 never does."""

    def __init__(self, at: int) -> None:
        self._left = at

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class DoomedHub(NatsHub):
    """The real hub, with a step before and after everything that goes over the wire."""

    def __init__(self, url: str, doom: Doom) -> None:
        super().__init__(url, name="heard")
        self._doom = doom

    async def publish(self, message: Message) -> None:
        self._doom.step()
        await super().publish(message)
        self._doom.step()

    async def publish_batch(self, messages: Sequence[Message]) -> bool:
        self._doom.step()
        stored = await super().publish_batch(messages)
        self._doom.step()
        return stored

    async def read(self, consumer: Consumer, after: Places) -> Reader:
        return DoomedReader(await super().read(consumer, after), self._doom)


class DoomedReader(Reader):
    def __init__(self, reader: Reader, doom: Doom) -> None:
        self._reader = reader
        self._doom = doom

    @property
    def pending(self) -> int:
        return self._reader.pending

    async def next(self, most: int) -> Sequence[Arrival]:
        arrived = await self._reader.next(most)
        self._doom.step()
        return arrived

    async def close(self) -> None:
        await self._reader.close()


def hearing(doom: Doom) -> Listener:
    listener = Listener()

    @listener.on("thing.numbered", id="h1")
    async def hear(event: ReceivedEvent, uow: UnitOfWork) -> None:
        number = event.entity(Thing).number
        stored = await uow.get(HEARD, event.subject)
        await uow.put(HEARD, event.subject, Heard([*(stored.entity.numbers if stored else []), number]))
        uow.emit(Event("number.heard", event.subject, Echo(number)))
        uow.tell(person=event.subject, type="heard.number-heard", data={"number": number})
        doom.step()

    return listener


async def heard(call: Call) -> dict[str, list[int]]:
    """What was heard of every subject."""
    async with call.read() as uow:
        page = await uow.query(HEARD, limit=200)
    return {stored.key.pk: stored.entity.numbers for stored in page.items}


def create_app(settings: Mapping[str, str], **changes: Any) -> Starlette:
    doom = Doom(int(settings.get("DOOM", "0")))
    hub = DoomedHub(settings["NATS_URL"], doom)
    routes = [get("/heard", heard, access=public())]
    return create_bff(settings, routes=routes, listener=hearing(doom), hub=hub, **changes)
