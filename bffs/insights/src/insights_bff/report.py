"""The report: a restaurant's days, or everybody's, as the API answers them."""

from collections import defaultdict
from datetime import date, timedelta

import msgspec

from insights_bff.journey import Money
from insights_bff.model import DAY, STARS, Stars, day_of
from insights_bff.sums import Sums, Took, total
from portico.bff import EntityType, UnitOfWork
from portico.bff.entity import T

_PAGE = 200


class Numbers(msgspec.Struct, frozen=True, rename="camel"):
    """What orders come to. Minutes are from the order on, on average, to a tenth; null: there was none to be timed.

    ``stars`` is an average as well, to a tenth, of ``ratings``.
    """

    orders: int
    completed: int
    revenue: tuple[Money, ...]
    cancelled: dict[str, int]
    minutes_to_accept: float | None
    minutes_to_ready: float | None
    minutes_to_deliver: float | None
    stars: float | None
    ratings: int
    paid: tuple[Money, ...]
    refunded: tuple[Money, ...]
    failed_payments: int

    @classmethod
    def of(cls, sums: Sums, stars: Stars) -> "Numbers":
        """Averages are made here, and kept nowhere."""
        return cls(
            orders=sums.orders,
            completed=sums.completed,
            revenue=_amounts(sums.revenue),
            cancelled=sums.cancelled,
            minutes_to_accept=_minutes(sums.accept),
            minutes_to_ready=_minutes(sums.ready),
            minutes_to_deliver=_minutes(sums.deliver),
            stars=round(stars.stars / stars.count, 1) if stars.count else None,
            ratings=stars.count,
            paid=_amounts(sums.paid),
            refunded=_amounts(sums.refunded),
            failed_payments=sums.failed,
        )


class Day(msgspec.Struct, frozen=True):
    """One day, in UTC: orders count on the day on which they were placed, stars on the day on which they were given."""

    day: date
    numbers: Numbers


class Report(msgspec.Struct, frozen=True):
    """Every day of a time, the oldest first, also those without an order; and all of them together."""

    days: tuple[Day, ...]
    total: Numbers


async def report(uow: UnitOfWork, pk: str, *, last: date, days: int) -> Report:
    """Read the ``days`` up to ``last`` of a restaurant, or of ``EVERYWHERE``."""
    first = last - timedelta(days=days - 1)
    sums = {day: total(parts) for day, parts in (await _shares(uow, DAY, pk, first)).items()}
    stars = {day: _together(parts) for day, parts in (await _shares(uow, STARS, pk, first)).items()}
    every = [(first + timedelta(days=number)) for number in range(days)]
    shown = tuple(Day(day, Numbers.of(sums.get(day, Sums()), stars.get(day, Stars()))) for day in every)
    inside = [sums[day] for day in every if day in sums]
    return Report(shown, Numbers.of(total(inside), _together([stars[day] for day in every if day in stars])))


async def _shares(uow: UnitOfWork, kind: EntityType[T], pk: str, first: date) -> dict[date, list[T]]:
    """The shares of each day since ``first``, read from the newest on."""
    found: dict[date, list[T]] = defaultdict(list)
    cursor: str | None = None
    while True:
        page = await uow.query(
            kind, pk=pk, sk_prefix=f"{kind.discriminator}:", limit=_PAGE, after=cursor, descending=True
        )
        for stored in page.items:
            day = date.fromisoformat(day_of(stored.key.sk))
            if day < first:
                return found
            found[day].append(stored.entity)
        cursor = page.next_cursor
        if cursor is None:
            return found


def _together(stars: list[Stars]) -> Stars:
    return Stars(sum(one.stars for one in stars), sum(one.count for one in stars))


def _amounts(sums: dict[str, int]) -> tuple[Money, ...]:
    return tuple(Money(minor, currency) for currency, minor in sorted(sums.items()))


def _minutes(took: Took) -> float | None:
    count, milliseconds = took
    return round(milliseconds / count / 60_000, 1) if count else None
