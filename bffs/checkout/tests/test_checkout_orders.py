import asyncio
from typing import Any

import apsw
import pytest

from bffs.checkout.tests.checkout_person import HOME, Person, Refused, data_of, envelopes, rows, store_of
from checkout_bff.model import ORDER
from portico.bff import Claims
from portico.bff.testing.client import BffClient


async def a_basket(client: BffClient) -> Person:
    """Two pizzas for 19.00, brought for 1.90."""
    person = Person(client)
    await person.add("pizza", 2)
    return person


async def test_an_order_is_what_was_in_the_basket_at_its_prices(ada: BffClient) -> None:
    person = await a_basket(ada)
    order = await person.ordered(2090)
    assert order["lines"] == [
        {"name": "Pizza", "quantity": 2, "unitPrice": {"minor": 950}, "total": {"minor": 1900}},
    ]
    assert order["total"] == {"minor": 2090, "currency": "EUR"}
    assert (order["status"], order["restaurantName"], order["count"]) == ("SUBMITTED", "Trattoria", 2)
    assert (order["address"], order["note"]) == (HOME, "Ring twice")
    assert await person.order(order["id"]) == order


async def test_ordering_empties_the_basket(ada: BffClient) -> None:
    person = await a_basket(ada)
    await person.ordered(2090)
    assert (await person.basket())["lines"] == []
    with pytest.raises(Refused) as refusal:
        await person.ordered(2090)
    assert refusal.value.code == "basket-empty"


async def test_a_total_the_person_did_not_see_is_never_charged(ada: BffClient) -> None:
    person = await a_basket(ada)
    for claimed in (1, 2089, 1900):
        with pytest.raises(Refused) as refusal:
            await person.ordered(claimed)
        assert refusal.value.code == "total-changed"
    assert (await person.orders())["nodes"] == []
    assert (await person.basket())["count"] == 2


async def test_what_is_wrong_with_the_details_is_said_field_by_field(ada: BffClient) -> None:
    person = await a_basket(ada)
    response = await person.submit(2090, address={**HOME, "street": " ", "postalCode": "1" * 13}, note="x" * 301)
    with pytest.raises(Refused) as refusal:
        data_of(response)
    assert refusal.value.code == "invalid-order"
    assert [error["pointer"] for error in refusal.value.extensions["errors"]] == [
        "/input/address/street",
        "/input/address/postalCode",
        "/input/note",
    ]


async def test_the_same_key_gives_the_same_answer_and_one_order(ada: BffClient) -> None:
    person = await a_basket(ada)
    first = await person.submit(2090, key="attempt-1")
    again = await person.submit(2090, key="attempt-1")
    assert data_of(first)["submitOrder"]["count"] == 2
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len((await person.orders())["nodes"]) == 1
    assert len(await envelopes(store_of(ada))) == 1


async def test_the_same_key_for_other_details_is_refused(ada: BffClient) -> None:
    person = await a_basket(ada)
    await person.submit(2090, key="attempt-1")
    other = await person.submit(2090, key="attempt-1", note="Do not ring")
    assert (other.status_code, other.json()["type"].rsplit("/", 1)[-1]) == (422, "idempotency-key-reused")


async def test_another_persons_equal_key_is_another_order(ada: BffClient, bob: BffClient) -> None:
    orders = [await (await a_basket(client)).ordered(2090, key="attempt-1") for client in (ada, bob)]
    assert orders[0]["id"] != orders[1]["id"]


async def test_a_double_click_makes_one_order_and_both_clicks_get_it(ada: BffClient) -> None:
    person = await a_basket(ada)
    answers = await asyncio.gather(*(person.ordered(2090, key="attempt-1") for _ in range(5)))
    assert {answer["id"] for answer in answers} == {answers[0]["id"]}
    assert len((await person.orders())["nodes"]) == 1


async def test_two_attempts_at_once_from_two_pages_make_one_order(ada: BffClient) -> None:
    person = await a_basket(ada)
    results = await asyncio.gather(
        *(person.ordered(2090, key=f"page-{page}") for page in range(3)), return_exceptions=True
    )
    assert sum(isinstance(result, dict) for result in results) == 1
    refused = {result.code for result in results if isinstance(result, Refused)}
    assert refused <= {"conflict", "basket-empty"}
    assert len(await envelopes(store_of(ada))) == 1


