"""What is kept: the orders that may be rated, the ratings, and each restaurant's sum of them."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from portico.bff import EntityType, Reach
from portico.sql import Migration

Stars = Annotated[int, msgspec.Meta(ge=1, le=5)]
Words = Annotated[str, msgspec.Meta(max_length=500)]

CUSTOMER: Final = "customer"


class CompletedOrder(msgspec.Struct, frozen=True, rename="camel"):
    """An order that its customer (a ``sub``) may rate."""

    id: str
    customer: str
    restaurant_id: str
    restaurant_name: str


class Rating(msgspec.Struct, frozen=True, rename="camel"):
    """What somebody says of an order; ``id`` is the order's. ``author`` is the name that others read.

    ``counted`` says whether it is in the restaurant's sum.
    """

    id: str
    restaurant_id: str
    customer: str
    author: str
    stars: Stars
    words: Words
    at: datetime
    counted: bool = False


class Summary(msgspec.Struct, frozen=True, rename="camel"):
    """The sum of a restaurant's ratings."""

    restaurant_id: str
    stars: int = 0
    count: int = 0

    @property
    def average(self) -> int | None:
        """In tenths of a star, half a tenth rounded up; None while nobody has rated."""
        return (self.stars * 20 + self.count) // (2 * self.count) if self.count else None

    def plus(self, stars: int) -> "Summary":
        """The sum with one more rating."""
        return Summary(self.restaurant_id, self.stars + stars, self.count + 1)


COMPLETED: Final = EntityType("completed-order", CompletedOrder)
"""Key: the order's id. Each belongs to who ordered."""

RATING: Final = EntityType("rating", Rating, reach=Reach.EVERYONE, writers=frozenset({CUSTOMER}))
"""Key: the order's id, so that there is one for an order."""

SUMMARY: Final = EntityType("summary", Summary, reach=Reach.EVERYONE)
"""Key: the restaurant's id."""

MIGRATIONS: Final = (
    Migration(
        "ratings/0001-by-restaurant",
        "CREATE INDEX entities_by_restaurant ON entities (discriminator, data ->> 'restaurantId', pk, sk)"
        " WHERE deleted = 0;",
        "",  # PostgreSQL could not use it: row-level security comes before what looks into the data
    ),
)
