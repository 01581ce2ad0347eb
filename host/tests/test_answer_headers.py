"""The security headers of every kind of answer, and the rules of MDN's HTTP Observatory for the page.

Its own analyser (npm `@mdn/mdn-http-observatory` 1.4.8, algorithm 4), run over TLS against the start page, gave 135
points, A+, all ten tests passed. Its rules for that grade are kept here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping

import httpx
import pytest
import pytest_asyncio

from host.tests.test_host_app import HELLO, build
from portico.host.app import create_app
from portico.host.config import HostConfig, ProviderConfig
from portico.host.prepare import prepare

BASE_URL = "https://portico.example"
HALF_A_YEAR_S = 15_552_000
PRIVATE_REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """One host for all: no test changes what it holds."""
    tmp_path = tmp_path_factory.mktemp("answers")
    # Nobody listens there: what wants the provider says so, which is an answer as well.
    provider = ProviderConfig(issuer="https://127.0.0.1:9/idp", client_id="shop", client_secret="unused")
    config = HostConfig(
        base_url=BASE_URL,
        data_dir=tmp_path / "data",
        provider=provider,
        security_contact=("mailto:security@portico.example",),
        account_url="https://id.example/account",
    )
    await prepare(config, [build(tmp_path / "hello", HELLO)])
    app = create_app(config)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield client


ANSWERS: dict[str, tuple[str, str, int, Mapping[str, str]]] = {
    "a page": ("GET", "/", 200, {}),
    "a page asked for by HEAD": ("HEAD", "/", 200, {}),
    "a page to sign in for": ("GET", "/mine", 401, {}),
    "a page that is not there": ("GET", "/nowhere", 404, {}),
    "a page asked for once more": ("GET", "/mine", 200, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}),
    "a method that a page has not": ("POST", "/", 405, {}),
    "the page that the worker keeps": ("GET", "/_portico/document", 200, {}),
    "the worker": ("GET", "/_portico/worker.js", 200, {}),
    "an asset that is not there": ("GET", "/a/none/none.js", 404, {}),
    "the API without a session": ("GET", "/api/hello/x", 401, {}),
    "a preflight": ("OPTIONS", "/api/hello/x", 401, {"Origin": "https://evil.example"}),
    "the live stream without a session": ("GET", "/live", 401, {"X-Portico": "1"}),
    "the import map": ("GET", "/importmap.json", 200, {}),
    "the deployer without a token": ("GET", "/deploy/releases", 401, {}),
    "nothing below deploy": ("GET", "/deploy/none", 404, {}),
    "a sign-in that fails": ("GET", "/auth/sign-in", 503, {}),
    "a callback out of nowhere": ("GET", "/auth/callback", 400, {}),
    "a sign-out from elsewhere": ("POST", "/auth/sign-out", 403, {"Sec-Fetch-Site": "cross-site"}),
    "a redirect home": ("POST", "/auth/sign-out", 303, {"Sec-Fetch-Site": "same-origin"}),
    "a redirect elsewhere": ("GET", "/.well-known/change-password", 302, {}),
    "security.txt": ("GET", "/.well-known/security.txt", 200, {}),
    "keys": ("GET", "/.well-known/jwks.json", 200, {}),
    "the icon": ("GET", "/favicon.svg", 200, {}),
    "a probe": ("GET", "/healthz", 200, {}),
    "another host's request": ("GET", "/", 421, {"Host": "evil.example"}),
}


def check(answer: httpx.Response) -> None:
    """What holds of every answer of the host."""
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in PRIVATE_REFERRERS
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(headers["permissions-policy"].split(", "))
    age = re.search(r"max-age=(\d+)", headers["strict-transport-security"])
    assert age
    assert int(age[1]) >= HALF_A_YEAR_S
    assert "access-control-allow-origin" not in headers
    assert "x-powered-by" not in headers
    policy = directives(headers["content-security-policy"])
    assert policy["default-src"] == ["'none'"]
    if (
        answer.request.url.path != "/_portico/worker.js"
    ):  # no document: nothing frames it, and it has no base and no forms
        assert policy["frame-ancestors"] == ["'none'"]
        assert policy["base-uri"] == ["'none'"]
        assert "form-action" in policy
    assert not [word for words in policy.values() for word in words if "unsafe" in word or word in {"*", "https:"}]
    for cookie in headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-")
        assert {"httponly", "secure", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
        assert re.search(r"samesite=(strict|lax)", cookie, re.IGNORECASE)


def directives(policy: str) -> dict[str, list[str]]:
    """A policy by directive; fails when one is there twice."""
    found = [part.split() for part in policy.split(";")]
    assert len({words[0] for words in found}) == len(found)
    return {words[0]: words[1:] for words in found}


@pytest.mark.parametrize("kind", ANSWERS)
async def test_every_kind_of_answer_has_the_headers(client: httpx.AsyncClient, kind: str) -> None:
    method, path, status, headers = ANSWERS[kind]
    answer = await client.request(method, path, headers=headers)
    assert answer.status_code == status, answer.text
    check(answer)


async def test_an_asset_has_them_too(client: httpx.AsyncClient) -> None:
    """What the page loads, of the platform and of an app."""
    page = (await client.get("/")).text
    urls = set(re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css))"', page))
    assert len(urls) > 3
    for url in urls:
        answer = await client.get(url)
        assert answer.status_code == 200
        check(answer)


async def test_an_unexpected_error_has_them_too(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("unexpected")

    monkeypatch.setattr("portico.host.shell.decide", fail)
    answer = await client.get("/")
    assert answer.status_code == 500
    assert "unexpected" not in answer.text
    check(answer)


# As in its src/grader/charts.js: the modifiers of what a page of ours is expected to come out at.
Rule = Callable[[httpx.Response], bool]
OBSERVATORY: dict[str, tuple[int, Rule]] = {
    "content-security-policy: no unsafe, default-src 'none'": (
        10,
        lambda page: (
            directives(page.headers["content-security-policy"])["default-src"] == ["'none'"]
            and not re.search(r"unsafe-|http:", page.headers["content-security-policy"])
        ),
    ),
    "cookies: none without Secure and HttpOnly": (
        0,
        lambda page: all("Secure" in one and "HttpOnly" in one for one in page.headers.get_list("set-cookie")),
    ),
    "cross-origin-resource-sharing: not there": (0, lambda page: "access-control-allow-origin" not in page.headers),
    "referrer-policy: private": (5, lambda page: page.headers["referrer-policy"] in PRIVATE_REFERRERS),
    "strict-transport-security: six months": (
        0,
        lambda page: int(page.headers["strict-transport-security"].split(";")[0][8:]) >= HALF_A_YEAR_S,
    ),
    "subresource-integrity: every script of this origin": (
        5,
        lambda page: not re.search(r'<script[^>]+src="(?!/[^/])', page.text),
    ),
    "x-content-type-options: nosniff": (0, lambda page: page.headers["x-content-type-options"] == "nosniff"),
    "x-frame-options: by the policy": (
        5,
        lambda page: "frame-ancestors" in directives(page.headers["content-security-policy"]),
    ),
    "cross-origin-resource-policy: same-origin": (
        10,
        lambda page: page.headers["cross-origin-resource-policy"] == "same-origin",
    ),
}


async def test_the_page_has_the_observatory_s_top_grade(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert [name for name, (_, holds) in OBSERVATORY.items() if not holds(page)] == []
    assert 100 + sum(points for points, _ in OBSERVATORY.values()) == 135


async def test_the_page_s_policy_lets_only_its_own_nonce_and_hashed_scripts_run(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    policy = directives(page.headers["content-security-policy"])
    assert policy["script-src"][1] == "'strict-dynamic'"
    assert re.fullmatch(r"'nonce-[\w-]{22,}'", policy["script-src"][0])
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert page.headers["integrity-policy"] == "blocked-destinations=(script)"


async def test_security_txt_is_what_rfc_9116_wants(client: httpx.AsyncClient) -> None:
    answer = await client.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:security@portico.example"
    assert fields["Canonical"] == f"{BASE_URL}/.well-known/security.txt"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", fields["Expires"])


async def test_the_way_to_change_a_password_leads_to_the_provider_s_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/.well-known/change-password")
    assert answer.headers["location"] == "https://id.example/account"
