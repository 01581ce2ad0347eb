import asyncio

import pytest

from bffs.checkout.tests.checkout_person import Person, Refused
from portico.bff.testing.client import BffClient


async def test_a_new_person_has_an_empty_basket(ada: BffClient) -> None:
    basket = await Person(ada).basket()
    assert (basket["version"], basket["count"], basket["lines"], basket["total"]["minor"]) == (0, 0, [], 0)


async def test_totals_come_from_the_price_book_and_the_restaurants_delivery_fee(ada: BffClient) -> None:
    person = Person(ada)
    await person.add("pizza", 2)
    basket = await person.add("cake")
    assert [(line["name"], line["quantity"], line["total"]["minor"]) for line in basket["lines"]] == [
        ("Pizza", 2, 1900),
        ("Cake", 1, 590),
    ]
    assert basket["restaurantName"] == "Trattoria"
    assert basket["count"] == 3
    assert (basket["subtotal"]["minor"], basket["delivery"]["minor"]) == (2490, 190)
    assert basket["total"] == {"minor": 2680, "currency": "EUR"}
    assert await person.basket() == basket


async def test_every_change_of_a_basket_is_a_new_version_and_nothing_else_is(ada: BffClient) -> None:
    person = Person(ada)
    versions = [
        (await person.add("pizza"))["version"],
        (await person.change("pizza", 3))["version"],
        (await person.change("pizza", 3))["version"],
        (await person.remove("cake"))["version"],
        (await person.clear())["version"],
        (await person.clear())["version"],
    ]
    assert versions == [1, 2, 2, 2, 3, 3]


async def test_removing_the_last_dish_frees_the_basket_for_another_restaurant(ada: BffClient) -> None:
    person = Person(ada)
    await person.add("pizza")
    await person.remove("pizza")
    assert (await person.add("ramen"))["restaurantName"] == "Izakaya"


async def test_a_dish_of_another_restaurant_is_refused_until_the_person_starts_anew(ada: BffClient) -> None:
    person = Person(ada)
    await person.add("pizza", 2)
    with pytest.raises(Refused, match="Trattoria") as refusal:
        await person.add("ramen")
    assert (refusal.value.code, refusal.value.extensions["status"]) == ("other-restaurant", 409)
    assert (await person.basket())["count"] == 2
    basket = await person.add("ramen", fresh=True)
    assert [line["dishId"] for line in basket["lines"]] == ["ramen"]


async def test_a_dish_that_is_not_in_the_price_book_is_refused_in_words_for_the_person(ada: BffClient) -> None:
    person = Person(ada)
    with pytest.raises(Refused, match=r"^This dish is not on the menu any more\.$") as refusal:
        await person.add("unicorn")
    assert (refusal.value.code, refusal.value.extensions["status"]) == ("unknown-dish", 422)
    assert (await person.basket())["version"] == 0


async def test_an_addition_delivered_twice_counts_once(ada: BffClient) -> None:
    person = Person(ada)
    first = await person.add("pizza", key="message-1")
    assert await person.add("pizza", key="message-1") == first
    assert (await person.basket())["count"] == 1


async def test_two_changes_at_once_are_both_applied_or_one_is_told_to_try_again(ada: BffClient) -> None:
    person = Person(ada)
    await person.add("pizza")
    results = await asyncio.gather(person.add("pizza"), person.add("cake"), return_exceptions=True)
    refusals = [result for result in results if isinstance(result, BaseException)]
    assert all(isinstance(refusal, Refused) and refusal.code == "conflict" for refusal in refusals)
    assert (await person.basket())["count"] == 1 + len(results) - len(refusals)


async def test_two_people_have_two_baskets(ada: BffClient, bob: BffClient) -> None:
    await Person(ada).add("pizza")
    assert (await Person(bob).basket())["lines"] == []
    await Person(bob).add("ramen")
    assert [line["dishId"] for line in (await Person(ada).basket())["lines"]] == ["pizza"]


@pytest.mark.parametrize(
    "document",
    ["{ basket { count } }", "{ myOrders { nodes { id } } }", "mutation { clearBasket { count } }"],
)
async def test_nobody_does_anything_without_signing_in(anybody: BffClient, document: str) -> None:
    response = await anybody.graphql(document)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
