"""Calls of push services: which are never made, which are made again, and how much fits into one."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.tests.push_world import (
    BASE_URL,
    Browser,
    push_service,
)
from portico.host.errors import ConfigurationError
from portico.host.push import PushHosts
from portico.host.push.sender import Notice, Outcome, PushSender, new_push_client
from portico.host.push.vapid import VapidKey
from portico.host.tokens import HostKeys


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/x",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://evilpush.services.mozilla.com.evil.example/",
        "https://xpush.apple.com/x",
        "https://fcm.googleapis.com\\@evil.example/",
        "https://fcm.googleapis.com/\n",
        "https://.push.apple.com/x",
        "https://a..push.apple.com/x",
        f"https://{'a' * 64}.push.apple.com/x",
        f"https://{'a.' * 130}push.apple.com/x",
        "https://a\x00.push.apple.com/x",
        "https://127.0.0.1%2f.push.apple.com/x",
        "https://127.0.0.1;.push.apple.com/x",
        "\x01https://fcm.googleapis.com/x",
        "https://[::1]/x",
        "https://[bad/x",
        "http://127.0.0.1:9/x",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_endpoint_outside_the_list_is_ever_called(endpoint: str) -> None:
    assert not PushHosts().allow(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-by3p.notify.windows.com/w/?token=abc",
    ],
)
def test_the_push_services_of_browsers_are_in_the_list(endpoint: str) -> None:
    assert PushHosts().allow(endpoint)


@pytest.mark.parametrize(
    "host", ["http://10.0.0.1", "https://push.example", "*", "push", "*.*", "a b", "push.example/x"]
)
def test_a_list_with_a_mistake_stops_the_start(host: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTICO_PUSH_HOSTS"):
        PushHosts([host])


@pytest.mark.parametrize(
    ("answers", "outcome", "calls"),
    [
        ([201], Outcome.SENT, 1),
        ([503, 429, 201], Outcome.SENT, 3),
        ([500] * 4, Outcome.GIVEN_UP, 4),
        ([404], Outcome.GONE, 1),
        ([400], Outcome.GIVEN_UP, 1),
        ([307], Outcome.GIVEN_UP, 1),
    ],
)
async def test_a_push_service_that_is_busy_is_asked_again_and_no_redirect_is_followed(
    tmp_path: Path, answers: list[int], outcome: Outcome, calls: int
) -> None:
    async with push_service() as service, new_push_client() as client:
        service.answers = list(answers)
        pauses: list[float] = []

        async def sleep(seconds: float) -> None:
            pauses.append(seconds)

        key = VapidKey(HostKeys.generate(), base_url=BASE_URL, clock=lambda: 1_800_000_000.0)
        sender = PushSender(client, key, PushHosts([service.origin]), sleep=sleep, jitter=lambda: 1.0)
        browser = Browser(service.origin, "phone")
        assert await sender.send(browser.subscription, Notice("Hi"), topic="t") is outcome
        assert len(service.got) == calls
        assert pauses == [1.0, 5.0, 20.0][: calls - 1]


async def test_a_long_notice_is_shortened_to_what_push_services_take(tmp_path: Path) -> None:
    async with push_service() as service, new_push_client() as client:
        key = VapidKey(HostKeys.generate(), base_url=BASE_URL, clock=lambda: 1_800_000_000.0)
        sender = PushSender(client, key, PushHosts([service.origin]))
        browser = Browser(service.origin, "phone")
        for notice in (Notice("Hi", "ä" * 5000, "/x"), Notice("t" * 9000, "b" * 9000, "/" + "x" * 9000)):
            await sender.send(browser.subscription, notice, topic="t")
        first, second = (browser.decrypt(body) for _, _, body in service.got)
        assert first["title"] == "Hi"
        assert first["href"] == "/x"
        assert first["body"].startswith("ä" * 1000)
        assert first["body"].endswith("ä…")
        assert second == {"title": "t" * 200, "body": "", "href": "/"}
        assert all(len(body) <= 4096 for _, _, body in service.got)
