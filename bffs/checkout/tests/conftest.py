from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from starlette.applications import Starlette

from bffs.checkout.tests.checkout_person import store_of
from checkout_bff import create_app
from checkout_bff.price_book import Catalogue, CatalogueDish, CatalogueRestaurant, seed
from portico.bff.testing.client import BffClient
from portico.bff.testing.tokens import TokenIssuer

CATALOGUE = Catalogue(
    "EUR",
    (
        CatalogueRestaurant(
            "trattoria", "Trattoria", 190, (CatalogueDish("pizza", "Pizza", 950), CatalogueDish("cake", "Cake", 590))
        ),
        CatalogueRestaurant("izakaya", "Izakaya", 250, (CatalogueDish("ramen", "Ramen", 1320),)),
    ),
)


@pytest.fixture
def checkout_app(bff_settings: dict[str, str], token_issuer: TokenIssuer) -> Starlette:
    return create_app({**bff_settings, "PORTICO_APP": "checkout"}, keys=token_issuer.keys())


@pytest.fixture
async def anybody(
    checkout_app: Starlette, bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]]
) -> AsyncIterator[BffClient]:
    """A client without a token, of a BFF that sells two dishes of one restaurant and one of another."""
    async with bff_client(checkout_app) as client:
        await seed(store_of(client), CATALOGUE)
        yield client


@pytest.fixture
def ada(anybody: BffClient) -> BffClient:
    return anybody.signed_in("ada")


@pytest.fixture
def bob(anybody: BffClient) -> BffClient:
    return anybody.signed_in("bob")
