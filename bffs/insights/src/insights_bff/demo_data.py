"""A month to look at, for each restaurant that has a cook among the demo people; the same in every run of a day."""

import contextlib
import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from insights_bff.journey import Journey, Money
from insights_bff.model import DAY, EVERYWHERE, PLACE, STARS, Place, Stars, day_key
from insights_bff.sums import Sums, total
from portico.bff import BffSettings, ConflictError, EntityStore, Parts, UnitOfWork

RESTAURANTS: Final = (
    Place("chez-odile", "Chez Odile"),
    Place("da-mario", "Da Mario"),
    Place("sushi-hanami", "Hanami"),
)
DAYS: Final = 45
_MINUTE: Final = 60_000
_REASONS: Final = ("rejected", "expired", "payment-failed")


async def seed(store: EntityStore) -> int:
    """Fill an empty store in one commit; return how many days were written."""
    async with store.system_unit_of_work("demo-data") as uow:
        if (await uow.query(PLACE, limit=1)).items:
            return 0
        today = datetime.fromtimestamp(uow.now() / 1000, UTC).replace(hour=18, minute=0, second=0, microsecond=0)
        every = [await _seed_place(uow, place, today) for place in RESTAURANTS]
        for number in range(1, DAYS + 1):
            day = (today - timedelta(days=number)).date().isoformat()
            await uow.put(
                DAY,
                EVERYWHERE,
                total(sums[number - 1] for sums, _ in every),
                sk=day_key(DAY, day, EVERYWHERE),
                tenant=EVERYWHERE,
            )
            given = [stars[number - 1] for _, stars in every]
            both = Stars(sum(one.stars for one in given), sum(one.count for one in given))
            await uow.put(STARS, EVERYWHERE, both, sk=day_key(STARS, day, EVERYWHERE), tenant=EVERYWHERE)
        await uow.commit()
    return DAYS


async def _seed_place(uow: UnitOfWork, place: Place, today: datetime) -> tuple[list[Sums], list[Stars]]:
    """Write the days before today of one restaurant: more orders at the end of a week, and more with every week."""
    await uow.put(PLACE, place.id, place, tenant=place.id)
    chance = random.Random(place.id)  # noqa: S311 (no secret)
    sums, stars = [], []
    for number in range(1, DAYS + 1):
        evening = today - timedelta(days=number)
        busy = 6 + 5 * (evening.weekday() >= 4) + (DAYS - number) // 9
        day = list(_orders(chance, place, evening, chance.randint(busy - 3, busy + 3)))
        sums.append(total(journey.sums for journey in day))
        given = [chance.choices((2, 3, 4, 5), (1, 3, 12, 14))[0] for journey in day if chance.random() < 1 / 3]
        stars.append(Stars(sum(given), len(given)))
        name = evening.date().isoformat()
        await uow.put(DAY, place.id, sums[-1], sk=day_key(DAY, name, place.id), tenant=place.id)
        await uow.put(STARS, place.id, stars[-1], sk=day_key(STARS, name, place.id), tenant=place.id)
    return sums, stars


def _orders(chance: random.Random, place: Place, evening: datetime, count: int) -> Iterator[Journey]:
    for number in range(count):
        placed = int(evening.timestamp() * 1000) + number * 11 * _MINUTE
        accepted = placed + chance.randint(1, 6) * _MINUTE
        ready = accepted + chance.randint(9, 24) * _MINUTE
        delivered = ready + chance.randint(8, 22) * _MINUTE
        known = Journey(f"demo-{number}", place.id, place.name, placed, total=Money(chance.randint(1200, 5400), "EUR"))
        if chance.random() < 1 / 12:
            reason = chance.choice(_REASONS)
            money = None if reason == "payment-failed" else known.total
            yield Journey(
                known.id, place.id, place.name, placed, cancelled_at=accepted, reason=reason, paid=money,
                refunded=money, payment_failed=money is None,
            )  # fmt: skip
        else:
            yield Journey(
                known.id,
                place.id,
                place.name,
                placed,
                accepted,
                ready,
                delivered,
                delivered,
                total=known.total,
                paid=known.total,
            )


@contextlib.asynccontextmanager
async def demo_data(parts: Parts) -> AsyncIterator[None]:
    """Part of the application: seeds the store where the settings ask for demo data."""
    if parts.get(BffSettings).demo:
        with contextlib.suppress(ConflictError):  # of two processes that start together one fills it
            await seed(parts.get(EntityStore))
    yield
