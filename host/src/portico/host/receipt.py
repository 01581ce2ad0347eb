"""A receipt on every answer: what a browser holds an answer against to know that it came from here.

A captive portal answers anything with a page of its own, and a proxy with an error of its own. Neither knows the key of
the command it swallowed, so an answer without the right receipt counts as no network, and nothing is taken as done.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico.host.gateway.headers import Header, header

RECEIPT = b"portico-receipt"
_STARTS = frozenset({"http.response.start", "websocket.http.response.start"})
_KEY = re.compile(r"[\x20-\x7e]{1,200}")


class ReceiptMiddleware:
    """Sets `Portico-Receipt`: the request's `Idempotency-Key` when it has a valid one, else `1`.

    To be outermost: refusals and unexpected errors need the receipt most, and nothing inside may choose another.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; the start of each answer gets the receipt."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        receipt = (RECEIPT, _receipt(scope["headers"]))

        async def send_with_receipt(message: Message) -> None:
            if message["type"] in _STARTS:
                others = [pair for pair in message.get("headers", ()) if pair[0].lower() != RECEIPT]
                message = {**message, "headers": [*others, receipt]}
            await send(message)

        await self.app(scope, receive, send_with_receipt)


def _receipt(headers: list[Header]) -> bytes:
    key = header(headers, b"idempotency-key")
    return key.encode() if key is not None and _KEY.fullmatch(key) else b"1"
