"""A delivery is the same in whatever order, and however often, its parts are heard."""

from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking_bff.delivery import Delivery, DeliveryStatus, Money, Reason, Step

EVENING = datetime(2026, 5, 1, 18, tzinfo=UTC)


def part(
    status: DeliveryStatus,
    minute: int = 0,
    total: Money | None = None,
    name: str = "Trattoria",
    reason: Reason | None = None,
    courier: str | None = None,
) -> Delivery:
    return Delivery("o1", "ada", name, (Step(status, EVENING + timedelta(minutes=minute), reason),), total, courier)


PARTS = st.builds(
    part,
    st.sampled_from(DeliveryStatus),
    st.integers(0, 5),
    st.none() | st.builds(Money, st.integers(0, 3), st.just("EUR")),
    st.sampled_from(["Trattoria", "Trattoria Da Mario"]),
    st.none() | st.sampled_from(Reason),
    st.sampled_from([None, "Karim", "Lena"]),
)


@given(st.lists(PARTS, min_size=1, max_size=6), st.randoms())
def test_any_order_and_any_repetition_end_in_the_same(parts: list[Delivery], chance: object) -> None:
    shuffled = parts + parts[:2]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert reduce(Delivery.merge, parts) == reduce(Delivery.merge, shuffled)


@given(PARTS, PARTS, PARTS)
def test_parts_may_be_put_together_in_any_grouping(a: Delivery, b: Delivery, c: Delivery) -> None:
    assert a.merge(b).merge(c) == a.merge(b.merge(c))


@given(st.lists(PARTS, min_size=1, max_size=6))
def test_the_status_is_the_furthest_and_each_step_is_there_once_at_its_first_time(parts: list[Delivery]) -> None:
    whole = reduce(Delivery.merge, parts)
    order = list(DeliveryStatus)
    heard = [one.steps[0] for one in parts]
    assert whole.status is max((step.status for step in heard), key=order.index)
    assert [step.status for step in whole.steps] == [each for each in order if each in {one.status for one in heard}]
    assert all(step.at == min(one.at for one in heard if one.status is step.status) for step in whole.steps)


def test_the_restaurants_own_reason_says_more_than_that_it_had_one() -> None:
    rejected = part(DeliveryStatus.REJECTED, reason=Reason.SOLD_OUT)
    cancelled = part(DeliveryStatus.CANCELLED, reason=Reason.REJECTED)
    assert (cancelled.reason, cancelled.merge(rejected).reason) == (Reason.REJECTED, Reason.SOLD_OUT)
    assert part(DeliveryStatus.READY).reason is None


def test_it_goes_further_or_it_does_not() -> None:
    submitted, ready = part(DeliveryStatus.SUBMITTED), part(DeliveryStatus.READY)
    assert submitted.further_than(None)
    assert ready.further_than(submitted)
    assert not submitted.further_than(ready)
    assert not ready.further_than(ready)


def test_two_orders_are_not_mixed() -> None:
    mine = part(DeliveryStatus.READY)
    for other in (Delivery("o2", "ada", "T", mine.steps), Delivery("o1", "bob", "T", mine.steps)):
        with pytest.raises(ValueError, match="two orders"):
            mine.merge(other)
