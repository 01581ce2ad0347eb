"""Spending a session's tokens at the provider: how long a call may take, and what may come between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from portico.host.session.errors import ProviderUnreachable
from portico.host.session.person import TokenSet
from portico.host.session.token_rows import Kept

CALL_S = 15.0


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """A call to the provider, which is to answer in time; raises ProviderUnreachable."""
    try:
        async with asyncio.timeout(CALL_S):
            yield
    except TimeoutError as error:
        raise ProviderUnreachable(f"no answer within {CALL_S:g} seconds") from error


def usable(kept: Kept) -> TokenSet:
    """A session's tokens; raises ProviderUnreachable when they cannot be opened here."""
    if kept.tokens is None:
        raise ProviderUnreachable("the session's tokens cannot be opened with any key that is here")
    return kept.tokens


def overtaken() -> ProviderUnreachable:
    """What a process is told that stood still so long that another took its lease: the other's tokens are kept."""
    return ProviderUnreachable("somebody else has replaced the session's tokens meanwhile")
