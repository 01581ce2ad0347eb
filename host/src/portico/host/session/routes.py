"""`/auth/sign-in`, `/auth/callback`, `/auth/sign-out`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from portico.host.audit.host_audit import HostAudit
from portico.host.session.attempts import LIFETIME_S, Attempt, LoginAttempts
from portico.host.session.browsers import browser_of
from portico.host.session.cookies import Cookies
from portico.host.session.errors import SignInError, SignInExpired, SignInUnavailable
from portico.host.session.grants import Grants
from portico.host.session.oidc import OidcClient
from portico.host.session.pages import error_page, onward_page, refused_form_page, still_signed_in_page
from portico.host.session.person import TokenSet
from portico.host.session.return_to import HOME, safe_return_to
from portico.host.session.sealing import SealBroken
from portico.host.session.sessions import Sessions
from portico.host.session.settings import CALLBACK_PATH, SIGN_IN_PATH, SIGN_OUT_PATH, SessionSettings
from portico.sql import SqlError

_NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_MOST_ATTEMPTS = 8  # under way in one browser; cookies have little room
_MOST_CLEARED = 32  # at once; a browser with more than that has had help

_logger = logging.getLogger(__name__)


class SignInRoutes:
    """The way in and out."""

    def __init__(
        self,
        settings: SessionSettings,
        *,
        sessions: Sessions,
        attempts: LoginAttempts,
        oidc: OidcClient,
        grants: Grants,
        audit: HostAudit,
    ) -> None:
        self._base_url = settings.base_url
        self._cookies = Cookies(secure=settings.is_secure)
        self._sessions = sessions
        self._attempts = attempts
        self._oidc = oidc
        self._grants = grants
        self._audit = audit

    def routes(self) -> list[Route]:
        """For the host's router."""
        return [
            Route(SIGN_IN_PATH, self.sign_in, methods=["GET"]),
            Route(CALLBACK_PATH, self.callback, methods=["GET"]),
            Route(SIGN_OUT_PATH, self.sign_out, methods=["POST"]),
        ]

    async def sign_in(self, request: Request) -> Response:
        """Begin an attempt and send the person to the provider."""
        return_to = safe_return_to(request.query_params.get("return_to"))
        try:
            state, secret, attempt = await self._attempts.begin(return_to)
            url = await self._oidc.authorization_url(state, attempt)
        except SignInError as error:
            return _failed(request, error, return_to)
        except SqlError as error:
            return _failed(request, SignInUnavailable(str(error)), return_to)
        response = RedirectResponse(url, 303, _NO_STORE)
        under_way = self._cookies.attempts(request.scope["headers"])
        for name in under_way[: max(0, len(under_way) + 1 - _MOST_ATTEMPTS)][:_MOST_CLEARED]:
            self._cookies.clear_attempt_named(response, name)
        self._cookies.set_attempt(response, state, secret, LIFETIME_S)
        return response

    async def callback(self, request: Request) -> Response:
        """The provider's answer: a new session, whatever the browser held before, and on to where it was going."""
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        answer = dict(pairs)
        state, return_to = answer.get("state", ""), HOME
        try:
            if len(answer) != len(pairs):
                raise SignInExpired("the provider's answer has a parameter twice")
            secret = self._cookies.attempt(request.scope["headers"], state)
            if secret is None:
                raise SignInExpired("this browser has no login attempt of that state")
            attempt = await self._attempts.end(state, secret)
            return_to = attempt.return_to
            response = await self._signed_in(request, answer, attempt)
        except SealBroken as error:
            response = await self._refused(request, SignInExpired(str(error)), return_to)
        except SignInError as error:
            response = await self._refused(request, error, return_to)
        except SqlError as error:
            response = _failed(request, SignInUnavailable(str(error)), return_to)
        self._cookies.clear_attempt(response, state)
        return response

    async def _signed_in(self, request: Request, answer: Mapping[str, str], attempt: Attempt) -> Response:
        person, tokens = await self._oidc.person(answer, attempt)
        await self._sessions.end_presented(request.scope["headers"])
        secret, session = await self._sessions.create(
            person, tokens, browser=browser_of(request.headers.get("user-agent", ""))
        )
        await self._audit.session("sign-in", session)
        response = onward_page(request, "You are signed in", attempt.return_to)
        self._cookies.set_session(response, secret)
        return response

    async def _refused(self, request: Request, error: SignInError, return_to: str) -> Response:
        await self._audit.not_signed_in("sign-in", error.code)
        return _failed(request, error, return_to)

    async def sign_out(self, request: Request) -> Response:
        """End the session at once, here and then at the provider."""
        if not self._is_same_origin(request):
            return refused_form_page(request)
        try:
            session = await self._sessions.look_up(request.scope["headers"])
            tokens = await self._sessions.end_presented(request.scope["headers"])
        except SqlError as error:
            _logger.warning("Cannot sign out: %s", error)
            return still_signed_in_page(request)
        if session is not None:
            await self._audit.session("sign-out", session)
        url = await self._leave(tokens) if tokens else None
        response = onward_page(request, "You are signed out", url) if url else RedirectResponse(HOME, 303, _NO_STORE)
        self._cookies.clear_session(response)
        return response

    async def _leave(self, tokens: TokenSet) -> str | None:
        """Have the provider forget the refresh token; where the person signs out there too."""
        url, _ = await asyncio.gather(self._oidc.end_session_url(tokens), self._grants.revoke(tokens))
        return url

    def _is_same_origin(self, request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        return request.headers.get("origin") == self._base_url


def _failed(request: Request, error: SignInError, return_to: str) -> Response:
    _logger.warning("Sign-in failed (%s): %s", error.code, error)
    return error_page(request, error, return_to)
