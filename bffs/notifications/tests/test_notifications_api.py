"""Operators register other systems, see what was sent to them, and send it again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import msgspec
import pytest
from starlette.applications import Starlette

from bffs.notifications.tests.partner import Partner, partner_server
from notifications_bff import create_app
from notifications_bff.model import Said
from portico.bff import Event
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer


class Whole(Said, frozen=True, rename="camel"):
    """An order with what must not leave the house."""

    customer: str = ""
    address: str = ""


@pytest.fixture
async def partner() -> AsyncIterator[Partner]:
    async with partner_server() as partner:
        yield partner


@pytest.fixture
def start(
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    bff_hub: InMemoryHub,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
) -> Callable[..., AbstractAsyncContextManager[BffClient]]:
    def start(*, private: str = "1") -> AbstractAsyncContextManager[BffClient]:
        own = {"PORTICO_APP": "notifications", "NOTIFICATIONS_PRIVATE_TARGETS": private}
        return bff_client(create_app(bff_settings | own, keys=token_issuer.keys(), hub=bff_hub))

    return start


@pytest.fixture
async def olga(start: Callable[..., AbstractAsyncContextManager[BffClient]]) -> AsyncIterator[BffClient]:
    async with start() as client:
        yield client.signed_in("olga", roles=("operator",))


async def register(olga: BffClient, partner: Partner, *events: str) -> str:
    answer = await olga.post("/endpoints", json={"url": partner.url, "events": events or ["order.completed"]})
    assert answer.status_code == 201, answer.text
    partner.secret = answer.json()["secret"]
    id_: str = answer.json()["id"]
    return id_


def completed(id_: str = "o-1") -> Event:
    return Event("order.completed", id_, Whole(id_, "da-mario", "Da Mario", None, "ada", "12 Analytical Row"))


async def delivered(olga: BffClient, endpoint: str) -> dict[str, Any]:
    """The one delivery, once it is kept as delivered: the partner knows of it before."""
    path = f"/endpoints/{endpoint}/deliveries?status=delivered"
    while not (items := (await olga.get(path)).json()["items"]):  # noqa: ASYNC110 (nothing tells of it)
        await asyncio.sleep(0.01)
    [delivery] = cast("list[dict[str, Any]]", items)
    return delivery


async def test_an_endpoint_is_told_signed_and_without_the_person(
    olga: BffClient, partner: Partner, bff_hub: InMemoryHub
) -> None:
    await register(olga, partner)
    event = await bff_hub.emit(completed(), service="fulfilment", timestamp=1_700_000_000_000)
    await bff_hub.publish(bff_hub.messages[-1])
    [(_, message)] = await partner.heard(1)
    assert message == {
        "type": "order.completed",
        "timestamp": "2023-11-14T22:13:20.000Z",
        "data": {"id": "o-1", "restaurantId": "da-mario", "restaurantName": "Da Mario"},
    }
    assert b"ada" in bytes(event.data)


async def test_only_what_was_asked_for_and_from_whom_it_is_to_come(
    olga: BffClient, partner: Partner, bff_hub: InMemoryHub
) -> None:
    await register(olga, partner, "order.completed")
    order = Whole("o-2", "da-mario", "Da Mario")
    await bff_hub.emit(Event("order.accepted", "o-2", order), service="kitchen")
    await bff_hub.emit(completed("o-2"), service="kitchen")
    await bff_hub.emit(completed("o-3"), service="fulfilment")
    assert [message["data"]["id"] for _, message in await partner.heard(1)] == ["o-3"]
    await bff_hub.settled()
    assert len(partner.told) == 1


async def test_sending_again_keeps_the_id(olga: BffClient, partner: Partner, bff_hub: InMemoryHub) -> None:
    endpoint = await register(olga, partner)
    await bff_hub.emit(completed(), service="fulfilment")
    delivery = await delivered(olga, endpoint)
    again = await olga.post(f"/deliveries/{delivery['id']}/resend")
    assert (again.status_code, again.json()["status"]) == (200, "waiting")
    first, second = await partner.heard(2)
    assert first == second
    assert first[0] == delivery["id"]


async def test_the_secret_is_shown_once_and_to_nobody_else(olga: BffClient, partner: Partner) -> None:
    await register(olga, partner)
    other = BffClient(olga.app, olga.issuer, olga.issuer.headers("oleg", roles=("operator",)))
    [shown] = (await other.get("/endpoints")).json()
    assert (shown["url"], shown["secret"]) == (partner.url, None)
    for outsider in (olga.issuer.headers("mallory", roles=("cook",)), {}):
        client = BffClient(olga.app, olga.issuer, outsider)
        for path in ("/endpoints", f"/endpoints/{shown['id']}/deliveries"):
            assert (await client.get(path)).status_code in {401, 403}


async def test_an_endpoint_that_was_removed_is_told_no_more(
    olga: BffClient, partner: Partner, bff_hub: InMemoryHub
) -> None:
    gone = await register(olga, partner)
    assert (await olga.delete(f"/endpoints/{gone}")).status_code == 204
    assert (await olga.delete(f"/endpoints/{gone}")).status_code == 404
    await register(olga, partner)
    await bff_hub.emit(completed(), service="fulfilment")
    await partner.heard(1)
    await bff_hub.settled()
    assert len(partner.told) == 1


@pytest.mark.parametrize(
    ("changed", "slug"),
    [({"url": "http://example.org/"}, "address-refused"), ({"url": "https://10.0.0.1/"}, "address-refused"),
     ({"url": "https://169.254.169.254/latest"}, "address-refused"), ({"secret": "mine"}, "invalid-request"),
     ({"events": ["order.exploded"]}, "invalid-request"), ({"events": []}, "invalid-request")],
)  # fmt: skip
async def test_an_endpoint_that_cannot_be_is_refused_and_says_why(
    start: Callable[..., AbstractAsyncContextManager[BffClient]], changed: dict[str, object], slug: str
) -> None:
    async with start(private="0") as client:
        olga = client.signed_in("olga", roles=("operator",))
        new = {"url": "https://example.org/hooks", "events": ["order.completed"]}
        assert (await olga.post("/endpoints", json=new)).status_code == 201
        answer = await olga.post("/endpoints", json={**new, **changed})
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, slug), answer.text
        assert msgspec.json.decode(answer.content)["detail"]


async def test_every_endpoint_that_was_registered_is_listed_also_of_those_at_once(
    olga: BffClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications_bff.routes.MOST_ENDPOINTS", 3)
    body = {"url": "https://example.org/", "events": ["order.completed"]}
    answers = await asyncio.gather(*(olga.post("/endpoints", json=body) for _ in range(8)))
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(made) >= 3
    assert {one["id"] for one in (await olga.get("/endpoints")).json()} == made
    assert (await olga.post("/endpoints", json=body)).status_code == 409
