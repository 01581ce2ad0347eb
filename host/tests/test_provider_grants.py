"""What the provider gives after signing in, when all goes well and when it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from host.tests.identity_world import CLIENT, HOST, ISSUER, Network, TestClock
from host.tests.scripted_provider import ScriptedProvider
from host.tests.session_world import PROVIDER_ORIGIN
from portico.host.config import ProviderConfig
from portico.host.session import SessionSettings, TokenSet
from portico.host.session.client_authentication import ClientAuthentication
from portico.host.session.errors import GrantRefused, ProviderDistrusted, ProviderUnreachable
from portico.host.session.grants import Grants
from portico.host.session.provider import Provider, ProviderHttp
from portico.host.session.provider_grants import ProviderGrants

OTHER_KEYS = {"keys": [{"kty": "oct", "k": "AAAA"}]}


class Stage:
    """The grants of a host, and a provider that says what the test wants."""

    def __init__(self) -> None:
        self.clock = TestClock()
        self.script = ScriptedProvider(self.clock)
        app = self.script.app()
        app.router.routes.append(Route("/idp/revoke", self._revoke, methods=["POST"]))
        self.network = Network({PROVIDER_ORIGIN: app})
        self.revoked: list[dict[str, str]] = []
        client = ProviderConfig(issuer=ISSUER, client_id=CLIENT.client_id, client_secret=CLIENT.client_secret)
        settings = SessionSettings(base_url=HOST, provider=client)
        self.provider = Provider(ISSUER, http=ProviderHttp(ISSUER, self.network), clock=self.clock)
        self.grants: Grants = ProviderGrants(
            settings, self.provider, client=ClientAuthentication(client, clock=self.clock), clock=self.clock
        )
        self.tokens = TokenSet("old access", self.script.id_token(), "old refresh", int(self.clock()) + 5)

    async def _revoke(self, request: Request) -> Response:
        self.revoked.append({name: str(value) for name, value in (await request.form()).items()})
        return Response()


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.script.nonce = "of the sign-in"
    stage.tokens = TokenSet("old access", stage.script.id_token(), "old refresh", int(stage.clock()) + 5)
    stage.clock.now += 300
    return stage


async def test_everything_new_is_kept(stage: Stage) -> None:
    stage.script.token_answer = {"refresh_token": "new refresh"}
    granted = await stage.grants.refresh(stage.tokens)
    assert stage.script.redeemed == {"grant_type": "refresh_token", "refresh_token": "old refresh"}
    now = int(stage.clock())
    assert (granted.access.token, granted.access.expires_at) == ("opaque", now + 300)
    kept = granted.tokens
    assert (kept.access_token, kept.refresh_token, kept.expires_at) == ("opaque", "new refresh", now + 300)
    assert kept.id_token != stage.tokens.id_token
    assert granted.claims is not None
    assert granted.claims["roles"] == ["editor"]


async def test_what_the_provider_does_not_send_again_stays(stage: Stage) -> None:
    stage.script.token_answer = {"id_token": None, "expires_in": None}
    granted = await stage.grants.refresh(stage.tokens)
    assert granted.claims is None
    assert (granted.tokens.refresh_token, granted.tokens.id_token) == ("old refresh", stage.tokens.id_token)
    assert granted.access.expires_at == int(stage.clock()) + 60  # not said, so not relied on for long


async def test_a_resource_is_named_and_its_token_is_not_the_sessions(stage: Stage) -> None:
    stage.script.token_answer = {"refresh_token": "new refresh"}
    granted = await stage.grants.refresh(stage.tokens, resource="urn:example:notes")
    assert stage.script.redeemed["resource"] == "urn:example:notes"
    assert (granted.access.token, granted.tokens.access_token) == ("opaque", "old access")
    assert (granted.tokens.refresh_token, granted.tokens.expires_at) == ("new refresh", stage.tokens.expires_at)


async def test_an_exchange_says_what_is_given_for_what(stage: Stage) -> None:
    stage.script.token_answer = {"id_token": None, "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}
    access = await stage.grants.exchange(stage.tokens, "urn:example:notes")
    assert access.token == "opaque"
    assert stage.script.redeemed == {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": "old access",
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "audience": "urn:example:notes",
    }


async def test_without_a_refresh_token_there_is_nothing_to_ask_for(stage: Stage) -> None:
    with pytest.raises(GrantRefused):
        await stage.grants.refresh(TokenSet("access", "id"))
    await stage.grants.revoke(TokenSet("access", "id"))
    assert stage.network.requests == []


@pytest.mark.parametrize(
    ("answer", "status", "expected"),
    [
        ({"error": "invalid_grant"}, 400, GrantRefused),
        ({"error": "invalid_grant"}, 200, GrantRefused),
        ({"error": "invalid_client"}, 401, ProviderDistrusted),
        ({"error": "invalid_target"}, 400, ProviderDistrusted),
        ({"error": ["invalid_grant"]}, 400, ProviderDistrusted),
        ({"error": "invalid_grant"}, 500, ProviderUnreachable),
        ({}, 503, ProviderUnreachable),
        ({}, 429, ProviderUnreachable),
        ({}, 302, ProviderDistrusted),
        ({"access_token": None}, 200, ProviderDistrusted),
        ({"access_token": 5}, 200, ProviderDistrusted),
        ({"token_type": "DPoP"}, 200, ProviderDistrusted),
        ({"expires_in": "soon"}, 200, ProviderDistrusted),
        ({"id_token": "a.b.c"}, 200, ProviderDistrusted),
    ],
    ids=str,
)
async def test_only_a_refused_grant_ends_a_session(
    stage: Stage, answer: dict[str, Any], status: int, expected: type[Exception]
) -> None:
    stage.script.token_answer, stage.script.token_status = answer, status
    with pytest.raises(expected) as raised:
        await stage.grants.refresh(stage.tokens)
    assert isinstance(raised.value, GrantRefused) == (expected is GrantRefused)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "mallory"},
        {"iss": "https://evil.example"},
        {"aud": "other"},
        {"nonce": "another"},
        {"exp": 5},
        {"iat": 5},
    ],
    ids=str,
)
async def test_an_id_token_of_another_person_or_sign_in_is_not_taken(stage: Stage, claims: dict[str, Any]) -> None:
    stage.script.claims = claims
    with pytest.raises(ProviderDistrusted):
        await stage.grants.refresh(stage.tokens)


async def test_an_id_token_without_a_nonce_is_as_good(stage: Stage) -> None:
    stage.script.claims = {"nonce": None}
    assert (await stage.grants.refresh(stage.tokens)).claims is not None


def without_userinfo(stage: Stage) -> None:
    stage.script.claims = {"roles": None}
    stage.script.metadata = {"userinfo_endpoint": "http://127.0.0.1:9999/userinfo"}


def without_keys(stage: Stage) -> None:
    stage.script.metadata = {"jwks_uri": "http://127.0.0.1:9999/jwks"}


@pytest.mark.parametrize("lacks", [without_userinfo, without_keys], ids=lambda lacks: lacks.__name__)
async def test_a_new_refresh_token_is_not_lost_when_nothing_new_can_be_learnt(
    stage: Stage, lacks: Callable[[Stage], None]
) -> None:
    lacks(stage)
    stage.script.token_answer = {"refresh_token": "new refresh"}
    granted = await stage.grants.refresh(stage.tokens)
    assert (granted.claims, granted.tokens.refresh_token) == (None, "new refresh")
    assert granted.tokens.id_token == stage.tokens.id_token


async def test_a_revocation_names_the_refresh_token(stage: Stage) -> None:
    stage.script.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}
    await stage.grants.revoke(stage.tokens)
    assert stage.revoked == [{"token": "old refresh", "token_type_hint": "refresh_token"}]


@pytest.mark.parametrize(
    "metadata", [{}, {"revocation_endpoint": "http://127.0.0.1:9999/revoke"}], ids=["none", "down"]
)
async def test_a_revocation_that_cannot_be_is_no_error(stage: Stage, metadata: dict[str, Any]) -> None:
    stage.script.metadata = metadata
    await stage.grants.revoke(stage.tokens)
    stage.network.down.add(PROVIDER_ORIGIN)
    await stage.grants.revoke(stage.tokens)
    assert stage.revoked == []


async def test_an_answer_without_end_is_not_read(stage: Stage) -> None:
    large = httpx2.MockTransport(lambda _request: httpx2.Response(200, content=b" " * 600_000))
    await stage.provider.metadata()
    stage.provider.http = ProviderHttp(ISSUER, large)
    with pytest.raises(ProviderUnreachable):
        await stage.grants.refresh(stage.tokens)


def test_tokens_stay_out_of_logs(stage: Stage) -> None:
    assert "old" not in repr(stage.tokens)
