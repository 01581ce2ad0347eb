import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_bff.basket import MAX_LINES, MAX_QUANTITY, Basket, Dish, Restaurant, price
from checkout_bff.delivery_fee import delivery_fee
from checkout_bff.errors import BasketFull, NotInBasket, OtherRestaurant, QuantityOutOfRange
from checkout_bff.money import Money


def dish(name: str = "soup", *, minor: int = 650, restaurant: str = "r1") -> Dish:
    kitchen = Restaurant(restaurant, f"Restaurant {restaurant}", Money(290, "EUR"))
    return Dish(name, name.title(), kitchen, Money(minor, "EUR"))


def test_adding_the_same_dish_twice_makes_one_line() -> None:
    basket = Basket().add(dish(), 2).add(dish())
    assert [(line.dish_id, line.quantity) for line in basket.lines] == [("soup", 3)]


def test_lines_keep_the_order_of_adding() -> None:
    basket = Basket().add(dish("soup")).add(dish("bread")).change("soup", 4)
    assert [line.dish_id for line in basket.lines] == ["soup", "bread"]


def test_a_dish_of_another_restaurant_is_refused_by_name() -> None:
    with pytest.raises(OtherRestaurant, match=r"Restaurant r1.*Restaurant r2"):
        Basket().add(dish()).add(dish("sushi", restaurant="r2"))


def test_an_emptied_basket_belongs_to_no_restaurant() -> None:
    basket = Basket().add(dish()).remove("soup")
    assert basket == Basket()
    assert basket.add(dish("sushi", restaurant="r2")).restaurant_id == "r2"


def test_removing_one_of_two_dishes_keeps_the_other() -> None:
    basket = Basket().add(dish("soup")).add(dish("bread")).remove("soup").remove("soup")
    assert [line.dish_id for line in basket.lines] == ["bread"]


@pytest.mark.parametrize("quantity", [-1, 0, MAX_QUANTITY + 1])
def test_a_quantity_out_of_range_is_refused(quantity: int) -> None:
    with pytest.raises(QuantityOutOfRange):
        Basket().add(dish(), quantity)
    with pytest.raises(QuantityOutOfRange):
        Basket().add(dish()).change("soup", quantity)


def test_a_negative_addition_cannot_lower_a_line() -> None:
    with pytest.raises(QuantityOutOfRange):
        Basket().add(dish(), 5).add(dish(), -2)


def test_adding_beyond_the_limit_of_one_dish_is_refused() -> None:
    with pytest.raises(QuantityOutOfRange):
        Basket().add(dish(), MAX_QUANTITY).add(dish())


def test_changing_a_dish_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotInBasket):
        Basket().change("soup", 2)


def test_a_basket_has_room_for_only_so_many_dishes() -> None:
    basket = Basket()
    for number in range(MAX_LINES):
        basket = basket.add(dish(f"dish-{number}"))
    with pytest.raises(BasketFull):
        basket.add(dish("one-more"))
    assert basket.add(dish("dish-0")).lines[0].quantity == 2


def test_an_empty_basket_costs_nothing() -> None:
    assert price(Basket(), {}, "EUR").total == Money(0, "EUR")


def test_delivery_costs_what_the_restaurant_takes_once() -> None:
    book = {"soup": dish("soup"), "bread": dish("bread", minor=300)}
    priced = price(Basket().add(book["soup"], 2).add(book["bread"]), book, "EUR")
    assert (priced.subtotal.minor, priced.delivery.minor, priced.total.minor) == (1600, 290, 1890)


def test_a_dish_sold_no_more_stays_visible_and_costs_nothing() -> None:
    basket = Basket().add(dish("soup")).add(dish("bread", minor=300))
    priced = price(basket, {"bread": dish("bread", minor=300)}, "EUR")
    assert [line.total for line in priced.lines] == [None, Money(300, "EUR")]
    assert priced.subtotal == Money(300, "EUR")


@given(st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, MAX_QUANTITY)), min_size=1, max_size=MAX_LINES))
def test_the_total_is_the_sum_of_its_lines_and_delivery(bought: list[tuple[int, int]]) -> None:
    book = {f"dish-{number}": dish(f"dish-{number}", minor=minor) for number, (minor, _) in enumerate(bought)}
    basket = Basket()
    for entry, (_, quantity) in zip(book.values(), bought, strict=True):
        basket = basket.add(entry, quantity)
    priced = price(basket, book, "EUR")
    expected = sum(minor * quantity for minor, quantity in bought)
    assert priced.subtotal.minor == expected
    assert priced.delivery == delivery_fee(Money(290, "EUR"), Money(expected, "EUR"))
    assert priced.total == priced.subtotal + priced.delivery
    assert priced.count == sum(quantity for _, quantity in bought)


def test_money_of_two_currencies_does_not_add_up() -> None:
    with pytest.raises(ValueError, match="cannot add USD to EUR"):
        Money(1, "EUR") + Money(1, "USD")
