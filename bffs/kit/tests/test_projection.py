"""A projection is built anew beside the live one: readers see the old or the new, and each event is taken once."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bffs.kit.tests.listener_world import Slept, Thing, thing
from bffs.kit.tests.store_world import NOTE, Note, nats_server
from portico.bff import Listener, ReceivedEvent, UnitOfWork
from portico.bff.deliveries import Consumer, Position
from portico.bff.errors import DeclarationError
from portico.bff.events import Event
from portico.bff.faults import faults
from portico.bff.hub import NatsHub
from portico.bff.intake import Intake
from portico.bff.projection import Past, Rebuild, past_of
from portico.bff.store import EntityStore
from portico.bff.testing.events import told_by
from portico.bff.testing.hub import InMemoryHub


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


def joining(mark: str) -> Listener:
    """Joins what it hears of a subject; the mark says which version of the rule it was."""
    listener = Listener()

    @listener.on("thing.changed", id="join")
    async def join(event: ReceivedEvent, uow: UnitOfWork) -> None:
        name = event.entity(Thing).name
        if name == "bad":
            raise ZeroDivisionError
        stored = await uow.get(NOTE, event.subject)
        await uow.put(NOTE, event.subject, Note((stored.entity.text if stored else mark) + name), owner="ada")
        uow.emit(Event("note.joined", event.subject, Note(name)))

    return listener


async def texts(store: EntityStore) -> dict[str, str]:
    async with store.system_unit_of_work("test") as uow:
        return {stored.key.pk: stored.entity.text for stored in (await uow.query(NOTE)).items}


async def counted(store: EntityStore, table: str) -> int:
    rows = await store.system_database("test").read(f"SELECT count(*) FROM {table}")
    return int(str(rows[0][0]))


async def listened(listener: Listener, store: EntityStore, hub: InMemoryHub) -> None:
    reading = Intake(listener, store, hub, sleep=Slept())
    reading.start()
    await hub.settled()
    await reading.stop()


class Died(Exception):
    """The process ends here."""


def rebuild(listener: Listener, store: EntityStore) -> Rebuild:
    return Rebuild(listener, store, "g2", rules=["join"], kinds=[NOTE])


async def test_the_rule_of_today_makes_all_rows_anew_and_says_nothing(store: EntityStore) -> None:
    hub = InMemoryHub()
    for n in range(30):
        await hub.emit(thing(chr(97 + n % 26), f"t{n % 3}"))
    await listened(joining("old:"), store, hub)
    before = await texts(store)
    assert before["t0"].startswith("old:")
    told = await counted(store, "outbox")
    await rebuild(joining("new:"), store).run(past_of(hub))
    assert await texts(store) == {key: text.replace("old:", "new:") for key, text in before.items()}
    assert (await counted(store, "outbox"), await counted(store, "inbox")) == (told, 30)
    await hub.emit(thing("!", "t0"))
    await listened(joining("new:"), store, hub)
    assert (await texts(store))["t0"] == before["t0"].replace("old:", "new:") + "!"
    assert await counted(store, "inbox") == 31


async def test_what_comes_while_it_is_built_is_in_the_new_rows_too(store: EntityStore) -> None:
    """The live rule takes an event after the rebuild has read on; the swap must not lose it."""
    hub, live = InMemoryHub(), joining("new:")
    for name in "abc":
        await hub.emit(thing(name))
    await listened(live, store, hub)
    same = InMemoryHub()  # the same messages, read by others
    same.messages = hub.messages
    plain, late = past_of(same), list("de")

    async def past(consumer: Consumer, after: Position) -> AsyncIterator[tuple[Position, Sequence[ReceivedEvent]]]:
        async for portion in plain(consumer, after):
            yield portion
            if late:
                await hub.emit(thing(late.pop(0)))
                await listened(live, store, hub)

    await rebuild(live, store).run(past)
    await listened(live, store, hub)
    assert await texts(store) == {"t1": "new:abcde"}
    assert await counted(store, "inbox") == 5


async def test_it_goes_on_where_it_was_after_a_crash_at_any_portion(store: EntityStore) -> None:
    hub, live = InMemoryHub(), joining("new:")
    for name in "abcdef":
        await hub.emit(thing(name))
    await listened(joining("old:"), store, hub)

    def dying(after: int) -> Past:
        async def past(
            consumer: Consumer, position: Position
        ) -> AsyncIterator[tuple[Position, Sequence[ReceivedEvent]]]:
            async for end, events in past_of(hub)(consumer, position):
                for n, event in enumerate(events):
                    if n == after:
                        raise Died
                    yield Position(seq=end.seq - len(events) + n + 1), [event]

        return past

    for after in (0, 1, 2):
        with pytest.raises(Died):
            await rebuild(live, store).run(dying(after))
        assert await texts(store) == {"t1": "old:abcdef"}
    await rebuild(live, store).run(past_of(hub))
    assert await texts(store) == {"t1": "new:abcdef"}


async def test_an_event_that_fails_again_is_a_fault_and_the_others_are_there(store: EntityStore) -> None:
    hub = InMemoryHub()
    for name in ("a", "bad", "b"):
        await hub.emit(thing(name))
    await rebuild(joining(""), store).run(past_of(hub))
    assert await texts(store) == {"t1": "ab"}
    assert [fault.rule for fault in await faults(store)] == ["join"]


async def test_rules_that_are_not_there_are_refused(store: EntityStore) -> None:
    with pytest.raises(DeclarationError, match="does not have"):
        Rebuild(joining(""), store, "g2", rules=["join", "other"], kinds=[NOTE])


async def test_from_the_real_hub(tmp_path: Path) -> None:
    async with nats_server(tmp_path / "nats") as server:
        hub, store = NatsHub(server.url), await EntityStore.open(f"sqlite:///{tmp_path}/s.db", service="notes")
        await hub.publish_batch([told_by("elsewhere", thing(str(n % 10), f"t{n % 5}")) for n in range(200)])
        await rebuild(joining(""), store).run(past_of(hub))
        assert await texts(store) == {f"t{n}": f"{n}{n + 5}" * 20 for n in range(5)}
        await hub.close()
        await store.close()
