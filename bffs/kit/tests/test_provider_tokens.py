"""A BFF that takes an OpenID provider's own tokens: where its keys are, and what it calls roles and tenants."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portico.bff.claim_names import ClaimNames
from portico.bff.config import BffSettings
from portico.bff.discovery import TTL_S, DiscoveredKeys, Fetch
from portico.bff.errors import SettingsError, TokenRefused
from portico.bff.testing.tokens import TokenIssuer
from portico.bff.verifier import TokenPolicy, TokenVerifier
from portico.keys import KeysUnavailable

ISSUER = "https://id.example/realm"
DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
KEYS = "https://id.example/keys"
SETTINGS = {"PORTICO_APP": "shop", "PORTICO_ISSUER": ISSUER, "DATABASE_URL": "sqlite:///shop.db"}


class Web:
    """Addresses with bytes behind them, and what was asked for."""

    def __init__(self, **changes: Any) -> None:
        self.now = 0.0
        document = {"issuer": ISSUER, "jwks_uri": KEYS} | changes
        self.answers: dict[str, bytes] = {DISCOVERY: json.dumps(document).encode(), KEYS: b'{"keys": []}'}
        self.asked: list[str] = []
        self.keys = DiscoveredKeys(ISSUER, fetch=self._at, clock=lambda: self.now)

    def _at(self, url: str) -> Fetch:
        async def fetch() -> bytes:
            self.asked.append(url)
            if url not in self.answers:
                raise KeysUnavailable(f"{url} answered 404")
            return self.answers[url]

        return fetch


async def test_keys_are_where_the_issuers_document_says_which_is_read_once_an_hour() -> None:
    web = Web()
    assert [await web.keys(), await web.keys()] == [b'{"keys": []}'] * 2
    assert web.asked == [DISCOVERY, KEYS, KEYS]
    web.now = TTL_S
    await web.keys()
    assert web.asked[3:] == [DISCOVERY, KEYS]


async def test_keys_that_moved_are_found_with_the_next_try() -> None:
    web = Web()
    await web.keys()
    moved = f"{KEYS}/new"
    web.answers = {DISCOVERY: json.dumps({"issuer": ISSUER, "jwks_uri": moved}).encode(), moved: b"moved"}
    with pytest.raises(KeysUnavailable):
        await web.keys()
    assert await web.keys() == b"moved"


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://other.example"},
        {"issuer": f"{ISSUER}/"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": "http://id.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
    ids=str,
)
async def test_a_document_that_is_not_the_issuers_or_names_unsafe_keys_is_refused(changes: dict[str, Any]) -> None:
    web = Web(**changes)
    with pytest.raises(KeysUnavailable):
        await web.keys()
    assert web.asked == [DISCOVERY]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"PORTICO_ISSUER": f"{ISSUER},https://other.example"}, "PORTICO_JWKS_URL is not set"),
        ({"PORTICO_ISSUER": "http://id.example"}, "keys must come over https"),
        ({"PORTICO_ISSUER": "id"}, r"PORTICO_ISSUER \(and PORTICO_JWKS_URL is not set\)"),
    ],
)
def test_settings_by_which_no_keys_can_be_found_stop_the_start(changes: dict[str, str], reason: str) -> None:
    assert BffSettings.from_mapping(SETTINGS).jwks_url == ""
    with pytest.raises(SettingsError, match=reason):
        BffSettings.from_mapping(SETTINGS | changes)


async def claims_of(names: ClaimNames, **claims: Any) -> tuple[frozenset[str], str | None]:
    issuer = TokenIssuer()
    policy = TokenPolicy(frozenset({issuer.issuer}), issuer.audience, names=names)
    plain = {name: value for name, value in issuer.claims().items() if name not in {"roles", "tenant"}}
    found = await TokenVerifier(policy, issuer.keys()).verify(issuer.sign(issuer.header(), plain | claims))
    return found.roles, found.tenant


@pytest.mark.parametrize(
    ("names", "claims", "found"),
    [
        (ClaimNames(), {"roles": ["reader"], "tenant": "north"}, ({"reader"}, "north")),
        (ClaimNames(), {}, (set(), None)),
        (ClaimNames("realm.roles", "org.id"), {"realm": {"roles": ["a", "b"]}, "org": {"id": "n"}}, ({"a", "b"}, "n")),
        (ClaimNames("https://x.example/roles"), {"https://x.example/roles": ["a"]}, ({"a"}, None)),
        (ClaimNames("scope"), {"scope": "notes.read notes.write"}, ({"notes.read", "notes.write"}, None)),
        (ClaimNames("realm.roles"), {"realm": "text", "roles": ["operator"]}, (set(), None)),
    ],
    ids=["as here", "none", "nested", "a URL", "scope", "not an object"],
)
async def test_roles_and_tenant_are_what_the_issuer_calls_so(
    names: ClaimNames, claims: dict[str, Any], found: tuple[set[str], str | None]
) -> None:
    assert await claims_of(names, **claims) == (frozenset(found[0]), found[1])


@pytest.mark.parametrize(
    ("names", "claims"),
    [
        (ClaimNames(), {"roles": "operator"}),
        (ClaimNames(), {"roles": [1]}),
        (ClaimNames(), {"tenant": ["north"]}),
        (ClaimNames("realm.roles"), {"realm": {"roles": {"operator": True}}}),
    ],
    ids=str,
)
async def test_a_claim_of_another_shape_is_no_role(names: ClaimNames, claims: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        await claims_of(names, **claims)
