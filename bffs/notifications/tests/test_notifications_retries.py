"""A partner that does not answer: what is tried when, and when that ends."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bffs.kit.tests.store_world import TestClock
from bffs.notifications.tests.partner import Partner, partner_server
from notifications_bff.model import DELIVERY, ENDPOINT, OPERATOR, Delivery, Endpoint, Said
from notifications_bff.work import Work
from portico.bff import EntityStore, Event, Parts
from portico.bff.agenda import MIGRATIONS, Agenda
from portico.bff.external import WebhookSender, new_webhook_secret
from portico.bff.ids import system_clock
from portico.bff.testing.events import received


class World:
    """The rules with a clock of the test's, and one partner whose id is `e`."""

    def __init__(self, store: EntityStore, clock: TestClock, partner: Partner) -> None:
        self.store, self.clock, self.partner = store, clock, partner
        self.agenda, self.parts = Agenda(jitter=lambda: 1.0), Parts()
        self.work = Work(self.agenda, jitter=lambda: 0.0)
        self.sender = WebhookSender(private=True)
        self.parts.add(store)
        self.parts.add(self.sender)

    async def register(self) -> None:
        self.partner.secret = new_webhook_secret()
        endpoint = Endpoint("e", self.partner.url, ("order.completed",), self.partner.secret)
        async with self.store.system_unit_of_work("test") as uow:
            await uow.put(ENDPOINT, "e", endpoint, claim_value=OPERATOR)
            await uow.commit()

    async def hear(self, id_: str = "o") -> None:
        event = Event("order.completed", id_, Said(id_, "r", "R"))
        await self.work.listener.handle(self.store, received(event, service="fulfilment"))

    async def wait(self, seconds: float = 0) -> int:
        self.clock.advance(seconds=seconds)
        return await self.agenda.run_due(self.parts)

    async def deliveries(self) -> list[Delivery]:
        async with self.store.system_unit_of_work("test") as uow:
            return [stored.entity for stored in (await uow.query(DELIVERY)).items]

    async def disabled(self) -> str:
        async with self.store.system_unit_of_work("test") as uow:
            stored = await uow.get(ENDPOINT, "e")
            assert stored is not None
            return stored.entity.disabled


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    clock = TestClock(system_clock())  # the reference library looks at the real time
    async with partner_server() as partner:
        url = f"sqlite:///{tmp_path}/n.db"
        store = await EntityStore.open(url, service="notifications", migrations=MIGRATIONS, clock=clock)
        world = World(store, clock, partner)
        await world.register()
        yield world
        await world.sender.close()
        await store.close()


async def test_it_is_tried_again_after_the_pauses_and_then_delivered(world: World) -> None:
    world.partner.answers = [500, 302, 204]
    await world.hear()
    assert await world.wait() == 1
    assert await world.wait(4.999) == 0
    assert await world.wait(0.001) == 1
    assert await world.wait(299) == 0
    assert await world.wait(1) == 1
    [delivery] = await world.deliveries()
    assert (delivery.status.value, delivery.attempts, delivery.answer) == ("delivered", 3, 204)
    assert len({id_ for id_, _ in world.partner.told}) == 1
    assert await world.wait(10 * 86_400) == 0


async def test_after_ten_attempts_it_failed_and_the_endpoint_is_told_no_more(world: World) -> None:
    world.partner.answers = [500]
    await world.hear()
    assert sum([await world.wait(86_400) for _ in range(15)]) == 10
    assert len(world.partner.told) == 10
    [delivery] = await world.deliveries()
    assert (delivery.status.value, delivery.attempts, delivery.answer) == ("failed", 10, 500)
    assert await world.disabled() == "10 attempts failed"
    await world.hear("o-2")
    assert await world.wait(86_400) == 0


async def test_who_is_gone_is_told_no_more_at_once(world: World) -> None:
    world.partner.answers = [410]
    await world.hear()
    await world.hear("o-2")
    await world.wait()
    await world.wait(60)  # of two that were refused together, one may have to look again
    assert "410" in await world.disabled()
    assert {delivery.status.value for delivery in await world.deliveries()} == {"failed"}


async def test_what_is_sent_again_by_hand_during_an_attempt_counts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.partner.answers = [500, 204]
    send, sent = world.sender.send, list[str]()

    async def resent_meanwhile(url: str, secret: str, message_id: str, body: bytes) -> tuple[int, str]:
        answer = await send(url, secret, message_id, body)
        sent.append(message_id)
        if len(sent) == 1:
            async with world.store.system_unit_of_work("test") as uow:
                stored = await uow.get(DELIVERY, message_id)
                assert stored is not None
                await world.work.resend(uow, stored.entity)
                await uow.commit()
        return answer

    monkeypatch.setattr(world.sender, "send", resent_meanwhile)
    await world.hear()
    assert await world.wait() == 2
    [delivery] = await world.deliveries()
    assert (delivery.status.value, delivery.attempts) == ("delivered", 1)


async def test_nobody_there_is_said_in_the_delivery(world: World) -> None:
    async with world.store.system_unit_of_work("test") as uow:
        stored = await uow.get(ENDPOINT, "e")
        assert stored is not None
        nowhere = Endpoint("e", "http://127.0.0.1:9/", ("order.completed",), world.partner.secret)
        await uow.put(ENDPOINT, "e", nowhere, claim_value=OPERATOR)
        await uow.commit()
    await world.hear()
    await world.wait()
    [delivery] = await world.deliveries()
    assert (delivery.status.value, delivery.answer, delivery.error) == ("waiting", 0, "ClientConnectorError")


async def test_a_delivery_is_kept_for_its_days(world: World) -> None:
    await world.hear()
    await world.wait()
    world.clock.advance(days=29)
    assert len(await world.deliveries()) == 1
    world.clock.advance(days=1)
    assert await world.deliveries() == []
