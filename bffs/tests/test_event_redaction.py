"""An event that a rule could not take, as an operator sees it: without what its teller's schema marks as secret."""

from __future__ import annotations

from typing import Any

import msgspec

from kitchen_bff import create_app
from portico.bff import Event
from portico.bff.redaction import HIDDEN
from portico.bff.testing.hub import InMemoryHub


class Torn(msgspec.Struct, frozen=True, rename="camel"):
    """A confirmed order that lost its lines on the way."""

    id: str
    customer: str
    address: dict[str, str]
    note: str


async def test_address_and_note_are_not_shown_to_operators(
    bff_settings: dict[str, str], bff_client: Any, token_issuer: Any, bff_hub: InMemoryHub
) -> None:
    address = {"name": "Ada Lovelace", "street": "12 Analytical Row", "postalCode": "1815", "city": "London"}
    app = create_app({**bff_settings, "PORTICO_APP": "kitchen"}, keys=token_issuer.keys(), hub=bff_hub)
    async with bff_client(app) as client:
        torn = Torn("o1", "ada", address, "ring twice")
        await bff_hub.emit(Event("order.confirmed", "o1", torn), service="fulfilment")
        await bff_hub.settled()
        operator = client.signed_in("grace", roles=("operator",))
        (fault,) = (await operator.get("/_faults")).json()["items"]
        shown = (await operator.get(f"/_faults/{fault['id']}")).json()
        assert shown["error"] == "ValidationError"
        assert shown["event"]["data"] == {
            "id": "o1", "customer": "ada", "address": dict.fromkeys(address, HIDDEN), "note": HIDDEN
        }  # fmt: skip
