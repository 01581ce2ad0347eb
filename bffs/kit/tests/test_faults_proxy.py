"""The fault proxy against a real server: it passes everything on, until it is told to fail."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException, HTTPResponse

import pytest

from bffs.kit.tests.fault_site import Client, FaultSite, fault_site
from portico.bff.testing.faults import FaultProxy

BROKEN = (ConnectionError, HTTPException)


@pytest.fixture
def site() -> Iterator[FaultSite]:
    with fault_site() as running:
        yield running


@pytest.fixture
def proxy(site: FaultSite) -> Iterator[FaultProxy]:
    with FaultProxy(site.url) as running:
        yield running


def test_what_is_not_harmed_passes_and_is_recorded(site: FaultSite, proxy: FaultProxy) -> None:
    """Two requests on one kept connection: both reach the server, both answers come back."""
    with Client(proxy.url) as client:
        page = client.send("GET", "/a/b?c=d")
        assert (page.status, page.read()[:9]) == (200, b"<!doctype")
        made = client.send("POST", "/things", b"a thing", **{"Idempotency-Key": "k-1"})
        assert (made.status, made.read()) == (201, b"a thing")
    assert site.asked == ["GET /a/b?c=d", "POST /things"]
    proxy.journal.wait_for(lambda journal: len(journal.answered()) == 2)
    first, second = proxy.journal.all()
    assert (first.path, first.status, first.fault) == ("/a/b", 200, None)
    assert (second.body, second.headers["idempotency-key"], second.delivered) == (b"a thing", "k-1", True)


def test_a_cut_before_delivery_keeps_the_request_from_the_server(site: FaultSite, proxy: FaultProxy) -> None:
    """It harms as many requests as it was told to, of its method and path alone."""
    rule = proxy.cut_before_delivery("POST", "/things/*", times=2)
    for _ in range(2):
        with Client(proxy.url) as client, pytest.raises(BROKEN):
            client.send("POST", "/things/1", b"x")
    rule.wait(2)
    with Client(proxy.url) as client:
        client.send("GET", "/things/1").read()
        assert client.send("POST", "/things/1", b"x").status == 201
    assert site.asked == ["GET /things/1", "POST /things/1"]
    assert [one.delivered for one in proxy.journal.all("POST")] == [False, False, True]


def test_a_cut_before_the_reply_lets_the_server_do_its_work(site: FaultSite, proxy: FaultProxy) -> None:
    """The server has answered 201; the client has nothing."""
    rule = proxy.cut_before_reply("POST")
    with Client(proxy.url) as client, pytest.raises(BROKEN):
        client.send("POST", "/things", b"x")
    rule.wait()
    (only,) = proxy.journal.all()
    assert (only.delivered, only.status, only.answered) == (True, 201, False)
    assert site.asked == ["POST /things"]


@pytest.mark.parametrize(("after", "came"), [(0, b""), (4, b"abcd"), (100, b"abcdefg")])
def test_a_cut_in_mid_body_never_lets_the_whole_body_through(
    site: FaultSite, proxy: FaultProxy, after: int, came: bytes
) -> None:
    """Status and headers arrive, and the first bytes, at most all but the last."""
    proxy.cut_mid_body("POST", after=after)
    with Client(proxy.url) as client:
        answer = client.send("POST", "/things", b"abcdefgh")
        assert answer.status == 201
        assert _until_it_breaks(answer) == came
    assert proxy.journal.all()[0].answered is False


def _until_it_breaks(answer: HTTPResponse) -> bytes:
    received = b""
    with suppress(*BROKEN):
        while byte := answer.read(1):
            received += byte
    return received


def test_a_held_reply_comes_when_it_is_released(proxy: FaultProxy) -> None:
    """While it is held the server has answered, and the client still waits."""
    rule = proxy.hold_before_reply("POST")
    with ThreadPoolExecutor(1) as pool, Client(proxy.url) as client:
        answer = pool.submit(client.send, "POST", "/things", b"x")
        rule.wait()
        assert proxy.journal.all()[0].status == 201
        assert not answer.done()
        rule.release()
        assert answer.result().read() == b"x"


def test_a_held_request_reaches_the_server_when_it_is_released(site: FaultSite, proxy: FaultProxy) -> None:
    """Until then the server has heard nothing."""
    rule = proxy.hold_before_delivery()
    with ThreadPoolExecutor(1) as pool, Client(proxy.url) as client:
        answer = pool.submit(client.send, "POST", "/things", b"x")
        rule.wait()
        assert site.asked == []
        rule.release()
        assert answer.result().status == 201
    assert site.asked == ["POST /things"]


def test_a_body_held_in_the_middle_comes_whole_in_the_end(proxy: FaultProxy) -> None:
    """The first bytes are there before the release, the rest after it."""
    rule = proxy.hold_mid_body("POST", after=3)
    with Client(proxy.url) as client:
        answer = client.send("POST", "/things", b"abcdefgh")
        assert answer.read(3) == b"abc"
        rule.wait()
        rule.release()
        assert answer.read() == b"defgh"


def test_a_client_that_leaves_ends_what_is_held_for_it(site: FaultSite, proxy: FaultProxy) -> None:
    """A request that waits for delivery goes no further when its client is gone."""
    rule = proxy.hold_before_delivery()
    with socket.create_connection(("127.0.0.1", proxy.port)) as raw:
        raw.sendall(b"GET /things HTTP/1.1\r\nHost: x\r\n\r\n")
        rule.wait()
        assert proxy.open_streams() == 1
    while proxy.open_streams():
        pass
    assert site.asked == []


def test_a_captive_portal_answers_for_the_server(site: FaultSite, proxy: FaultProxy) -> None:
    """A page with 200, or a redirect; the server hears of neither, until the network is healed."""
    with Client(proxy.url) as client:
        rule = proxy.captive_portal()
        page = client.send("POST", "/api/things", b"x")
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert b"Welcome" in page.read()
        rule.release()
        proxy.captive_portal(redirect="http://portal.example/pay")
        away = client.send("GET", "/things")
        assert (away.status, away.headers["Location"], away.read()) == (302, "http://portal.example/pay", b"")
        assert site.asked == []
        proxy.heal()
        assert client.send("GET", "/things").status == 200


def test_refused_connections_are_refused_until_the_network_is_healed(site: FaultSite, proxy: FaultProxy) -> None:
    """Open connections break, new ones are refused, and the port stays the proxy's."""
    with Client(proxy.url) as client:
        client.send("GET", "/").read()
        proxy.refuse()
        with pytest.raises(BROKEN):
            client.send("GET", "/")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxy.port))
    proxy.heal()
    with Client(proxy.url) as client:
        assert client.send("GET", "/").status == 200


