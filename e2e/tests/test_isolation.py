"""Two people never see each other's things, whatever they ask for."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import expect

from e2e.api import ORDER, SUBMIT, Api
from e2e.pages.food import OrdersPage
from e2e.tests.conftest import NewPerson


def test_an_order_is_seen_by_its_owner_alone(person: NewPerson) -> None:
    """Alan finds Ada's order neither in his list nor by its id, and does not learn that it exists."""
    ada, alan = person("Ada Lovelace"), person("Alan Turing")
    order = Api(ada).graphql(SUBMIT, {"input": Api(ada).fill_basket()}, key=str(uuid4())).json()["data"]["submitOrder"]
    assert order["id"] in Api(ada).order_ids()
    assert order["id"] not in Api(alan).order_ids()
    theirs = Api(alan).graphql(ORDER, {"id": order["id"]}).json()
    nobodys = Api(alan).graphql(ORDER, {"id": str(uuid4())}).json()
    assert theirs == nobodys == {"data": {"order": None}}

    alan.goto(f"/orders/{order['id']}")
    expect(alan.get_by_role("main")).not_to_contain_text("Order from")
    ada.goto(f"/orders/{order['id']}")
    expect(ada.get_by_role("heading", level=1)).to_contain_text("Order from")


def test_a_basket_is_its_owners_alone(person: NewPerson) -> None:
    """What Ada puts into her basket does not appear in Alan's."""
    ada, alan = person("Ada Lovelace"), person("Alan Turing")
    Api(alan).graphql("mutation { clearBasket { count } }", key=str(uuid4()))
    Api(ada).fill_basket()
    assert Api(ada).graphql("{ basket { count } }").json()["data"]["basket"]["count"] == 1
    assert Api(alan).graphql("{ basket { count } }").json()["data"]["basket"]["count"] == 0


def test_orders_are_shown_newest_first(person: NewPerson) -> None:
    """The page shows what the API tells, in its order."""
    grace = person("Grace Hopper")
    placed = [
        Api(grace)
        .graphql(SUBMIT, {"input": Api(grace).fill_basket()}, key=str(uuid4()))
        .json()["data"]["submitOrder"]["id"]
        for _ in range(2)
    ]
    orders = OrdersPage(grace).open()
    expect(orders.orders).not_to_have_count(0)
    links = [link.get_attribute("href") for link in orders.orders.get_by_role("link").all()]
    assert links[:2] == [f"/orders/{placed[1]}", f"/orders/{placed[0]}"]
