"""The parts of a gateway by themselves: signatures, the breaker, addresses, pauses."""

import socket
from ipaddress import ip_address

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from bffs.kit.tests.store_world import TestClock
from portico.bff.external import (
    AddressRefused,
    CircuitBreaker,
    CircuitOpen,
    GuardedResolver,
    SignatureRefused,
    WebhookSender,
    check_target,
    new_webhook_secret,
    next_attempt,
    sign,
    verify,
)
from portico.bff.external.address_guard import is_public
from portico.bff.ids import system_clock

SECRET, OLD = new_webhook_secret(), new_webhook_secret()
NOW = 1_800_000_000_000


@given(st.text(min_size=1, max_size=20, alphabet="abc-_."), st.text(max_size=200))
def test_what_is_signed_is_accepted_by_us_and_by_the_reference_library(id_: str, text: str) -> None:
    now, body = system_clock(), text.encode()
    headers = sign(SECRET, id_, now, body)
    assert verify([OLD, SECRET], headers, body, now) == id_
    Webhook(SECRET).verify(body, headers, json_parse=False)


def test_the_specification_s_example_has_its_signature() -> None:
    headers = sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_000,
                   b'{"test": 2432232314}')  # fmt: skip
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "changed",
    [{"webhook-id": "m2"}, {"webhook-id": ""}, {"webhook-id": "m" * 201}, {"webhook-timestamp": "1800000001"},
     {"webhook-timestamp": "-1"}, {"webhook-timestamp": "9" * 30}, {"webhook-timestamp": "soon"},
     {"webhook-timestamp": "1799999699"}, {"webhook-timestamp": "1800000301"}, {"webhook-signature": ""},
     {"webhook-signature": "v1,"}, {"webhook-signature": "v1,\u00e9"}, {"webhook-signature": "v2,x v1a,y"}],
)  # fmt: skip
def test_anything_else_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(SignatureRefused):
        verify([SECRET], {**sign(SECRET, "m1", NOW, b"x"), **changed}, b"x", NOW)


def test_other_bodies_and_other_secrets_are_refused() -> None:
    headers = sign(SECRET, "m1", NOW, b"x")
    for secrets, body in (([OLD], b"x"), ([], b"x"), ([SECRET], b"y"), ([SECRET], b"\xff")):
        with pytest.raises(SignatureRefused):
            verify(secrets, headers, body, NOW)


def test_the_window_is_five_minutes_both_ways() -> None:
    headers = sign(SECRET, "m1", NOW, b"x")
    for off, good in ((-301_000, False), (-300_000, True), (300_000, True), (301_000, False)):
        if good:
            assert verify([SECRET], headers, b"x", NOW + off) == "m1"
        else:
            with pytest.raises(SignatureRefused, match="not from the last 300 seconds"):
                verify([SECRET], headers, b"x", NOW + off)


async def test_an_address_is_looked_at_again_when_something_is_sent_there() -> None:
    sender = WebhookSender()
    answer = await sender.send("https://127.0.0.1:9/", SECRET, "m", b"{}")
    await sender.close()
    assert answer == (0, "The URL may not lead into a private network.")


def test_a_clock_that_is_set_back_does_not_keep_the_breaker_open() -> None:
    clock = TestClock()
    breaker = CircuitBreaker("it", failures=1, pause=10, clock=clock)
    breaker.failed()
    clock.milliseconds -= 3_600_000
    breaker.admit()
    with pytest.raises(CircuitOpen):
        breaker.admit()
    clock.milliseconds -= 3_600_000
    breaker.admit()


def test_the_breaker_opens_lets_one_try_and_closes() -> None:
    clock = TestClock()
    breaker = CircuitBreaker("it", failures=3, pause=10, clock=clock)
    for _ in range(2):
        breaker.failed()
    breaker.succeeded()
    for _ in range(3):
        breaker.admit()
        breaker.failed()
    states = [breaker.state]
    with pytest.raises(CircuitOpen) as refused:
        breaker.admit()
    assert refused.value.retry_after == 10
    clock.advance(seconds=10)
    states.append(breaker.state)
    breaker.admit()
    with pytest.raises(CircuitOpen):
        breaker.admit()  # one is trying
    breaker.failed()
    states.append(breaker.state)
    clock.advance(seconds=10)
    breaker.admit()
    breaker.succeeded()
    assert [*states, breaker.state] == ["open", "half-open", "open", "closed"]
    breaker.admit()


