"""The menu's REST API, as the browser sees it."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from portico.bff.testing.client import BffClient

PATHS = ["/restaurants", "/restaurants/da-mario", "/dishes", "/cuisines"]


async def items(client: BffClient, path: str, **query: str | int) -> list[dict[str, Any]]:
    response = await client.get(path, params=query)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["items"]
    return found


async def all_pages(client: BffClient, path: str, **query: str | int) -> list[str]:
    """The ids of every page, one after another."""
    ids: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        response = await client.get(path, params={**query, **cursor})
        page = response.json()
        ids += [item["id"] for item in page["items"]]
        if page["nextCursor"] is None:
            return ids
        cursor = {"cursor": page["nextCursor"]}


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_reads_the_menu_without_a_token(anonymous: BffClient, path: str) -> None:
    response = await anonymous.get(path)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", PATHS)
async def test_a_token_for_another_bff_opens_nothing(anonymous: BffClient, path: str) -> None:
    response = await anonymous.signed_in("ada", aud="urn:portico:bff:checkout").get(path)
    assert response.status_code == 401


@pytest.mark.parametrize("path", PATHS)
async def test_answers_may_be_kept_by_the_browser_alone_and_are_not_sent_twice(ada: BffClient, path: str) -> None:
    first = await ada.get(path)
    assert first.headers["cache-control"] == "private, max-age=30, stale-while-revalidate=300"
    again = await ada.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_restaurant_is_told_with_all_that_a_list_shows(ada: BffClient) -> None:
    response = await ada.get("/restaurants", params={"q": "花見"})
    assert response.json() == {
        "items": [
            {
                "id": "sushi-hanami",
                "name": "Hanami",
                "nativeName": "花見",
                "cuisine": "japanese",
                "area": "Lantern Street",
                "tagline": "An eight-seat sushi counter that also travels well",
                "rating": 49,
                "delivery": {"minutes": [30, 40], "fee": {"amount": 290, "currency": "EUR"}},
            }
        ],
        "nextCursor": None,
    }


async def test_pages_hold_every_restaurant_once(ada: BffClient) -> None:
    ids = await all_pages(ada, "/restaurants", limit=7)
    assert len(ids) == 26
    assert ids == sorted(set(ids))


async def test_pages_of_a_search_hold_every_hit_once(ada: BffClient) -> None:
    whole = [dish["id"] for dish in await items(ada, "/dishes", q="chicken", limit=50)]
    assert len(whole) > 8
    assert await all_pages(ada, "/dishes", q="chicken", limit=3) == whole


async def test_a_cuisine_narrows_what_is_listed_and_what_is_found(ada: BffClient) -> None:
    listed = await items(ada, "/restaurants", cuisine="japanese")
    assert {restaurant["id"] for restaurant in listed} == {"izakaya-tanuki", "ramen-kaze", "sushi-hanami"}
    found = await items(ada, "/restaurants", q="lantern", cuisine="japanese")
    assert {restaurant["id"] for restaurant in found} == {"izakaya-tanuki", "sushi-hanami"}
    dishes = await items(ada, "/dishes", q="curry", cuisine="thai")
    assert dishes
    assert {dish["cuisine"] for dish in dishes} == {"thai"}


async def test_every_cuisine_has_a_restaurant_and_every_restaurant_a_cuisine(ada: BffClient) -> None:
    cuisines = await items(ada, "/cuisines")
    assert [cuisine["name"] for cuisine in cuisines] == sorted(cuisine["name"] for cuisine in cuisines)
    used = {restaurant["cuisine"] for restaurant in await items(ada, "/restaurants", limit=50)}
    assert {cuisine["id"] for cuisine in cuisines} == used


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("creperie", "creperie-saint-malo"),
        ("CRÊPERIE", "creperie-saint-malo"),
        ("pho", "pho-ha-noi"),
        ("smorrebrod", "smorrebrod-son"),
        ("pod roza", "pod-roza"),
        ("golabki", "pod-roza"),
        ("حمص", "beit-sitti"),
        ("Θαλασσα", "thalassa"),
        ("居酒屋", "izakaya-tanuki"),
        ("風", "ramen-kaze"),
        ("بيت", "beit-sitti"),
        ("서울", "seoul-sot"),
        ("სუფრა", "supra"),
        ("margherita", "da-mario"),
        ("dumpling polish", "pod-roza"),
    ],
)
async def test_a_restaurant_is_found_by_its_name_or_dishes_however_it_is_typed(
    ada: BffClient, typed: str, found: str
) -> None:
    assert found in [restaurant["id"] for restaurant in await items(ada, "/restaurants", q=typed)]


async def test_a_name_counts_more_than_a_mention(ada: BffClient) -> None:
    first, *_ = await items(ada, "/dishes", q="ramen")
    assert "ramen" in first["name"]


async def test_dishes_are_found_by_tag(ada: BffClient) -> None:
    found = await items(ada, "/dishes", q="vegan dumplings")
    assert {"mei-lin.jiaozi", "supra.khinkali-sokoti"} <= {dish["id"] for dish in found}


@pytest.mark.parametrize("typed", ["zzzyx", "!!!", '" OR zzzyx --', "pizza OR zzzyx", "NEAR(zzzyx pizza)", "zzz*"])
async def test_what_nobody_offers_is_an_empty_answer_and_no_error(ada: BffClient, typed: str) -> None:
    assert await items(ada, "/restaurants", q=typed) == []


async def test_blank_words_are_no_search(ada: BffClient) -> None:
    assert await items(ada, "/restaurants", q="  ") == await items(ada, "/restaurants")


async def test_a_restaurant_comes_with_its_menu_in_sections_and_order(ada: BffClient) -> None:
    response = await ada.get("/restaurants/da-mario")
    menu = response.json()
    assert (menu["name"], menu["nativeName"]) == ("Da Mario", None)
    assert [section["name"] for section in menu["sections"]] == ["Pizze", "Fritti", "Dolci"]
    first = menu["sections"][0]["dishes"][0]
    assert first == {
        "id": "da-mario.margherita",
        "name": "Margherita",
        "description": "San Marzano tomato, fior di latte, basil, a thread of olive oil",
        "price": {"amount": 950, "currency": "EUR"},
        "tags": ["vegetarian"],
        "section": "Pizze",
        "restaurantId": "da-mario",
        "restaurantName": "Da Mario",
        "cuisine": "italian",
    }


async def test_a_restaurant_that_is_not_there_is_a_404_problem(ada: BffClient) -> None:
    response = await ada.get("/restaurants/nowhere")
    assert response.status_code == 404
    assert response.json()["detail"] == "There is no such restaurant."


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"limit": 0}, 422),
        ({"limit": 51}, 422),
        ({"limit": "many"}, 422),
        ({"q": "x" * 201}, 422),
        ({"cuisine": ""}, 422),
        ({"colour": "red"}, 422),
        ({"cursor": "not-ours"}, 400),
        ({"q": "soup", "cursor": "not-ours"}, 400),
    ],
)
@pytest.mark.parametrize("path", ["/restaurants", "/dishes"])
async def test_a_query_that_makes_no_sense_is_refused_with_a_problem(
    ada: BffClient, path: str, query: dict[str, str | int], status: int
) -> None:
    response = await ada.get(path, params=query)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


async def test_the_contract_is_public_and_valid(anonymous: BffClient) -> None:
    response = await anonymous.get("/openapi.json")
    document = response.json()
    validate(document)
    own = {"/restaurants", "/restaurants/{restaurant_id}", "/dishes", "/cuisines"}
    assert set(document["paths"]) == own | {
        "/_commands/{key}",
        "/audit",
        "/metrics",
        "/_faults",
        "/_faults/{id}",
        "/_faults/{id}/resubmit",
        "/_rebuilds",
        "/_rebuilds/{id}",
        "/_rebuilds/{id}/cancel",
    }


async def test_health_is_public(anonymous: BffClient) -> None:
    assert (await anonymous.get("/healthz")).json() == {"status": "ok"}
