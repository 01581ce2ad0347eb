"""The provider's tokens of running sessions: refreshed in time, once, whoever asks and wherever.

A provider that rotates refresh tokens takes one that comes a second time for a stolen one, and revokes all that came of
that sign-in (RFC 9700, 4.14.2). So each call that spends one is made under the session's lease, by a task that goes on
when the browser that waited for it is gone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from portico.host.clock import Clock
from portico.host.session.due import refresh_at
from portico.host.session.errors import GrantRefused, ProviderDistrusted, ProviderUnreachable
from portico.host.session.grants import AccessToken, Granted, Grants
from portico.host.session.lease import Leases
from portico.host.session.person import Person, TokenSet, person_of
from portico.host.session.session import Session
from portico.host.session.sessions import Sessions
from portico.host.session.settings import SessionSettings
from portico.host.session.spending import answering, overtaken, usable
from portico.host.session.token_rows import Kept, TokenRows
from portico.sql import SqlError, StoreUnavailable

GRACE_S = 3600
"""How long a session goes on while the provider does not answer for it."""
PAUSE_S = 30
"""How long the provider is left alone after it did not answer."""
_PATIENCE_S = 2.0  # people do not wait longer for a refresh: they go on with what the session says
_CLOSING_S = 20.0
_KEEPING = (0.2, 0.5, 1.0, 2.0, 4.0)  # pauses before the tries to write what the provider will not give again

T = TypeVar("T")
_logger = logging.getLogger(__name__)


class SessionTokens:
    """Asks the provider for a session's tokens, one call at a time in all processes.

    `when_refused` is told once of each session that ends because the provider gives it no more, and why.
    """

    def __init__(
        self,
        *,
        settings: SessionSettings,
        sessions: Sessions,
        rows: TokenRows,
        leases: Leases,
        grants: Grants,
        clock: Clock = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: float = _PATIENCE_S,
        when_refused: Callable[[Session, str], Awaitable[None]] | None = None,
    ) -> None:
        provider = settings.provider
        self._claims = {"roles_claim": provider.roles_claim, "tenant_claim": provider.tenant_claim}
        self._sessions = sessions
        self._rows = rows
        self._leases = leases
        self._grants = grants
        self._clock = clock
        self._sleep = sleep
        self._patience = patience
        self._when_refused = when_refused
        self._refreshing: dict[str, asyncio.Task[Session | None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def keep_fresh(self, session: Session) -> Session | None:
        """The session as the provider sees it now, if it is time to ask; `None` when the provider has ended it.

        Waits two seconds at most: then, or when the store or the provider does not answer, the session goes on as it
        is, for an hour at most.
        """
        if session.refresh_at is None or self._clock() < session.refresh_at:
            return session
        task = self._refreshing.get(session.id)
        if task is None:
            task = self._start(self._refresh(session.id))
            self._refreshing[session.id] = task
            task.add_done_callback(lambda _: self._refreshing.pop(session.id, None))
        await asyncio.wait({task}, timeout=self._patience)
        if not task.done():
            return session
        try:
            return task.result()
        except SqlError as error:
            _logger.warning("A session's tokens cannot be refreshed now: %s", error)
            return session

    async def for_resource(self, session: Session, resource: str) -> AccessToken:
        """An access token for one resource (RFC 8707).

        Raises:
            GrantRefused: the session is over.
            ProviderUnreachable, ProviderDistrusted, portico.sql.SqlError: not now.
        """
        return await self._to_the_end(self._for_resource(session.id, resource))

    async def for_audience(self, session: Session, audience: str) -> AccessToken:
        """An access token for one audience, in exchange for the session's own (RFC 8693).

        Raises like `for_resource`.
        """
        return await self._to_the_end(self._for_audience(session.id, audience))

    def let_go(self, tokens: TokenSet) -> None:
        """Have the provider forget the tokens of a session that is over, while nobody waits for it."""
        self._start(self._grants.revoke(tokens))

    async def close(self) -> None:
        """Wait for what is under way, within reason: tokens that nobody kept would be lost."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING_S):
                while self._tasks:
                    await asyncio.wait(set(self._tasks))

    async def _refresh(self, session_id: str) -> Session | None:
        async with self._leases.of(session_id):
            kept = await self._rows.read(session_id, self._now())
            if kept is None:
                return None
            due = kept.session.refresh_at
            if due is None or self._now() < due:  # somebody else was quicker
                return kept.session
            try:
                await self._renewed(kept)
            except GrantRefused as error:
                _logger.info("The tokens of a session were refused: %s", error)
            except (ProviderUnreachable, ProviderDistrusted) as error:
                return await self._postponed(kept, error)
            left = await self._rows.read(session_id, self._now())
            return left.session if left else None

    async def _for_resource(self, session_id: str, resource: str) -> AccessToken:
        async with self._leases.of(session_id):
            return (await self._renewed(await self._read(session_id), resource=resource)).access

    async def _for_audience(self, session_id: str, audience: str) -> AccessToken:
        kept = await self._for_exchange(session_id)
        try:
            return await self._exchanged(kept, audience)
        except GrantRefused as error:  # an access token can be withdrawn: the session is over when a refresh fails, too
            _logger.info("An access token was refused: %s", error)
        fresh = await self._for_exchange(session_id, refused=kept)
        try:
            return await self._exchanged(fresh, audience)
        except GrantRefused as error:
            raise ProviderDistrusted(f"a fresh access token is refused, too: {error}") from error

    async def _for_exchange(self, session_id: str, *, refused: Kept | None = None) -> Kept:
        """The session's tokens, refreshed when it is time, or when the provider has refused these."""
        async with self._leases.of(session_id):
            kept = await self._read(session_id)
            is_refused = refused is not None and refused.generation == kept.generation
            if is_refused or (kept.session.refresh_at is not None and self._now() >= kept.session.refresh_at):
                await self._renewed(kept)
                kept = await self._read(session_id)
            return kept

    async def _exchanged(self, kept: Kept, audience: str) -> AccessToken:
        async with answering():
            return await self._grants.exchange(usable(kept), audience)

    async def _read(self, session_id: str) -> Kept:
        kept = await self._rows.read(session_id, self._now())
        if kept is None:
            raise GrantRefused("the session is over")
        return kept

    async def _renewed(self, kept: Kept, *, resource: str | None = None) -> Granted:
        """Refresh and keep what came. A refusal ends the session, unless others have replaced its tokens meanwhile."""
        try:
            async with answering():
                granted = await self._grants.refresh(usable(kept), resource=resource)
            # For a resource, the id_token is all that is asked: other claims may be at the userinfo endpoint.
            person = self._person(kept, granted) if resource is None else None
        except GrantRefused as error:
            if not await self._rows.is_current(kept):
                raise overtaken() from error
            await self._end(kept)
            raise
        due = refresh_at(granted.tokens, self._now()) if resource is None else kept.session.refresh_at
        if not await self._keep(kept, granted.tokens, person, due):
            if await self._rows.read(kept.session.id, self._now()) is not None:
                raise overtaken()
            self.let_go(granted.tokens)
            raise GrantRefused("the session ended while its tokens were refreshed")
        return granted

    def _person(self, kept: Kept, granted: Granted) -> Person | None:
        if granted.claims is None:
            return None
        person = person_of(granted.claims, **self._claims)
        if person.sub != kept.session.sub:
            raise ProviderDistrusted("the provider's answer to a refresh is about somebody else")
        return person

    async def _keep(self, kept: Kept, tokens: TokenSet, person: Person | None, due: float | None) -> bool:
        """Write the new tokens, patiently: the old ones are spent."""
        for pause in _KEEPING:
            try:
                return await self._rows.replace(kept, tokens, person, due=due)
            except StoreUnavailable as error:
                _logger.warning("Fresh tokens cannot be kept yet: %s", error)
                await self._sleep(pause)
        return await self._rows.replace(kept, tokens, person, due=due)

    async def _postponed(self, kept: Kept, error: Exception) -> Session | None:
        """The session as it is, until the provider has not answered for too long."""
        now = self._now()
        is_over = kept.failing_since is not None and now - kept.failing_since >= GRACE_S
        if is_over and await self._rows.is_current(kept):
            _logger.warning("A session ends: the provider has not answered for it for %d s: %s", GRACE_S, error)
            await self._end(kept)
            return None
        _logger.warning("A session's tokens cannot be refreshed now: %s", error)
        await self._rows.postpone(kept, now + PAUSE_S, now)
        return kept.session

    async def _end(self, kept: Kept) -> None:
        await self._sessions.end(kept.session.id)
        if self._when_refused is not None:
            await self._when_refused(kept.session, "the provider gives no tokens any more")

    async def _to_the_end(self, call: Coroutine[Any, Any, T]) -> T:
        return await asyncio.shield(self._start(call))

    def _start(self, call: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(call)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it; nobody else must be warned of it

    def _now(self) -> int:
        return int(self._clock())
