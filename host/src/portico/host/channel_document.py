"""`/_portico/channel.json`: what a page that is open already needs in order to go on with what is live now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.host.document import PageDocument
from portico.host.language import language_asked
from portico.host.session import RawHeaders, Session
from portico.host.views import View

PATH = "/_portico/channel.json"


class ChannelDocument:
    """Answers who asks with their own side of the channel, overrides included, as a page loaded now would carry it."""

    def __init__(
        self,
        *,
        view: Callable[[RawHeaders, Session | None], Awaitable[View]],
        identify: Callable[[RawHeaders], Awaitable[Session | None]],
        document: PageDocument,
    ) -> None:
        self._view = view
        self._identify = identify
        self._document = document
        self.routes = (Route(PATH, self.latest),)

    async def latest(self, request: Request) -> Response:
        """`{"boot": {"revision", "user", "apps"}, "importMap"}`; see docs/reference/runtime.md."""
        person = await self._identify(request.headers.raw)
        view = await self._view(request.headers.raw, person)
        # In the language that a page made now would have: nearly always that of the page which asks.
        latest = self._document.latest(view, person, language_asked(request))
        headers = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
        return Response(latest, media_type="application/json", headers=headers)
