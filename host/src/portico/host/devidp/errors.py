"""How the development provider refuses: on a page, back at the client, or as JSON."""

from __future__ import annotations

from portico.host.errors import HostError


class PageRefusal(HostError):
    """Refused before the redirect URI is known to be the client's: told on a page, never by a redirect."""

    code = "dev-provider-page"


class RedirectRefusal(HostError):
    """Refused at the client's own redirect URI, with an `error` of OAuth or OpenID Connect."""

    code = "dev-provider-redirect"

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class TokenRefusal(HostError):
    """Refused as the JSON of RFC 6749, 5.2 (or a bearer challenge, RFC 6750); `status` is 400 or 401."""

    code = "dev-provider-token"

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
