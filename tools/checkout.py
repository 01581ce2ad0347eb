"""Writes the prices of the menu's demo dishes into checkout's `catalogue.json`.

    python -m tools.checkout

A BFF never asks another, so checkout has its own copy, and a test keeps the two equal.
"""

import json
from pathlib import Path

from menu_bff.demo_data import CURRENCY, DemoRestaurant, demo_restaurants

CATALOGUE = Path(__file__).parents[1] / "bffs" / "checkout" / "src" / "checkout_bff" / "catalogue.json"


def catalogue() -> str:
    """Return the price list of the menu's demo dishes as JSON, one dish to a line."""
    restaurants = [_restaurant(demo) for demo in demo_restaurants()]
    body = ",\n".join(restaurants)
    return f'{{"currency": {json.dumps(CURRENCY)}, "restaurants": [\n{body}\n]}}\n'


def _restaurant(demo: DemoRestaurant) -> str:
    head = json.dumps({"id": demo.id, "name": demo.name, "delivery": demo.fee}, ensure_ascii=False)[:-1]
    dishes = ",\n".join(
        "    " + json.dumps({"id": dish.id, "name": dish.name, "price": dish.price.amount}, ensure_ascii=False)
        for dish in demo.dishes()
    )
    return f'  {head}, "dishes": [\n{dishes}\n  ]}}'


if __name__ == "__main__":
    CATALOGUE.write_text(catalogue())
