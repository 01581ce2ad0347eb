"""What is kept: each order's journey, and what the orders and stars of a day come to, for each restaurant."""

import zlib
from typing import Any, Final

import msgspec

from insights_bff.journey import Journey
from insights_bff.sums import Sums
from portico.bff import EntityType, Reach
from portico.bff.events import PARTITIONS

EVERYWHERE: Final = "*"
"""All restaurants together: for operators. No restaurant is called so, and a tenant of this name sees nothing."""


class Place(msgspec.Struct, frozen=True):
    """A restaurant that something was heard of."""

    id: str
    name: str


class Stars(msgspec.Struct, frozen=True):
    """The stars that were given on a day."""

    stars: int = 0
    count: int = 0


JOURNEY: Final = EntityType("journey", Journey, reach=Reach.TENANT)
"""Key: the order's id. It is the restaurant's, and says nothing of who ordered."""

PLACE: Final = EntityType("place", Place, reach=Reach.TENANT)
"""Key: the restaurant's id."""

DAY: Final = EntityType("day", Sums, reach=Reach.TENANT)
"""Key: the restaurant's id or `EVERYWHERE`, then the day and a share of it (`day_key`)."""

STARS: Final = EntityType("stars", Stars, reach=Reach.TENANT)
"""Key: as `DAY`."""


def day_key(kind: EntityType[Any], day: str, partition_key: str) -> str:
    """A day's share for the events of one partition, so that those who read side by side never write the same row."""
    return f"{kind.discriminator}:{day}:{zlib.crc32(partition_key.encode()) % PARTITIONS}"


def day_of(sk: str) -> str:
    """The day in a key."""
    return sk.split(":")[1]
