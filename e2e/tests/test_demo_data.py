"""The demo data of the menu and of checkout: two files of two teams, which must tell the same prices."""

import json
import tomllib
from pathlib import Path
from typing import Any

from tools import checkout

ROOT = Path(__file__).parents[2]
MENU = ROOT / "bffs" / "menu" / "src" / "menu_bff" / "demo"
CATALOGUE: dict[str, Any] = json.loads(checkout.CATALOGUE.read_text())


def test_checkouts_catalogue_is_the_one_made_from_the_menu() -> None:
    assert checkout.CATALOGUE.read_text() == checkout.catalogue(), "write it anew: python -m tools.checkout"


def test_every_dish_costs_in_the_basket_what_it_costs_on_the_menu() -> None:
    on_the_menu = {}
    for file in MENU.glob("*.toml"):
        restaurant = tomllib.loads(file.read_text())
        dishes = [(dish["name"], dish["price"]) for section in restaurant["sections"] for dish in section["dishes"]]
        on_the_menu[restaurant["id"]] = (restaurant["name"], restaurant["fee"], dishes)
    in_the_basket = {
        cook["id"]: (cook["name"], cook["delivery"], [(dish["name"], dish["price"]) for dish in cook["dishes"]])
        for cook in CATALOGUE["restaurants"]
    }
    assert in_the_basket == on_the_menu
    assert len(in_the_basket) >= 20


def test_no_two_dishes_share_an_id() -> None:
    ids = [dish["id"] for cook in CATALOGUE["restaurants"] for dish in cook["dishes"]]
    assert len(set(ids)) == len(ids)


def test_every_cook_works_for_a_restaurant_that_sells_something() -> None:
    people: list[dict[str, Any]] = json.loads((ROOT / "microapps" / "people.json").read_text())
    restaurants = {restaurant["id"] for restaurant in CATALOGUE["restaurants"]}
    kitchens = [person.get("tenant") for person in people if "cook" in person["roles"]]
    assert len(kitchens) >= 2
    assert set(kitchens) <= restaurants
