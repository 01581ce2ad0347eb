"""Sign-in and sessions, assembled for the host."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import httpx2
from starlette.routing import Route

from portico.host.audit.host_audit import HostAudit
from portico.host.clock import Clock
from portico.host.session.attempts import LoginAttempts
from portico.host.session.backchannel_logout import BackchannelLogout
from portico.host.session.client_authentication import ClientAuthentication
from portico.host.session.cookies import RawHeaders
from portico.host.session.grants import Grants
from portico.host.session.lease import Leases
from portico.host.session.logout_token import LogoutTokenVerifier
from portico.host.session.mine import MySessions
from portico.host.session.oidc import OidcClient, Resources
from portico.host.session.provider import Provider, ProviderHttp
from portico.host.session.provider_grants import ProviderGrants
from portico.host.session.routes import SignInRoutes
from portico.host.session.sealing import Seal
from portico.host.session.session import Session
from portico.host.session.session_tokens import SessionTokens
from portico.host.session.sessions import Sessions
from portico.host.session.settings import SessionSettings
from portico.host.session.token_rows import TokenRows
from portico.sql import Database


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the host needs of identity: whose request it is, the ways in and out, what the provider gives later."""

    sessions: Sessions
    routes: list[Route]
    grants: Grants
    tokens: SessionTokens
    mine: MySessions
    audit: HostAudit
    provider: Provider

    async def identify(self, headers: RawHeaders) -> Session | None:
        """The live session behind a request, as the provider sees it: it is asked when its tokens are nearly over."""
        session = await self.sessions.identify(headers)
        return None if session is None else await self.tokens.keep_fresh(session)


def create_sign_in(
    settings: SessionSettings,
    *,
    database: Database,
    seal: Seal,
    clock: Clock = time.time,
    transport: httpx2.AsyncBaseTransport | None = None,
    forget_too: Sequence[str] = (),
    resources: Resources | None = None,
) -> SignIn:
    """Assemble sign-in on a database that has `MIGRATIONS`.

    Nothing is asked of the provider before the first person signs in, so it may start later than the host, or in it.
    `transport` replaces the network to the provider in tests; for `forget_too` see `Sessions`.
    """
    issuer = settings.provider.issuer
    provider = Provider(issuer, http=ProviderHttp(issuer, transport), clock=clock)
    client = ClientAuthentication(settings.provider, clock=clock)
    oidc = OidcClient(settings, provider, client=client, clock=clock, resources=resources)
    grants = ProviderGrants(settings, provider, client=client, clock=clock)
    sessions = Sessions(database, settings=settings, seal=seal, clock=clock, forget_too=forget_too)
    audit = HostAudit(database, clock)
    attempts = LoginAttempts(database, seal=seal, clock=clock)
    routes = SignInRoutes(
        settings, sessions=sessions, attempts=attempts, oidc=oidc, grants=grants, audit=audit
    ).routes()
    verifier = LogoutTokenVerifier(provider, client_id=settings.provider.client_id, clock=clock)
    routes += BackchannelLogout(sessions, verifier, clock=clock, audit=audit).routes()
    tokens = SessionTokens(
        settings=settings,
        sessions=sessions,
        rows=TokenRows(database, seal=seal, idle=settings.idle),
        leases=Leases(database),
        grants=grants,
        clock=clock,
        when_refused=partial(audit.session, "end"),
    )
    mine = MySessions(database, settings=settings, sessions=sessions, tokens=tokens, clock=clock)
    return SignIn(sessions, routes, grants, tokens, mine, audit, provider)
