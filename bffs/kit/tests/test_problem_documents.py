"""Problem documents on the wire."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.problem import FieldError, Problem, decoded, exception_handlers, field_error


class Line(msgspec.Struct, forbid_unknown_fields=True):
    qty: int
    tags: dict[str, int] = {}


class Body(msgspec.Struct, forbid_unknown_fields=True):
    items: list[Line]


def client_raising(error: Exception) -> httpx.AsyncClient:
    async def endpoint(_request: Request) -> Response:
        raise error

    app = Starlette(routes=[Route("/", endpoint)], exception_handlers=exception_handlers)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://app")


async def answer(error: Exception, method: str = "GET", path: str = "/") -> httpx.Response:
    async with client_raising(error) as client:
        return await client.request(method, path)


async def test_a_problem_is_answered_with_its_members_headers_and_media_type() -> None:
    response = await answer(
        Problem(
            "basket-empty",
            status=409,
            title="The basket is empty",
            detail="Add something first.",
            instance="/baskets/1",
            headers={"Retry-After": "5"},
            extensions={"basket": 1},
        )
    )
    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["retry-after"] == "5"
    assert response.json() == {
        "type": "https://portico.dev/problems/basket-empty",
        "title": "The basket is empty",
        "status": 409,
        "detail": "Add something first.",
        "instance": "/baskets/1",
        "basket": 1,
    }


async def test_unknown_paths_and_methods_are_problems_too() -> None:
    missing = await answer(HTTPException(404), path="/nowhere")
    assert missing.json() == {"type": "https://portico.dev/problems/not-found", "title": "Not Found", "status": 404}
    refused = await answer(HTTPException(404), method="DELETE")
    assert (refused.status_code, set(refused.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})
    assert refused.json()["type"].endswith("/method-not-allowed")


async def test_an_http_exception_keeps_its_detail_and_headers() -> None:
    response = await answer(HTTPException(418, "short and stout", headers={"X-Pot": "tea"}))
    assert response.json()["detail"] == "short and stout"
    assert response.headers["x-pot"] == "tea"


async def test_an_unexpected_error_is_masked_and_logged_under_its_id(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "portico.problem"):
        response = await answer(RuntimeError("password=hunter2"))
    assert response.status_code == 500
    assert "hunter2" not in response.text
    assert response.json()["errorId"] in caplog.text
    assert "hunter2" in caplog.text


async def test_a_validation_error_is_422_with_a_pointer() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b'{"items": [{"qty": 1}, {"qty": "x"}]}', type=Body)
    response = await answer(caught.value)
    assert response.status_code == 422
    assert response.json()["errors"] == [{"pointer": "/items/1/qty", "detail": "Expected `int`, got `str`"}]


async def test_a_body_that_is_not_json_is_400() -> None:
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(b"{", type=Body)
    assert (await answer(caught.value)).status_code == 400


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"[]", FieldError("", "Expected `object`, got `array`")),
        (b"{}", FieldError("", "Object missing required field `items`")),
        (b'{"items": [{}]}', FieldError("/items/0", "Object missing required field `qty`")),
        (b'{"items": [{"qty": 1, "x": 1}]}', FieldError("/items/0", "Object contains unknown field `x`")),
        (b'{"items": [{"qty": 1, "tags": {"a": "b"}}]}', FieldError("/items/0/tags/*", "Expected `int`, got `str`")),
    ],
)
def test_pointers_follow_rfc_6901(body: bytes, expected: FieldError) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=Body)
    assert field_error(caught.value) == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"type": "Not A Slug", "status": 400}, "slug"),
        ({"type": "fine", "status": 200}, "400 to 599"),
        ({"type": "fine", "status": 400, "extensions": {"title": "x"}}, "standard members"),
    ],
)
def test_a_problem_that_would_lie_is_refused_at_once(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Problem(**arguments)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested too deeply"),
        (b'{"a":{"\xff":"b"}}', "not UTF-8"),
        (b'{"a":{"b":"\xff"}}', "not UTF-8"),
        (b'{"a":{"b":1}}', r"\$\.a\[\.\.\.\]"),
        (b'{"a":', "truncated"),
    ],
)
def test_whatever_is_wrong_with_a_body_is_one_kind_of_error(body: bytes, words: str) -> None:
    class Body(msgspec.Struct):
        a: dict[str, str] = {}

    with pytest.raises(msgspec.DecodeError, match=words):
        decoded(body, Body)
