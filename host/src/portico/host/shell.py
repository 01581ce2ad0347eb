"""The page of every path: which view it shows to this person, or what the shell itself says instead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from portico.host.audit.host_audit import HostAudit
from portico.host.document import Message, PageDocument
from portico.host.language import language_asked
from portico.host.page import TITLE, Decision, active_releases, decide
from portico.host.session import RawHeaders, Session
from portico.host.views import View


class Shell:
    """Answers every path that is neither an asset nor an API with the page of that path."""

    def __init__(
        self,
        *,
        view: Callable[[RawHeaders, Session | None], Awaitable[View]],
        identify: Callable[[RawHeaders], Awaitable[Session | None]],
        document: PageDocument,
        audit: HostAudit | None = None,
    ) -> None:
        self._view = view
        self._identify = identify
        self._document = document
        self._audit = audit

    async def page(self, request: Request) -> Response:
        """The document for one view: 200, or 401, 403, 404 with a page inside the shell."""
        person = await self._identify(request.headers.raw)
        if person is None and _comes_from_elsewhere(request):
            return _come_again(request)
        view = await self._view(request.headers.raw, person)
        path = request.url.path
        decision = decide(view.snapshot, person, path, language_asked(request).tag)
        if decision.status == 403 and person is not None and self._audit is not None:
            await self._audit.refused(person, "open", path, "role-required")
        active = active_releases(view.snapshot, person, path)
        message = _message(decision, request)
        return self._document.response(request, view, person, decision, active=active, message=message)


def _comes_from_elsewhere(request: Request) -> bool:
    """Whether a link on another site led here, so that the browser has held the SameSite=Strict cookie back."""
    headers = request.headers
    return headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") == "navigate"


def _come_again(request: Request) -> Response:
    """A page that asks for itself once more: that request is same-origin, so it carries the session if there is one."""
    query = f"?{request.url.query}" if request.url.query else ""
    # One leading slash: with two, the target would be another host's.
    target = f"/{quote(request.url.path).lstrip('/')}{query}"
    document = f'<!doctype html><meta http-equiv="refresh" content="0;url={escape(target)}"><title>{TITLE}</title>'
    return HTMLResponse(document, headers={"Cache-Control": "no-store"})


def _message(decision: Decision, request: Request) -> Message | None:
    match decision.status:
        case 200:
            return None
        case 401:
            query = f"?{request.url.query}" if request.url.query else ""
            return Message(
                "401",
                "Sign in to open this page",
                "It holds things that belong to a person. After signing in you come straight back here.",
                "Sign in",
                f"/auth/sign-in?return_to={quote(request.url.path + query, safe='')}",
            )
        case 403:
            return Message(
                "403",
                "This page is not open to you",
                "You are signed in, but your roles do not include it. If they should, ask whoever runs this site.",
                "Back to the start",
                "/",
            )
        case 404:
            return Message(
                "404",
                "There is no page here",
                "The address may be misspelt, or the page has moved or was retired.",
                "Back to the start",
                "/",
            )
