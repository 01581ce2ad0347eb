"""What people read on their way in and out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from portico.host.language import language_asked
from portico.host.plain import PlainPages
from portico.host.session.errors import (
    ProviderDistrusted,
    ProviderUnreachable,
    SignInError,
    SignInExpired,
    SignInRefused,
    SignInUnavailable,
)
from portico.host.session.settings import SIGN_IN_PATH

_pages = PlainPages("portico.host.session")


@dataclass(frozen=True, slots=True)
class _Notice:
    status: int
    title: str
    text: str


_NOTICES: dict[type[SignInError], _Notice] = {
    SignInExpired: _Notice(
        400, "This sign-in is no longer valid", "It took too long, was already used, or began in another browser."
    ),
    SignInRefused: _Notice(403, "You were not signed in", "The sign-in was cancelled or not allowed."),
    ProviderUnreachable: _Notice(
        503, "Signing in is not possible right now", "The sign-in service does not answer. Try again in a moment."
    ),
    SignInUnavailable: _Notice(503, "Signing in is not possible right now", "Try again in a moment."),
    ProviderDistrusted: _Notice(
        502, "You were not signed in", "The sign-in service gave an answer that could not be trusted."
    ),
}
_OTHER = _Notice(500, "You were not signed in", "Something went wrong on our side.")


def error_page(request: Request, error: SignInError, return_to: str) -> Response:
    """What went wrong, in plain words, with a way to try again that leads back to `return_to`."""
    notice = _NOTICES.get(type(error), _OTHER)
    again = f"{SIGN_IN_PATH}?return_to={quote(return_to, safe='/')}"
    response = _pages.response(
        "notice.html.j2",
        status=notice.status,
        language=language_asked(request),
        title=notice.title,
        text=notice.text,
        href=again,
        label="Try again",
    )
    if notice.status == 503:
        response.headers["Retry-After"] = "5"
    return response


def still_signed_in_page(request: Request) -> Response:
    """For a sign-out that the store could not keep."""
    return _pages.response(
        "notice.html.j2",
        status=503,
        language=language_asked(request),
        title="You are still signed in",
        text="Signing out is not possible right now. Go back and try again in a moment.",
        href="/",
        label="Go to the start page",
    )


def refused_form_page(request: Request) -> Response:
    """For a form that another site sent in somebody's name."""
    return _pages.response(
        "notice.html.j2",
        status=403,
        language=language_asked(request),
        title="Nothing was changed",
        text="This request did not come from a page of this site.",
        href="/",
        label="Go to the start page",
    )


def onward_page(request: Request, title: str, url: str) -> Response:
    """A page that goes to `url` by itself, without a script.

    A redirect would not do. After signing in, the browser still counts it as coming from the provider's site and keeps
    the SameSite=Strict cookie back. After a sign-out form, it would hold the provider's further redirects to the
    page's `form-action`.
    """
    return _pages.response("onward.html.j2", language=language_asked(request), title=title, url=url)
