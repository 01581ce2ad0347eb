"""The gateway, in front of a BFF that says what reached it: mounted in this process, and over real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field

import httpx
import pytest
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.types import ASGIApp, Receive, Scope, Send

from portico.host.config import GatewayLimits
from portico.host.errors import AnswerBrokenOff, BackendUnavailable
from portico.host.gateway import Backend, Gateway, RemoteBackend
from portico.host.gateway.guard import check_path, check_person
from portico.host.gateway.headers import Header, header
from portico.host.gateway.remote import new_client
from portico.host.tokens import Identity
from portico.problem import Problem
from portico.serving import check_port

BASE_URL = "http://127.0.0.1:8000"
OURS = {"X-Portico": "1", "Sec-Fetch-Site": "same-origin"}
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
LIMITS = GatewayLimits(body_bytes=1000, timeout_s=0.3, concurrency=2, concurrency_each=2)


@dataclass(frozen=True)
class Ada:
    id: str = "session-1"
    sub: str = "ada"
    name: str = "Ada"
    roles: tuple[str, ...] = ()
    tenant: str | None = None
    version: int = 1
    expires_at: float = 9e9


class AudienceTokens:
    """Tokens that say for whom they are."""

    async def token_for(self, identity: Identity, audience: str) -> str:
        return f"{identity.sub}@{audience}"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what it was asked; `/stuck` never does, `/broken` breaks off in the middle."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if path == "/stuck":
        await asyncio.Event().wait()
    headers = [
        (b"content-type", b"application/json"),
        (b"set-cookie", b"portico=stolen"),
        (b"service-worker-allowed", b"/"),
        (b"clear-site-data", b'"*"'),
        (b"content-security-policy", b"default-src * 'unsafe-inline'"),
        (b"access-control-allow-origin", b"*"),
        (b"refresh", b"0;url=https://evil.example"),
        (b"x-frame-options", b"ALLOWALL"),
        (b"x-own", b"kept"),
    ]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    if path == "/stream":
        await send({"type": "http.response.body", "body": b"first, ", "more_body": True})
        await asyncio.sleep(2 * LIMITS.timeout_s)
        await send({"type": "http.response.body", "body": b"last"})
        return
    if path == "/broken":
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("broke in the middle")
    said = {
        "method": scope["method"],
        "path": path,
        "query": scope["query_string"].decode(),
        "headers": [(name.decode(), value.decode()) for name, value in scope["headers"]],
        "body": body.decode(),
    }
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})


@dataclass(frozen=True)
class InProcess:
    """A BFF in this process."""

    app: ASGIApp
    name: str = "in process"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@dataclass
class Apps:
    """A directory of BFFs in memory."""

    backends: dict[str, Backend] = field(default_factory=dict)

    async def backend(self, app: str, _identity: Identity, _headers: list[Header]) -> Backend | None:
        return self.backends.get(app)


@contextlib.asynccontextmanager
async def mounted() -> AsyncIterator[Backend]:
    yield InProcess(echo)


@contextlib.asynccontextmanager
async def remote() -> AsyncIterator[Backend]:
    port = check_port("127.0.0.1", 0)
    server = Server(echo, port=port, interface=Interfaces.ASGI, log_level=LogLevels.critical)
    serving = asyncio.create_task(server.serve())
    client = new_client()
    try:
        await _connectable(port)
        yield RemoteBackend(client, f"http://127.0.0.1:{port}")
    finally:
        await client.close()
        server.stop()  # type: ignore[no-untyped-call]
        await serving


async def _connectable(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return


Call = Callable[..., Coroutine[None, None, httpx.Response]]


def calling(apps: Apps, identity: Identity | None = None) -> Call:
    """A client of a gateway in which Ada is signed in."""

    async def identify(headers: list[Header]) -> Identity | None:
        return identity

    gateway = Gateway(base_url=BASE_URL, identify=identify, tokens=AudienceTokens(), directory=apps, limits=LIMITS)

    async def call(method: str, path: str, **options: object) -> httpx.Response:
        transport = httpx.ASGITransport(gateway)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            return await client.request(method, path, **options)  # type: ignore[arg-type]

    return call


@pytest.fixture(params=[mounted, remote], ids=["mounted", "remote"])
async def call(request: pytest.FixtureRequest) -> AsyncIterator[Call]:
    async with request.param() as backend:
        yield calling(Apps({"shop": backend}), Ada())


async def test_a_call_reaches_the_bff_with_its_path_query_and_body(call: Call) -> None:
    response = await call("POST", "/api/shop/things/caf%C3%A9?a=1&b=%20", headers=OURS, content="body")
    said = response.json()
    assert response.status_code == 201
    assert (said["method"], said["query"], said["body"]) == ("POST", "a=1&b=%20", "body")
    assert said["path"] == "/things/café"


async def test_the_bff_gets_the_persons_token_and_no_cookie_nor_forged_credentials(call: Call) -> None:
    forged = {
        **OURS,
        "Cookie": "portico=secret",
        "Authorization": "Bearer forged",
        "X-Forwarded-For": "1.2.3.4",
        "Forwarded": "for=1.2.3.4",
        "Connection": "X-Named",
        "X-Named": "hop by hop",
        "X_Forwarded_For": "1.2.3.4",
        "True-Client-IP": "1.2.3.4",
        "X-Original-URL": "/admin",
        "Idempotency-Key": "k1",
        "Traceparent": TRACE,
    }
    said = (await call("GET", "/api/shop/x", headers=forged)).json()
    headers = dict(said["headers"])
    assert headers["authorization"] == "Bearer ada@urn:portico:bff:shop"
    assert headers["idempotency-key"] == "k1"
    assert headers["traceparent"] == TRACE
    assert not headers.keys() & {"cookie", "x-forwarded-for", "forwarded", "x-named", "x-portico", "sec-fetch-site"}
    assert not headers.keys() & {"x_forwarded_for", "true-client-ip", "x-original-url"}


async def test_the_browser_gets_nothing_from_a_bff_that_rules_the_origin_and_nothing_to_cache(call: Call) -> None:
    response = await call("GET", "/api/shop/x", headers=OURS)
    assert set(response.headers) <= {"content-type", "x-own", "cache-control", "vary", "date", "content-length"}
    assert response.headers["x-own"] == "kept"
    assert response.headers["cache-control"] == "no-store"


async def test_a_bff_cannot_write_a_receipt() -> None:
    async def forging(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"portico-receipt", b"forged"), (b"portico-status", b"409")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    response = await calling(Apps({"shop": InProcess(forging)}), Ada())("GET", "/api/shop/x", headers=OURS)
    assert "portico-receipt" not in response.headers
    assert response.headers["portico-status"] == "409"


async def test_a_call_that_names_its_person_reaches_the_bff_without_the_name(call: Call) -> None:
    response = await call("POST", "/api/shop/x", headers={**OURS, "Portico-Person": "ada", "Portico-Client": "c1"})
    headers = dict(response.json()["headers"])
    assert response.status_code == 201
    assert "portico-person" not in headers
    assert headers["portico-client"] == "c1"


@pytest.mark.parametrize("name", ["ben", "", "Ada", "ada%20", "%FF", "ada, ben", "%zz", "a%00da"])
async def test_a_call_for_another_person_is_a_401_and_reaches_nobody(call: Call, name: str) -> None:
    response = await call("POST", "/api/shop/x", headers={**OURS, "Portico-Person": name})
    assert response.status_code == 401
    assert response.json()["type"].endswith("/other-person")


async def test_a_call_that_names_two_people_is_refused(call: Call) -> None:
    headers = [*OURS.items(), ("Portico-Person", "ada"), ("Portico-Person", "ben")]
    assert (await call("POST", "/api/shop/x", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("sub", "name"), [("auth0|Zoë/1", b"auth0%7CZo%C3%AB%2F1"), ("a%41", b"a%2541"), ("a+b c", b"a%2Bb%20c")]
)
def test_a_persons_name_is_percent_encoded(sub: str, name: bytes) -> None:
    check_person([(b"portico-person", name)], sub)
    with pytest.raises(Problem):
        check_person([(b"portico-person", name)], f"{sub}x")


async def test_a_body_over_the_limit_is_a_413_announced_or_not(call: Call) -> None:
    announced = await call("POST", "/api/shop/x", headers=OURS, content=b"x" * 1001)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    unannounced = await call("POST", "/api/shop/x", headers=OURS, content=chunks())
    assert [answer.status_code for answer in (announced, unannounced)] == [413, 413]
    assert announced.json()["type"].endswith("/body-too-large")


async def test_a_bff_that_does_not_answer_is_a_504_in_time(call: Call) -> None:
    response = await call("GET", "/api/shop/stuck", headers=OURS)
    assert response.status_code == 504
    assert response.json()["type"].endswith("/backend-timeout")
    assert response.headers["retry-after"]


async def test_a_stream_may_live_longer_than_the_limit_once_it_has_begun(call: Call) -> None:
    response = await call("GET", "/api/shop/stream", headers=OURS)
    assert response.text == "first, last"


async def test_calls_over_the_apps_limit_are_a_503_at_once_and_other_apps_go_on() -> None:
    async with mounted() as backend:
        call = calling(Apps({"shop": backend, "other": backend}), Ada())
        stuck = [asyncio.create_task(call("GET", "/api/shop/stuck", headers=OURS)) for _ in range(2)]
        refused = await _until_refused(call)
        other = await call("GET", "/api/other/x", headers=OURS)
        assert refused.status_code == 503
        assert other.status_code == 201
        assert [task.status_code for task in await asyncio.gather(*stuck)] == [504, 504]


async def _until_refused(call: Call) -> httpx.Response:
    response = await call("GET", "/api/shop/x", headers=OURS)
    while response.status_code == 201:
        await asyncio.sleep(0)  # a mounted call need not wait for anything: the stuck ones must get their turn
        response = await call("GET", "/api/shop/x", headers=OURS)
    return response


async def test_a_bff_that_cannot_be_reached_is_a_503_with_retry_after() -> None:
    client = new_client()
    gone = RemoteBackend(client, f"http://127.0.0.1:{check_port('127.0.0.1', 0)}")
    response = await calling(Apps({"shop": gone}), Ada())("GET", "/api/shop/x", headers=OURS)
    await client.close()
    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert response.headers["retry-after"]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000,
    ],
    ids=["status line", "length", "header"],
)
async def test_a_bff_that_answers_what_is_no_http_is_a_503(answer: bytes) -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = new_client()
    backend = RemoteBackend(client, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    response = await calling(Apps({"shop": backend}), Ada())("GET", "/api/shop/x", headers=OURS)
    await client.close()
    server.close()
    await server.wait_closed()
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_bff_that_does_not_start_is_a_503_that_tells_the_browser_nothing_of_why() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise BackendUnavailable("secret reason")

    response = await calling(Apps({"shop": InProcess(broken)}), Ada())("GET", "/api/shop/x", headers=OURS)
    assert response.status_code == 503
    assert "secret" not in response.text


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "MADEUP"])
async def test_a_method_that_no_api_has_is_refused(method: str) -> None:
    async with mounted() as backend:
        response = await calling(Apps({"shop": backend}), Ada())(method, "/api/shop/x", headers=OURS)
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]


async def test_one_person_cannot_take_an_app_from_everyone() -> None:
    """Each has a few calls at once; the others' are none of theirs."""
    each = GatewayLimits(timeout_s=0.3, concurrency=10, concurrency_each=2)
    async with mounted() as backend:
        people = {sub: Ada(sub=sub) for sub in ("ada", "alan")}

        async def identify(headers: list[Header]) -> Identity | None:
            return people[header(headers, b"x-person") or ""]

        gateway = Gateway(
            base_url=BASE_URL,
            identify=identify,
            tokens=AudienceTokens(),
            directory=Apps({"shop": backend}),
            limits=each,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url=BASE_URL) as client:
            ada, alan = ({**OURS, "X-Person": sub} for sub in people)
            stuck = [asyncio.create_task(client.get("/api/shop/stuck", headers=ada)) for _ in range(3)]
            assert 503 in {(await task).status_code for task in asyncio.as_completed(stuck[:3])}
            assert (await client.get("/api/shop/x", headers=alan)).status_code == 201
            assert (await client.get("/api/shop/x", headers=ada)).status_code == 201


