from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from checkout_bff.basket import Basket, Dish, PricedBasket, Restaurant, price
from checkout_bff.errors import BasketEmpty, InvalidOrder, TotalChanged, UnknownDish
from checkout_bff.money import Money
from checkout_bff.order import MAX_NOTE, Address, Order, OrderStatus, Wish, place

SOUP = Dish("soup", "Soup", Restaurant("r1", "Restaurant r1", Money(290, "EUR")), Money(650, "EUR"))
NOW = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
HOME = Address("Ada Lovelace", "12 Analytical Row", "1815", "London")
PRICED = price(Basket().add(SOUP, 2), {"soup": SOUP}, "EUR")


def placed(
    *, basket: PricedBasket = PRICED, seen: Money | None = None, address: Address = HOME, note: str = ""
) -> Order:
    wish = Wish(address, note, seen or basket.total)
    return place(basket, wish, order_id="o-1", customer="ada", at=NOW)


def test_an_order_keeps_lines_prices_and_totals_of_the_moment() -> None:
    order = placed(note="  Ring twice ")
    assert [(line.name, line.quantity, line.unit_price.minor, line.total.minor) for line in order.lines] == [
        ("Soup", 2, 650, 1300)
    ]
    assert (order.subtotal.minor, order.delivery.minor, order.total.minor) == (1300, 290, 1590)
    assert (order.status, order.note, order.placed_at) == (OrderStatus.SUBMITTED, "Ring twice", NOW)
    assert (order.customer, order.count, order.address) == ("ada", 2, HOME)


def test_an_empty_basket_cannot_be_ordered() -> None:
    with pytest.raises(BasketEmpty):
        placed(basket=price(Basket(), {}, "EUR"))


def test_a_dish_sold_no_more_stops_the_order_by_name() -> None:
    with pytest.raises(UnknownDish, match=r"^Soup is not on the menu any more\.$"):
        placed(basket=price(Basket().add(SOUP), {}, "EUR"))


@pytest.mark.parametrize("seen", [Money(1589, "EUR"), Money(1, "EUR"), Money(1590, "USD")])
def test_another_total_than_the_person_saw_stops_the_order(seen: Money) -> None:
    with pytest.raises(TotalChanged):
        placed(seen=seen)


def test_every_missing_or_long_field_is_named_at_once() -> None:
    address = replace(HOME, name=" ", postal_code="1" * 13)
    with pytest.raises(InvalidOrder) as refusal:
        placed(address=address, note="x" * (MAX_NOTE + 1))
    assert [fault.field for fault in refusal.value.faults] == ["name", "postal_code", "note"]


def test_blanks_around_and_within_an_address_are_tidied() -> None:
    order = placed(address=replace(HOME, street="  12   Analytical\nRow "))
    assert order.address.street == "12 Analytical Row"
