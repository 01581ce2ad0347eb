"""Why there is no token for a BFF now."""

from __future__ import annotations

from portico.host.errors import HostError


class TokenUnavailable(HostError):
    """Nobody can issue the token at the moment, or not for this BFF; the session is as good as before."""

    code = "token-unavailable"


class SessionOver(HostError):
    """The provider grants this session nothing any more: the person must sign in again."""

    code = "session-over"