async def nobody(headers: list[Header]) -> Identity | None:
    return None


async def test_an_unknown_app_is_a_404_problem() -> None:
    response = await calling(Apps(), Ada())("GET", "/api/nothing/x", headers=OURS)
    assert response.status_code == 404
    assert response.json()["type"].endswith("/unknown-app")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_call_without_a_session_is_a_401_problem_and_never_a_redirect(method: str) -> None:
    response = await calling(Apps())(method, "/api/shop/x", headers=OURS)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert "location" not in response.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"X-Portico": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-Portico": "1", "Sec-Fetch-Site": "same-site"},
        {"X-Portico": "1", "Sec-Fetch-Site": "none"},
        {"X-Portico": "1", "Origin": "https://evil.example"},
        {"X-Portico": "1", "Origin": "null"},
        {"X-Portico": "0", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    ],
)
async def test_a_call_that_is_not_our_own_pages_is_refused(headers: dict[str, str]) -> None:
    async with mounted() as backend:
        response = await calling(Apps({"shop": backend}), Ada())("GET", "/api/shop/x", headers=headers)
    assert response.status_code == 403


async def test_a_navigation_that_posts_is_refused() -> None:
    navigation = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    async with mounted() as backend:
        response = await calling(Apps({"shop": backend}), Ada())("POST", "/api/shop/x", headers=navigation)
    assert response.status_code == 403


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {"X-Portico": "1", "Origin": BASE_URL}),
        ("POST", {"X-Portico": "1"}),
        ("GET", {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}),
    ],
)
async def test_our_own_calls_and_a_persons_own_navigation_pass(method: str, headers: dict[str, str]) -> None:
    async with mounted() as backend:
        response = await calling(Apps({"shop": backend}), Ada())(method, "/api/shop/x", headers=headers)
    assert response.status_code == 201


