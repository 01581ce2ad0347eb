"""Hosts on one database of sessions, and a provider that counts and forgives no reuse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from host.tests.identity_world import TestClock
from host.tests.session_world import SETTINGS
from portico.host.session import Person, Seal, Session, Sessions, TokenSet
from portico.host.session.errors import GrantRefused, SignInError
from portico.host.session.grants import AccessToken, Granted, Grants
from portico.host.session.lease import Leases
from portico.host.session.session_tokens import SessionTokens
from portico.host.session.token_rows import TokenRows
from portico.host.sessions_database import open_sessions
from portico.sql import Database

ADA = Person(sub="ada", name="Ada", roles=("editor",), tenant="north", sid="sid-1")
LIFE_S = 300


@dataclass
class RotatingProvider(Grants):
    """Gives a new refresh token for each; one that comes a second time ends the grant (RFC 9700, 4.14.2).

    It answers after `turns` turns of the loop, or when `gate` opens, and fails with `fault` when there is one.
    """

    clock: TestClock
    turns: int = 3
    claims: Mapping[str, Any] | None = None
    fault: SignInError | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    beginning: asyncio.Event = field(default_factory=asyncio.Event)
    number: int = 0
    asked: int = 0
    revoked: bool = False
    forgotten: list[TokenSet] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    async def began(self) -> None:
        """Until somebody has asked for a refresh since the last time."""
        await self.beginning.wait()
        self.beginning.clear()

    def tokens(self) -> TokenSet:
        return TokenSet(f"access {self.number}", "id", f"refresh {self.number}", int(self.clock()) + LIFE_S)

    async def refresh(self, tokens: TokenSet, *, resource: str | None = None) -> Granted:
        self.asked += 1
        self.beginning.set()
        if self.fault is not None:
            raise self.fault
        if self.revoked or tokens.refresh_token != f"refresh {self.number}":
            self.revoked = True
            raise GrantRefused("invalid_grant")
        self.number += 1
        number = self.number
        for _ in range(self.turns):
            await asyncio.sleep(0)
        await self.gate.wait()
        if resource is None:
            fresh = self.tokens()
            return Granted(fresh, AccessToken(fresh.access_token, int(self.clock()) + LIFE_S), self.claims)
        kept = TokenSet(tokens.access_token, "id", f"refresh {number}", tokens.expires_at)
        return Granted(kept, AccessToken(f"for {resource}", int(self.clock()) + LIFE_S), {"sub": "ada"})

    async def exchange(self, tokens: TokenSet, audience: str) -> AccessToken:
        if self.revoked or tokens.expires_at is None or tokens.expires_at <= self.clock():
            raise GrantRefused("invalid_grant")
        return AccessToken(f"{tokens.access_token} for {audience}", int(self.clock()) + LIFE_S)

    async def revoke(self, tokens: TokenSet) -> None:
        self.forgotten.append(tokens)


@dataclass
class Replica:
    """One host: its own connections, its own tasks."""

    database: Database
    sessions: Sessions
    tokens: SessionTokens


@dataclass
class TokenWorld:
    """Replicas on one database, one provider, one session of Ada's with its cookie's secret."""

    clock: TestClock
    provider: RotatingProvider
    replicas: list[Replica]
    secret: str
    session: Session

    @property
    def one(self) -> Replica:
        return self.replicas[0]

    async def seen(self, replica: Replica | None = None) -> Session | None:
        """Who a request is, before the provider is asked."""
        return await (replica or self.one).sessions.identify([(b"cookie", f"portico={self.secret}".encode())])

    async def fresh(self, replica: Replica | None = None) -> Session | None:
        """Who a request is, as the host has it."""
        session = await self.seen(replica)
        return session and await (replica or self.one).tokens.keep_fresh(session)


@asynccontextmanager
async def token_world(url: str, *, replicas: int = 1, patience: float = 20.0) -> AsyncIterator[TokenWorld]:
    """Hosts on the (empty) database at `url`; Ada has just signed in at the first."""
    clock, seal = TestClock(), Seal.generate()
    provider = RotatingProvider(clock)
    async with AsyncExitStack() as stack:
        hosts = []
        for _ in range(replicas):
            database = await open_sessions(url)
            stack.push_async_callback(database.close)
            sessions = Sessions(database, settings=SETTINGS, seal=seal, clock=clock)
            tokens = SessionTokens(
                settings=SETTINGS,
                sessions=sessions,
                rows=TokenRows(database, seal=seal, idle=SETTINGS.idle),
                leases=Leases(database),
                grants=provider,
                clock=clock,
                patience=patience,
            )
            stack.push_async_callback(tokens.close)
            hosts.append(Replica(database, sessions, tokens))
        secret, session = await hosts[0].sessions.create(ADA, provider.tokens())
        yield TokenWorld(clock, provider, hosts, secret, session)
