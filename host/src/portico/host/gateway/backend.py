"""The port that a BFF is called through, wherever it runs."""

from __future__ import annotations

from typing import Protocol

from starlette.types import Receive, Scope, Send


class Backend(Protocol):
    """One BFF, in this process or in its own."""

    @property
    def name(self) -> str:
        """What it is, the same for every call: its origin or its import path. Circuit breakers and logs go by it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, or serve one WebSocket.

        `scope` is clean already: no cookie, no inbound credentials, the person's token attached; `root_path` is
        `/api/<app>`. Raises `BackendUnavailable` when the BFF cannot be reached and nothing has been answered.
        """
