"""Another system that is told by webhook: it checks what it gets with the reference library."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook


class Partner:
    """Answers with the next of ``answers``, the last for ever, and keeps what it was told: id and body."""

    def __init__(self) -> None:
        self.url = ""
        self.secret = ""
        self.answers = [204]
        self.told: list[tuple[str, Any]] = []
        self._changed = asyncio.Condition()

    async def take(self, request: web.Request) -> web.Response:
        message = Webhook(self.secret).verify(await request.read(), dict(request.headers))
        async with self._changed:
            self.told.append((request.headers["webhook-id"], message))
            self._changed.notify_all()
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=status)

    async def heard(self, count: int) -> list[tuple[str, Any]]:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.told) >= count)
            return list(self.told)


@contextlib.asynccontextmanager
async def partner_server() -> AsyncIterator[Partner]:
    partner, app = Partner(), web.Application()
    app.router.add_post("/hooks", partner.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    partner.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
    try:
        yield partner
    finally:
        await runner.cleanup()
