"""The provider's own cookie, and the check that a form comes from its own pages."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portico.host.devidp.config import DevProviderConfig
from portico.host.devidp.errors import PageRefusal
from portico.host.session import cookie_values


class LoginCookie:
    """Keeps the secret of a sign-in in the browser, for the provider's own paths alone."""

    name = "portico-dev-idp"

    def __init__(self, config: DevProviderConfig) -> None:
        self._origin = config.origin
        self._path = config.path
        self._secure = config.issuer.startswith("https:")

    def read(self, request: Request) -> str | None:
        """The secret that the browser holds."""
        values = cookie_values(request.headers.raw, self.name)
        return values[0] if values else None

    def set(self, response: Response, secret: str) -> None:
        """Give the browser a secret, until it closes. Lax: people arrive from the client's site."""
        response.set_cookie(self.name, secret, path=self._path, secure=self._secure, httponly=True, samesite="lax")

    def clear(self, response: Response) -> None:
        """Take the secret back."""
        response.delete_cookie(self.name, path=self._path, secure=self._secure, httponly=True, samesite="lax")

    def check_same_origin(self, request: Request) -> None:
        """Raise PageRefusal unless the browser says that this form was on one of the provider's pages."""
        site = request.headers.get("sec-fetch-site")
        same = site == "same-origin" if site is not None else request.headers.get("origin") == self._origin
        if not same:
            raise PageRefusal("This form was not sent from the sign-in page.")
