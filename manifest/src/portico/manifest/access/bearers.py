"""Who stands behind a bearer token (RFC 6750): a deploy token's record, or what a CI's job may do."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

from portico.manifest.access.issuers import Issuers
from portico.manifest.access.jobs import LONGEST, JobTokens, looks_like_job_token
from portico.manifest.access.store import AccessStore
from portico.manifest.errors import InvalidToken
from portico.manifest.tokens import DeployToken, token_hash
from portico.sql import StoreUnavailable

_LONGEST_DEPLOY_TOKEN = 512
_EXACT = timedelta(minutes=1)
"""How exact the time of last use is: a busy client makes one write a minute, not one a call."""


class Bearers:
    """Tells who a token's bearer is; ``now`` is the wall clock."""

    def __init__(self, store: AccessStore, issuers: Issuers, now: Callable[[], datetime]) -> None:
        self._store = store
        self._jobs = JobTokens(store, issuers)
        self._now = now

    async def principal(self, token: str) -> DeployToken:
        """Return what the bearer may do; raises ``InvalidToken`` or ``IssuerUnavailable``."""
        if looks_like_job_token(token):
            if len(token) > LONGEST or not token.isascii():
                raise InvalidToken(f"this token is longer than {LONGEST} characters")
            return await self._jobs.principal(token, self._now())
        return await self._deploy_token(token)

    async def _deploy_token(self, token: str) -> DeployToken:
        known = await self._store.token(token_hash(token)) if len(token) <= _LONGEST_DEPLOY_TOKEN else None
        if known is None:
            raise InvalidToken("this deploy token is not known here")
        now = self._now()
        if not known.usable(now):
            ended = f"expired at {known.expires_at.isoformat(timespec='seconds')}"
            raise InvalidToken(f"this deploy token {'was revoked' if known.revoked_at else ended}")
        if known.last_used_at is None or now - known.last_used_at >= _EXACT:
            with contextlib.suppress(StoreUnavailable):  # reading must go on when writing cannot
                await self._store.used_token(known.id, now)
        return known
