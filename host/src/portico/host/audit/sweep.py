"""Lets entries go that have had their time, while the host runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Final

from portico.host.audit.host_audit import HostAudit
from portico.sql import SqlError

_DAY_MS: Final = 24 * 3600 * 1000
_EVERY_S: Final = 3600.0
_logger = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def swept(audit: HostAudit, days: int) -> AsyncIterator[None]:
    """Once an hour, forget what is older than so many days; 0 keeps everything."""
    sweeping = asyncio.create_task(_sweep(audit, days), name="portico-audit-sweep") if days else None
    try:
        yield
    finally:
        if sweeping is not None:
            sweeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sweeping


async def _sweep(audit: HostAudit, days: int) -> None:
    while True:
        try:
            await audit.trail.forget(now=audit.now(), keep_ms=days * _DAY_MS)
        except SqlError as error:
            _logger.warning("The sweep of the audit is put off: %s", error)
        await asyncio.sleep(_EVERY_S)