def test_a_try_that_never_ended_does_not_keep_the_circuit_open() -> None:
    clock = TestClock()
    breaker = CircuitBreaker("it", failures=1, pause=10, clock=clock)
    breaker.failed()
    for _ in range(3):
        clock.advance(seconds=10)
        breaker.admit()


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "ftp://example.org/", "https://", "https://u@example.org/", "https://:p@example.org/",
     "https://example.org/#f", "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/", "https://169.254.169.254/",
     "https://192.168.1.1:8443/x", "https://[fe80::1%25eth0]/", "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/",
     "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://0.0.0.0/", "https://100.64.0.1/",
     "https://224.0.0.1/", "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", "https://exa mple.org/",
     "https://ex\u00e4mple.org/", "https://example.org:99999/", "https://[::1", "https://[::127.0.0.1]/",
     "https://[::ffff:0:127.0.0.1]/", "https://[fec0::1]/", "https://2130706433/", "https://0x7f000001/",
     "https://127.1/", "https://0177.0.0.1/", "https://127.0.0.1./", "https://0x7f.1/", "https://0/", "https://a..b/",
     "https://%31%32%37.0.0.1/", "https://127.0.0.1\\.example.org/", "https://example.org/\0", "https://exa\0mple.org/",
     "https://localhost/", "https://LOCALHOST.:8443/", "https://a.localhost/", "https://example.org/\x01",
     f"https://{'a' * 64}.org/", f"https://{'a.' * 130}org/"],
)  # fmt: skip
def test_an_address_that_may_not_be_called(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_target(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/hooks?a=1",
        "https://93.184.215.14:8443/",
        "https://localhost.example.org/",
        "https://a-1.9.example.org./",
        "https://xn--exmple-cua.org",
        "HTTPS://EXAMPLE.ORG/%20",
        "https://1.2.3.x0x/",
    ],
)
def test_an_address_that_may_be_looked_up(url: str) -> None:
    assert check_target(url) == url


def test_an_address_for_development() -> None:
    assert check_target("http://127.0.0.1:9/", private=True)
    assert check_target("http://localhost:9/", private=True)


class Names(AbstractResolver):
    """A resolver that answers with whatever it is told."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=0, flags=0) for one in self.addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def test_a_name_leads_to_its_public_addresses_alone() -> None:
    mixed = GuardedResolver(Names("10.0.0.1", "93.184.215.14", "fe80::1%2", "::ffff:127.0.0.1"))
    assert [one["host"] for one in await mixed.resolve("example.org")] == ["93.184.215.14"]
    with pytest.raises(OSError, match="no public address"):
        await GuardedResolver(Names("127.0.0.1", "::1")).resolve("rebound.example.org")


@pytest.mark.parametrize("name", ["localhost", "2130706433", "0x7f.1"])
async def test_other_spellings_of_this_machine_are_found_out(name: str) -> None:
    resolver = GuardedResolver()
    with pytest.raises(OSError, match=r"no public address|Name or service|not known"):
        await resolver.resolve(name, 443)
    await resolver.close()


def test_public_addresses_are_public() -> None:
    assert is_public(ip_address("2606:2800:21f:cb07:6820:80da:af6b:8b2c"))
    assert is_public(ip_address("64:ff9b::5db8:d70e"))


def test_ten_attempts_take_a_bit_more_than_three_days() -> None:
    now, attempts = 0, 1
    while (due := next_attempt(attempts, now, 0.0)) is not None:
        now, attempts = due, attempts + 1
    assert attempts == 10
    assert 72 < now / 3_600_000 < 80
    assert next_attempt(1, 0, 1.0) == 5500
