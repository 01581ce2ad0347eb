"""Where the development provider refuses to start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from host.tests.identity_world import ADA, CLIENT, ISSUER, PEOPLE
from portico.host.devidp import DevProviderConfig
from portico.host.errors import ConfigurationError

CONFIG = DevProviderConfig(issuer=ISSUER, people=PEOPLE, clients=(CLIENT,))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]"])
def test_it_starts_on_loopback(host: str) -> None:
    assert replace(CONFIG, issuer=f"http://{host}:9100/idp/").issuer == f"http://{host}:9100/idp"


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "0.0.0.0"},
        {"address": "::"},
        {"issuer": "https://idp.example"},
        {"issuer": "http://127.0.0.1.evil.example"},
    ],
    ids=str,
)
@pytest.mark.parametrize("told", ["allow_other_addresses", "accept_that_anyone_can_sign_in", None])
def test_it_refuses_other_addresses_until_told_to_twice(changes: dict[str, Any], told: str | None) -> None:
    told_once: dict[str, Any] = {told: True} if told else {}
    with pytest.raises(ConfigurationError, match="anyone sign in as anyone"):
        replace(CONFIG, **changes, **told_once)
    replace(CONFIG, **changes, allow_other_addresses=True, accept_that_anyone_can_sign_in=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "idp"},
        {"issuer": f"{ISSUER}?x=1"},
        {"people": ()},
        {"people": (ADA, ADA)},
        {"clients": (CLIENT, CLIENT)},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        replace(CONFIG, **changes)


def test_the_client_secret_is_not_shown() -> None:
    assert CLIENT.client_secret not in repr(CONFIG)
