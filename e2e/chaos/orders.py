"""Orders with a fate: what a kitchen shall do with each stands in its note; what costs too much is not paid."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from e2e.chaos.person import Person
from portico.bff import new_id

ADDRESS: Final = {"name": "Ada", "street": "12 St James's Square", "postalCode": "SW1Y 4JH", "city": "London"}
RESTAURANTS: Final = ("da-mario", "chez-odile", "sushi-hanami")

ADD: Final = "mutation Add($input: AddToBasketInput!) { addToBasket(input: $input) { total { minor currency } } }"
SUBMIT: Final = "mutation Submit($input: SubmitOrderInput!) { submitOrder(input: $input) { id total { minor } } }"


class Fate(Enum):
    """What is to happen to an order, if nothing comes in between."""

    DELIVER = "deliver"
    REJECT = "reject"
    IGNORE = "ignore"
    TOO_DEAR = "too-dear"


ENDS: Final = {
    Fate.DELIVER: "completed",
    Fate.REJECT: "rejected",
    Fate.IGNORE: "expired",
    Fate.TOO_DEAR: "payment-failed",
}
"""The end that each has: completed, or why it was cancelled."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that was answered; `total` in minor units."""

    id: str
    customer: str
    fate: Fate
    total: int


class Customer:
    """Orders what is wished, one after the other, since a person has one basket."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self._dishes: dict[str, list[str]] = {}

    def order(self, restaurant: str, fate: Fate) -> Placed:
        """Fill the basket and order it; the answer's id is the key's, however often it was sent."""
        different, quantity = (4, 20) if fate is Fate.TOO_DEAR else (1, 2)
        total: object = None
        for number, dish in enumerate(self._menu(restaurant)[:different]):
            wish = {"dishId": dish, "quantity": quantity, "fresh": number == 0}
            added = self.person.command("checkout", ADD, {"input": wish})
            assert "errors" not in added, added
            total = added["data"]["addToBasket"]["total"]
        key = new_id()
        wanted = {"address": ADDRESS, "note": fate.value, "seenTotal": total}
        answer = self.person.command("checkout", SUBMIT, {"input": wanted}, key=key)
        assert "errors" not in answer, answer
        order = answer["data"]["submitOrder"]
        assert order["id"] == key, "a repeated command made another order"
        return Placed(key, self.person.sub, fate, order["total"]["minor"])

    def _menu(self, restaurant: str) -> list[str]:
        if restaurant not in self._dishes:
            sections = self.person.get(f"/menu/restaurants/{restaurant}")["sections"]
            self._dishes[restaurant] = [dish["id"] for section in sections for dish in section["dishes"]]
        return self._dishes[restaurant]


def wishes(fates: dict[Fate, int]) -> Iterator[tuple[str, Fate]]:
    """So many orders of each fate, mixed, from one restaurant after the other."""
    rows = [itertools.repeat(fate, count) for fate, count in fates.items()]
    mixed = (fate for row in itertools.zip_longest(*rows) for fate in row if fate is not None)
    return zip(itertools.cycle(RESTAURANTS), mixed, strict=False)