async def test_the_event_stands_beside_the_order_and_carries_all_of_it(ada: BffClient) -> None:
    order = await (await a_basket(ada)).ordered(2090)
    [envelope] = await envelopes(store_of(ada))
    assert (envelope["type"], envelope["source"]) == ("order.submitted", "/local/checkout")
    assert (envelope["subject"], envelope["partitionkey"], envelope["actor"]) == (order["id"], order["id"], "ada")
    data: dict[str, Any] = envelope["data"]
    assert (data["id"], data["customer"], data["restaurantId"]) == (order["id"], "ada", "trattoria")
    assert data["total"] == {"minor": 2090, "currency": "EUR"}
    assert data["address"] == HOME
    assert data["lines"] == [
        {"dishId": "pizza", "name": "Pizza", "quantity": 2, "unitPrice": {"minor": 950, "currency": "EUR"}}
    ]


async def test_the_event_waits_in_the_outbox_under_its_own_id_and_names_the_command(ada: BffClient) -> None:
    await (await a_basket(ada)).ordered(2090, key="attempt-1")
    [(id_, published)] = await rows(store_of(ada), "SELECT id, published_at FROM outbox")
    [envelope] = await envelopes(store_of(ada))
    assert (envelope["id"], envelope["correlationid"], published) == (id_, "attempt-1", None)


async def test_a_failure_before_the_end_of_the_commit_leaves_nothing_and_the_same_key_can_try_again(
    ada: BffClient, bff_settings: dict[str, str]
) -> None:
    person = await a_basket(ada)
    store = store_of(ada)
    file = apsw.Connection(bff_settings["DATABASE_URL"].removeprefix("sqlite:///"))
    file.set_busy_timeout(10_000)  # what the basket's event had to write may still be on its way
    file.execute("CREATE TRIGGER trouble BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END")
    response = await person.submit(2090, key="attempt-1")
    with pytest.raises(Refused) as refusal:
        data_of(response)
    assert refusal.value.extensions["status"] >= 500
    assert "fire" not in response.text
    assert await rows(store, "SELECT 1 FROM entities WHERE discriminator = 'order'") == []
    assert await rows(store, "SELECT 1 FROM idempotency WHERE key = 'attempt-1'") == []
    assert (await person.basket())["count"] == 2
    file.execute("DROP TRIGGER trouble")
    file.close()
    assert (await person.ordered(2090, key="attempt-1"))["count"] == 2


async def test_another_persons_order_does_not_exist(ada: BffClient, bob: BffClient) -> None:
    order = await (await a_basket(ada)).ordered(2090)
    assert await Person(bob).order(order["id"]) is None
    assert (await Person(bob).orders())["nodes"] == []


async def test_the_store_itself_keeps_people_apart_when_a_query_has_no_filter(ada: BffClient, bob: BffClient) -> None:
    await (await a_basket(ada)).ordered(2090)
    store = store_of(bob)
    assert len(await rows(store, "SELECT 1 FROM entities WHERE discriminator = 'order'")) == 1
    for claims, count in ((claims_of("bob"), 0), (None, 0), (claims_of("ada"), 1)):
        async with store.unit_of_work(claims) as uow:
            assert len((await uow.query(ORDER)).items) == count


async def test_orders_come_newest_first_and_pages_do_not_shift_when_one_is_added(ada: BffClient) -> None:
    person = Person(ada)
    made = []
    for _ in range(5):
        await person.add("cake")
        made.append((await person.ordered(780))["id"])
    first = await person.orders(first=2)
    await person.add("pizza")
    latest = (await person.ordered(1140))["id"]
    second = await person.orders(first=2, after=first["pageInfo"]["endCursor"])
    last = await person.orders(first=2, after=second["pageInfo"]["endCursor"])
    seen = [node["id"] for page in (first, second, last) for node in page["nodes"]]
    assert seen == list(reversed(made))
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second, last)] == [True, True, False]
    assert (await person.orders(first=1))["nodes"] == [{"id": latest}]


@pytest.mark.parametrize(("first", "after"), [(0, None), (51, None), (10, "rubbish"), (10, "WyJhIl0")])
async def test_a_page_that_cannot_be_is_refused(ada: BffClient, first: int, after: str | None) -> None:
    with pytest.raises(Refused) as refusal:
        await Person(ada).orders(first=first, after=after)
    assert refusal.value.code == "invalid-query"


def claims_of(sub: str) -> Claims:
    return Claims(sub=sub, client_id="portico", issuer="test", audience="test", issued_at=0, expires_at=0)
