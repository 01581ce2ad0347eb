"""Ratings to look at: read from `demo.toml`, written into an empty store in one commit. Nobody is told of them."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Final

import msgspec

from portico.bff import BffSettings, ConflictError, EntityStore, Parts
from portico.bff.ids import derived_id
from ratings_bff.model import RATING, SUMMARY, Rating, Stars, Summary, Words

_HOURS: Final = 31
"""Between two demo ratings of a restaurant."""


class DemoRating(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rating in the file."""

    author: str
    stars: Stars
    words: Words


class DemoRestaurant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people say of one restaurant, newest first."""

    id: str
    ratings: tuple[DemoRating, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    restaurants: tuple[DemoRestaurant, ...]


def demo_ratings() -> tuple[DemoRestaurant, ...]:
    """Read the demo data that comes with this package."""
    file = resources.files("ratings_bff").joinpath("demo.toml")
    return msgspec.toml.decode(file.read_bytes(), type=_File).restaurants


async def seed(store: EntityStore) -> int:
    """Fill an empty store in one commit; return how many ratings were added."""
    added = 0
    async with store.system_unit_of_work("demo-data") as uow:
        if (await uow.query(RATING, limit=1)).items:
            return 0
        for demo in demo_ratings():
            summary = Summary(demo.id)
            for place, one in enumerate(demo.ratings):
                at = datetime.fromtimestamp(uow.now() / 1000, UTC) - timedelta(hours=_HOURS * (place + 1))
                id_ = derived_id(int(at.timestamp() * 1000), "demo-rating", demo.id, str(place))
                rating = Rating(id_, demo.id, "demo", one.author, one.stars, one.words, at, counted=True)
                await uow.put(RATING, id_, rating)
                summary = summary.plus(one.stars)
                added += 1
            await uow.put(SUMMARY, demo.id, summary)
        await uow.commit()
    return added


@contextlib.asynccontextmanager
async def demo_data(parts: Parts) -> AsyncIterator[None]:
    """Part of the application: seeds the store where the settings ask for demo data."""
    if parts.get(BffSettings).demo:
        with contextlib.suppress(ConflictError):  # of two processes that start together one fills it
            await seed(parts.get(EntityStore))
    yield
