"""Tokens that were issued, kept for the calls to come: so most calls of the gateway sign and ask nothing."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from portico.host.clock import Clock
from portico.host.session.shared import Shared
from portico.host.tokens.errors import TokenUnavailable
from portico.host.tokens.source import Identity, Issuer

_REMAINING_S = 60  # a kept token is handed out only while it has this long to live, or a quarter of its life
_SESSIONS = 10_000
_PATIENCE_S = 10.0
_PAUSE_S = 2  # after a failure, so that an issuer in trouble is not asked by every call


@dataclass(slots=True)
class _Kept:
    """One session's tokens by audience, each with when to stop handing it out; all of one version of the session.

    Those being issued are in `under_way`; `failed` says why there is none, and until when nobody asks again.
    """

    version: int
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    under_way: dict[str, Shared[str]] = field(default_factory=dict)
    failed: dict[str, tuple[TokenUnavailable, float]] = field(default_factory=dict)


class CachedTokens:
    """A TokenSource that keeps what its issuer gave, by session, its version, and audience.

    Who want the same token at once share one call for it; a call that gives up leaves it to the others. The sessions
    unused the longest are forgotten beyond `sessions`. It is no authority: who asks has just looked the session up.
    Nobody waits longer than `patience` seconds; what comes later is kept for the next call.
    """

    def __init__(
        self, issuer: Issuer, clock: Clock, *, sessions: int = _SESSIONS, patience: float = _PATIENCE_S
    ) -> None:
        self._issuer = issuer
        self._clock = clock
        self._most = sessions
        self._patience = patience
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def token_for(self, session: Identity, audience: str) -> str:
        """A token for the BFF with this audience, with time left to use it; raises as `Issuer.issue`."""
        kept = self._of(session)
        found = kept.tokens.get(audience)
        if found is not None and self._clock() <= found[1]:
            return found[0]
        failure = kept.failed.get(audience)
        if failure is not None and self._clock() < failure[1]:
            raise TokenUnavailable(str(failure[0])) from failure[0]
        under_way = kept.under_way.get(audience)
        if under_way is None:
            under_way = kept.under_way[audience] = Shared()
        try:
            async with asyncio.timeout(self._patience):
                return await under_way.result_of(lambda: self._issue(kept, session, audience))
        except TimeoutError as error:
            raise TokenUnavailable(f"No token for {audience} within {self._patience:g} seconds") from error

    def forget(self, session_id: str) -> None:
        """Let go of a session's tokens: it is over. What is being issued for it is not kept."""
        self._kept.pop(session_id, None)

    def _of(self, session: Identity) -> _Kept:
        kept = self._kept.get(session.id)
        if kept is not None and kept.version == session.version:
            self._kept.move_to_end(session.id)
            return kept
        fresh = _Kept(session.version)
        if kept is None or kept.version < session.version:
            # Who still holds an older version of the session must not push out what the newer one was given.
            self._kept[session.id] = fresh
            self._kept.move_to_end(session.id)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return fresh

    async def _issue(self, kept: _Kept, session: Identity, audience: str) -> str:
        try:
            kept.failed.pop(audience, None)
            issued = await self._issuer.issue(session, audience)
            left = issued.expires_at - self._clock()
            kept.tokens[audience] = issued.token, issued.expires_at - min(_REMAINING_S, left / 4)
        except TokenUnavailable as error:
            kept.failed[audience] = error, self._clock() + _PAUSE_S
            raise
        finally:
            kept.under_way.pop(audience, None)
        return issued.token