def test_nobody_hangs_who_knocks_while_the_door_closes(proxy: FaultProxy) -> None:
    """Every client is answered, refused or reset, however often the port opens and closes meanwhile."""
    over = threading.Event()

    def knock() -> int:
        knocks = 0
        while not over.is_set():
            with suppress(*BROKEN), Client(proxy.url) as client:  # a TimeoutError would come through
                client.send("GET", "/").read()
            knocks += 1
        return knocks

    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(knock) for _ in range(4)]
        for _ in range(200):
            proxy.refuse()
            proxy.heal()
        over.set()
        assert all(client.result() for client in clients)


def test_a_black_hole_takes_requests_and_answers_none(site: FaultSite, proxy: FaultProxy) -> None:
    """The connection breaks when the fault ends."""
    rule = proxy.black_hole("GET", "/things")
    with ThreadPoolExecutor(1) as pool, Client(proxy.url) as client:
        answer = pool.submit(client.send, "GET", "/things")
        rule.wait()
        assert not answer.done()
        proxy.heal()
        with pytest.raises(BROKEN):
            answer.result()
    assert site.asked == []


def test_a_slow_network_hands_over_everything_in_small_parts(proxy: FaultProxy) -> None:
    """Nothing is lost on the slow way."""
    rule = proxy.slow("POST", latency_s=0.01, bytes_per_s=100_000)
    with Client(proxy.url) as client:
        assert client.send("POST", "/things", b"x" * 2000).read() == b"x" * 2000
    assert rule.fired == 1


def test_open_streams_pass_and_can_be_cut_at_once(proxy: FaultProxy) -> None:
    """Events come as they are sent; a cut breaks the streams of its path and no others."""
    with Client(proxy.url) as client:
        stream = client.send("GET", "/stream")
        assert stream.readline() == b"data: hello\n"
        assert proxy.open_streams("/stream") == 1
        assert proxy.cut_streams("/elsewhere") == 0
        assert proxy.cut_streams("/stream") == 1
        with pytest.raises(BROKEN):
            stream.read()


def test_a_websocket_passes_both_ways_and_can_be_cut(proxy: FaultProxy) -> None:
    """After the upgrade nothing is looked at."""
    opening = (
        b"GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as raw, raw.makefile("rb") as lines:
        raw.sendall(opening)
        assert b"101" in lines.readline()
        while lines.readline() != b"\r\n":
            pass
        raw.sendall(b"\x81\x02hi")
        assert lines.read(4) == b"\x81\x02hi"
        assert proxy.cut_streams() == 1
        with pytest.raises(ConnectionResetError):
            lines.read(1)


def test_a_server_that_hangs_up_between_two_requests_is_called_anew(site: FaultSite, proxy: FaultProxy) -> None:
    """The client's own connection stays as it is."""
    with Client(proxy.url) as client:
        for _ in range(2):
            answer = client.send("GET", "/once")
            assert (answer.status, answer.read()) == (200, b"once")
    assert site.asked == ["GET /once"] * 2


def test_a_server_that_is_down_looks_like_one(proxy: FaultProxy, site: FaultSite) -> None:
    """The proxy makes up no answer of its own."""
    with FaultProxy("http://127.0.0.1:9") as lonely, Client(lonely.url) as client, pytest.raises(BROKEN):
        client.send("GET", "/")


def test_the_rule_that_was_set_last_goes_first(proxy: FaultProxy) -> None:
    """A narrow fault can be laid over a broad one, and the broad one still holds after it."""
    proxy.captive_portal()
    proxy.answer("GET", "/things", status=503, headers={"Retry-After": "1"})
    with Client(proxy.url) as client:
        assert [_status(client), _status(client)] == [503, 200]


def _status(client: Client) -> int:
    answer = client.send("GET", "/things")
    answer.read()
    return answer.status


def test_a_platform_that_runs_already_is_told_its_own_origin(site: FaultSite) -> None:
    """Host and Origin name the platform on the way there, Location names the proxy on the way back."""
    with FaultProxy(site.url, rewrite_origin=True) as proxy, Client(proxy.url) as client:
        away = client.send("GET", "/away")
        assert away.headers["Location"] == f"{proxy.url}/home"
        assert site.hosts == {site.url.removeprefix("http://")}
