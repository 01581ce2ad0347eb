"""`POST /auth/backchannel-logout`: the provider ends sessions here (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.host.audit.host_audit import HostAudit
from portico.host.clock import Clock
from portico.host.session.errors import ProviderUnreachable, SignInError
from portico.host.session.logout_token import LogoutTokenVerifier, ProviderLogout
from portico.host.session.sessions import Sessions
from portico.host.session.settings import BACKCHANNEL_LOGOUT_PATH
from portico.sql import SqlError, Statement, UniqueViolation

_LARGEST = 32 * 1024  # bytes of a body
_NO_STORE = {"Cache-Control": "no-store"}
_FORM = "application/x-www-form-urlencoded"

_logger = logging.getLogger(__name__)


class BackchannelLogout:
    """Ends sessions by logout tokens, each of which works once, whichever replica it reaches."""

    def __init__(self, sessions: Sessions, verifier: LogoutTokenVerifier, *, clock: Clock, audit: HostAudit) -> None:
        self._sessions = sessions
        self._verifier = verifier
        self._clock = clock
        self._audit = audit

    def routes(self) -> list[Route]:
        """For the host's router."""
        return [Route(BACKCHANNEL_LOGOUT_PATH, self.end, methods=["POST"])]

    async def end(self, request: Request) -> Response:
        """200 when the sessions are over (or were before), else 400 that says why, as the specification has it."""
        try:
            logout = await self._verifier.logout(_token(await _body(request), request.headers.get("content-type", "")))
            ended = await self._end(logout)
        except UniqueViolation:
            await self._audit.not_signed_in("back-channel-logout", "used-before")
            return _refused("invalid_request", "this logout token has been used")
        except _NotALogout as error:
            return _refused("invalid_request", str(error))
        except ProviderUnreachable as error:
            _logger.warning("A logout token cannot be checked: %s", error)
            return _refused("server_error", "the token cannot be checked just now; try again")
        except SignInError as error:
            await self._audit.not_signed_in("back-channel-logout", error.code)
            return _refused("invalid_request", str(error))
        except SqlError as error:
            _logger.warning("A logout at the provider cannot be kept: %s", error)
            return _refused("server_error", "the sessions cannot be ended just now; try again")
        _logger.info("A logout at the provider ended %d sessions", len(ended))
        for session_id in ended:
            await self._audit.ended_by_provider(session_id, f"sub={logout.sub} sid={logout.sid}")
        return Response(status_code=200, headers=_NO_STORE)

    async def _end(self, logout: ProviderLogout) -> tuple[str, ...]:
        """End the sessions and remember the token, both or neither."""
        once = [
            Statement("DELETE FROM logout_token WHERE until <= $1", (int(self._clock()),)),
            Statement("INSERT INTO logout_token (id, until) VALUES ($1, $2)", (logout.token_id, logout.until)),
        ]
        return await self._sessions.end_at_provider(sub=logout.sub, sid=logout.sid, together=once)


class _NotALogout(Exception):
    """The request has no logout token in it."""


async def _body(request: Request) -> bytes:
    """The body, as far as a logout token can be long; raises _NotALogout beyond that."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise _NotALogout(f"a logout token has at most {_LARGEST} bytes")
    return body


def _token(body: bytes, content_type: str) -> str:
    """The one logout token in a form; raises _NotALogout."""
    if content_type.partition(";")[0].strip().lower() != _FORM:
        raise _NotALogout(f"a logout token is sent as {_FORM}")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=16)
    except ValueError as error:
        raise _NotALogout("the form cannot be read") from error
    tokens = [value for name, value in pairs if name == "logout_token"]
    if len(tokens) != 1 or not tokens[0].isascii():
        raise _NotALogout("exactly one logout_token is wanted")
    return tokens[0]


def _refused(error: str, description: str) -> Response:
    _logger.warning("A logout of the provider is refused: %s", description)
    return JSONResponse({"error": error, "error_description": description}, 400, _NO_STORE)
