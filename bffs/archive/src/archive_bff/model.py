"""What is kept beside the documents: whose each is, what is in it, and where it lies."""

from datetime import datetime
from typing import Final

import msgspec

from archive_bff.order import FinishedOrder, Money
from portico.bff import EntityType


class Receipt(msgspec.Struct, frozen=True, rename="camel"):
    """One document, as lists show it; ``filed`` says whether it can be had already."""

    id: str
    restaurant_name: str
    placed_at: datetime
    closed_at: datetime
    status: str
    reason: str | None
    total: Money
    filed: bool = False


class Kept(msgspec.Struct, frozen=True, rename="camel"):
    """A receipt with the order it was made of, and its document: ``name`` in the store, SHA-256 as hex."""

    receipt: Receipt
    order: FinishedOrder
    name: str
    digest: str = ""


class SigningKey(msgspec.Struct, frozen=True):
    """What download links are signed with: a JWK of 256 bits."""

    key: dict[str, str]


RECEIPT: Final = EntityType("receipt", Kept, shown=lambda kept: kept.receipt)
"""Key: the order's id. Each belongs to who ordered."""

SIGNING_KEY: Final = EntityType("signing-key", SigningKey)
"""Key: `links`. It is nobody's; the service alone reads it."""
