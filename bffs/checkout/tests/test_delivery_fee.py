import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_bff.delivery_fee import delivery_fee
from checkout_bff.money import Money


@pytest.mark.parametrize(
    ("subtotal", "fee"), [(0, 285), (5999, 285), (6000, 142), (8999, 142), (9000, 0), (1_000_000, 0)]
)
def test_large_orders_are_brought_for_half_and_then_for_nothing(subtotal: int, fee: int) -> None:
    assert delivery_fee(Money(285, "EUR"), Money(subtotal, "EUR")) == Money(fee, "EUR")


@given(st.integers(0, 2000), st.integers(0, 50_000), st.integers(0, 50_000))
def test_a_larger_order_is_never_dearer_to_bring(fee: int, one: int, other: int) -> None:
    small, large = (delivery_fee(Money(fee, "EUR"), Money(subtotal, "EUR")).minor for subtotal in sorted([one, other]))
    assert 0 <= large <= small <= fee
