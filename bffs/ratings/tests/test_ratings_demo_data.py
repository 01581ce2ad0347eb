"""The demo data: reviews of restaurants that there are, in the store once."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from starlette.applications import Starlette

from bffs.ratings.tests.ratings_world import standing
from portico.bff.testing.client import BffClient
from portico.bff.testing.tokens import TokenIssuer
from ratings_bff import create_app
from ratings_bff.demo_data import demo_ratings

MENU = Path(__file__).parents[2] / "menu" / "src" / "menu_bff" / "demo"


def test_they_are_of_restaurants_on_the_menu() -> None:
    rated = {restaurant.id for restaurant in demo_ratings()}
    assert rated
    assert rated <= {file.stem for file in MENU.glob("*.toml")}


async def test_they_are_there_once_however_often_the_service_starts(
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
) -> None:
    for _ in range(2):
        app = create_app({**bff_settings, "PORTICO_DEMO": "1"}, keys=token_issuer.keys())
        async with bff_client(app) as client:
            seen = await standing(client.signed_in("ada"), "da-mario")
            assert (seen["count"], seen["average"], len(seen["items"])) == (5, 48, 5)
            assert seen["items"][0]["words"] == "The crust alone is worth the wait."
