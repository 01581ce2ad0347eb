"""A control service in small: a pair is joined when both halves are there, given up when the right one stays away."""

from collections.abc import Iterable
from typing import Any

import msgspec

from portico.bff import EntityStore, Event, Listener, Parts, ReceivedEvent
from portico.bff.agenda import MIGRATIONS, Agenda
from portico.bff.control import Case, Control
from portico.bff.testing.events import received

__all__ = ["MIGRATIONS", "PATIENCE_MS", "Half", "Pair", "World", "half", "outbox"]

PATIENCE_MS = 60_000
KEY = "018f0000-0000-7000-8000-000000000001"


class Half(msgspec.Struct, frozen=True):
    """One half of a pair."""

    word: str


class Pair(msgspec.Struct, frozen=True):
    """Both."""

    left: str
    right: str


class World:
    """The rules with their listener and agenda, as one application has them."""

    def __init__(self, store: EntityStore) -> None:
        self.store = store
        self.listener = Listener()
        self.agenda = Agenda(poll=60, jitter=lambda: 1.0)  # it looks again, which is a write, only behind a task
        self.parts = Parts()
        self.parts.add(store)
        self.control = Control("pair", self.listener, self.agenda)
        for side in ("left", "right"):
            self.control.collect(f"{side}.made", id=side, key=lambda event: event.subject)
        self.control.collect("cover.made", id="cover", key=lambda event: [event.subject, "covers"])
        self.control.expire("patience", _until)
        self.control.rule("join", when=_is_complete, final=True)(_join)
        self.control.rule("give-up", when=_is_late, final=True)(_give_up)
        self.control.rule("praise", when=lambda case: case.decided("join") and "cover.made" in case)(_praise)

    async def take(self, event: ReceivedEvent) -> int:
        return await self.listener.handle(self.store, event)

    async def case(self, key: str = KEY) -> Case:
        async with self.store.system_unit_of_work("test") as uow:
            return await self.control.read(uow, key)


def _until(case: Case) -> int | None:
    left = case.newest("left.made")
    return None if left is None or "right.made" in case else left.timestamp + PATIENCE_MS


def _is_complete(case: Case) -> bool:
    return "left.made" in case and "right.made" in case and not case.decided("give-up")


def _is_late(case: Case) -> bool:
    return case.expired("patience") and not case.decided("join")


def _join(case: Case) -> Iterable[Event]:
    left, right = (case.entity(f"{side}.made", Half).word for side in ("left", "right"))
    yield Event("pair.joined", case.key, Pair(left, right))


def _give_up(case: Case) -> Iterable[Event]:
    yield Event("pair.given-up", case.key, case.entity("left.made", Half))


def _praise(case: Case) -> Iterable[Event]:
    yield Event("pair.praised", case.key, case.entity("cover.made", Half))
    yield Event("pair.praised", case.key, Half("again"))


def half(side: str, word: str, timestamp: int = 1000, *, key: str = KEY) -> ReceivedEvent:
    return received(Event(f"{side}.made", key, Half(word)), timestamp=timestamp)


async def outbox(store: EntityStore) -> list[tuple[str, str, Any]]:
    """What was told: id, type and data, in no order."""
    rows = await store.database.read("SELECT envelope FROM outbox")
    envelopes = [msgspec.json.decode(str(row[0])) for row in rows]
    return sorted((one["id"], one["type"], one["data"]) for one in envelopes)
