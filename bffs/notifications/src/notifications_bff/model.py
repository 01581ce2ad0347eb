"""Who is told by webhook, and what became of each telling. Both are for operators alone."""

from enum import Enum
from typing import Final

import msgspec

from portico.bff import ClaimReach, EntityType

OPERATOR: Final = "operator"
DAYS: Final = 30
"""How long a delivery is kept."""

TYPES: Final = {
    "fulfilment": ("order.confirmed", "order.expired", "order.completed", "order.cancelled"),
    "kitchen": ("order.accepted", "order.ready", "order.rejected"),
    "courier": ("order.picked-up", "order.delivered"),
}
"""What can be subscribed to, by who tells it."""


class Endpoint(msgspec.Struct, frozen=True, rename="camel"):
    """Another system's address; ``events`` are the types that it wants, ``secret`` what its messages are signed with.

    ``disabled`` says why nothing is sent any more; empty: it is.
    """

    id: str
    url: str
    events: tuple[str, ...]
    secret: str
    description: str = ""
    disabled: str = ""


class DeliveryStatus(Enum):
    """How far one delivery is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(msgspec.Struct, frozen=True, rename="camel"):
    """One message for one endpoint: ``body`` is what is sent, ``answer`` the last answer's status (0: there was none).

    ``created_at`` is in milliseconds since the epoch.
    """

    id: str
    endpoint: str
    type: str
    created_at: int
    body: str
    status: DeliveryStatus = DeliveryStatus.WAITING
    attempts: int = 0
    answer: int = 0
    error: str = ""


class Said(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What of an order leaves the house: nothing of the person."""

    id: str
    restaurant_id: str
    restaurant_name: str
    reason: str | None = None


class Message(msgspec.Struct, frozen=True):
    """The body of a webhook, as Standard Webhooks proposes; ``timestamp`` is when it happened (RFC 3339)."""

    type: str
    timestamp: str
    data: Said


ENDPOINT: Final = EntityType("endpoint", Endpoint, reach=ClaimReach("roles"))
DELIVERY: Final = EntityType("delivery", Delivery, reach=ClaimReach("roles"))
