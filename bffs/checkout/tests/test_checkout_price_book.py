from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from msgspec.structs import replace
from starlette.applications import Starlette

from bffs.checkout.tests.checkout_person import Person, Refused, store_of
from bffs.checkout.tests.conftest import CATALOGUE
from checkout_bff import create_app
from checkout_bff.model import PRICE
from checkout_bff.money import Money
from checkout_bff.price_book import demo_catalogue, seed
from portico.bff import AccessRefused, Claims, EntityStore
from portico.bff.testing.client import BffClient
from portico.bff.testing.tokens import TokenIssuer

Client = Callable[[Starlette], AbstractAsyncContextManager[BffClient]]


async def test_with_demo_data_the_catalogues_dishes_can_be_ordered_also_after_a_restart(
    bff_settings: dict[str, str], token_issuer: TokenIssuer, bff_client: Client
) -> None:
    settings = {**bff_settings, "PORTICO_APP": "checkout", "PORTICO_DEMO": "1"}
    dish = next(demo_catalogue().entries())
    for count in (1, 2):
        async with bff_client(create_app(settings, keys=token_issuer.keys())) as client:
            basket = await Person(client.signed_in("ada")).add(dish.id)
        assert (basket["count"], basket["lines"][0]["unitPrice"]["minor"]) == (count, dish.unit_price.minor)


async def test_without_demo_data_nothing_is_for_sale(
    bff_settings: dict[str, str], token_issuer: TokenIssuer, bff_client: Client
) -> None:
    dish = next(demo_catalogue().entries())
    app = create_app({**bff_settings, "PORTICO_APP": "checkout"}, keys=token_issuer.keys())
    async with bff_client(app) as client:
        with pytest.raises(Refused, match="not on the menu"):
            await Person(client.signed_in("ada")).add(dish.id)


async def test_an_empty_price_book_is_seeded_once(bff_settings: dict[str, str]) -> None:
    store = await EntityStore.open(bff_settings["DATABASE_URL"], service="checkout")
    assert await seed(store, CATALOGUE) == 3
    assert await seed(store, CATALOGUE) == 0
    await store.close()


async def test_the_price_book_is_the_systems_to_write_alone(ada: BffClient) -> None:
    claims = Claims(sub="ada", client_id="portico", issuer="test", audience="test", issued_at=0, expires_at=0)
    async with store_of(ada).unit_of_work(claims) as uow:
        pizza = await uow.get(PRICE, "pizza")
        assert pizza is not None
        with pytest.raises(AccessRefused):
            await uow.put(PRICE, "pizza", replace(pizza.entity, unit_price=Money(1, "EUR")))
