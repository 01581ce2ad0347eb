"""`portico doctor` sees from outside whether pages still have their security headers behind a proxy."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from portico.manifest.cli.checks import Check, Visit, page_headers

WHOLE = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; script-src 'nonce-x' 'strict-dynamic'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "accelerometer=(), camera=()",
    "Strict-Transport-Security": "max-age=63072000",
}


def seen(url: str, headers: dict[str, str]) -> Check:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, headers=headers, text="<!doctype html>"))
    with httpx.Client(base_url=url, transport=transport) as client:
        return page_headers(Visit(client, "a token", datetime.now(UTC)))


@pytest.mark.parametrize("url", ["https://portico.example", "http://127.0.0.1:8000"])
def test_pages_with_all_their_headers_are_well(url: str) -> None:
    assert seen(url, WHOLE).state == "ok"


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "Content-Type"])
def test_a_header_that_a_proxy_took_away_is_named(name: str) -> None:
    check = seen("https://portico.example", {one: value for one, value in WHOLE.items() if one != name})
    assert check.state == "fail"
    assert check.detail == f"wrong: {name.lower()}"
    assert "proxy" in check.advice


def test_a_policy_of_the_proxy_s_own_is_told() -> None:
    check = seen("https://portico.example", {**WHOLE, "Content-Security-Policy": "default-src * 'unsafe-inline'"})
    assert check.detail == "wrong: content-security-policy"


def test_hsts_is_for_tls_alone() -> None:
    without = {one: value for one, value in WHOLE.items() if one != "Strict-Transport-Security"}
    assert seen("http://127.0.0.1:8000", without).state == "ok"


def test_a_deployer_alone_has_no_pages() -> None:
    assert seen("https://deployer.example", {"Content-Type": "application/problem+json"}).state == "ok"
