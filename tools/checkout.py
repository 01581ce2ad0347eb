"""Writes what is committed beside checkout and made from something else.

    python -m tools.checkout

- `bffs/checkout/schema.graphql`: the API as it is served;
- `bffs/checkout/src/checkout_bff/catalogue.json`: the prices of the menu's demo dishes. A BFF never asks another, so
  checkout has its own copy, and a test keeps the two equal.
"""

import json
from pathlib import Path

from checkout_bff.schema import create_schema
from menu_bff.demo_data import CURRENCY, DemoRestaurant, demo_restaurants

FOLDER = Path(__file__).parents[1] / "bffs" / "checkout"
SCHEMA = FOLDER / "schema.graphql"
CATALOGUE = FOLDER / "src" / "checkout_bff" / "catalogue.json"


def schema() -> str:
    """Return the schema as text."""
    return create_schema().as_str() + "\n"


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
    SCHEMA.write_text(schema())
    CATALOGUE.write_text(catalogue())