@pytest.mark.parametrize(
    "path",
    [
        b"/api/shop/../other/x",
        b"/api/shop/%2e%2e/other/x",
        b"/api/shop/.%2E/x",
        b"/api/shop/a%2Fb",
        b"/api/shop/a%5cb",
        b"/api/shop//x",
        b"/api//x",
        b"/api/shop/%00",
        b"/api/shop/a\\b",
        b"/api/shop/./x",
        b"/api/shop/%2E/x",
        b"/api/shop/%2e./x",
    ],
)
def test_a_path_that_could_mean_two_things_is_refused(path: bytes) -> None:
    with pytest.raises(Problem) as refused:
        check_path(path)
    assert refused.value.status == 400


async def test_the_gateway_itself_refuses_an_ambiguous_path(call: Call) -> None:
    response = await call("GET", httpx.URL(f"{BASE_URL}/api/shop/%2e%2e/other/x"), headers=OURS)
    assert (response.status_code, response.json()["type"]) == (400, "https://portico.dev/problems/ambiguous-path")


async def test_a_header_of_ours_that_is_too_long_is_refused_before_anybody_is_looked_up() -> None:
    async def identify(headers: list[Header]) -> Identity | None:
        raise AssertionError("looked up")

    gateway = Gateway(base_url=BASE_URL, identify=identify, tokens=AudienceTokens(), directory=Apps(), limits=LIMITS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url=BASE_URL) as client:
        for name in ("Portico-Person", "Portico-Lane", "Portico-Replaces"):
            response = await client.post("/api/shop/x", headers={**OURS, name: "x" * 4097})
            assert (response.status_code, response.json()["type"]) == (
                400,
                "https://portico.dev/problems/header-too-long",
            )
        with pytest.raises(AssertionError, match="looked up"):
            await client.post("/api/shop/x", headers={**OURS, "Portico-Person": "x" * 4096})


async def test_an_answer_that_breaks_off_does_not_pass_for_whole(call: Call) -> None:
    with pytest.raises((RuntimeError, AnswerBrokenOff)):
        await call("GET", "/api/shop/broken", headers=OURS)
